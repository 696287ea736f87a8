"""Mail to a person about their own account. It names no address, no browser and no password."""

from smtplib import SMTPException

from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.db import models
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from wagtail.users.models import UserProfile

from accounts.models import AccountLog
from home.models import User


class LetterNotSent(Exception):
    """The mail server did not take a letter. It does not say whose: messages end in logs."""


class Letter(models.TextChoices):
    """Each letter with its subject."""

    INVITATION = "invitation", _("Your account")
    PASSWORD_RESET = "password_reset", _("Choose a new password")
    PASSWORD_CHANGED = "password_changed", _("Your password was changed")
    NEW_BROWSER = "new_browser", _("Your account was signed in to from a new browser")
    FACTOR_ADDED = "factor_added", _("A second factor was set up")
    FACTOR_REMOVED = "factor_removed", _("A second factor was removed")
    FACTOR_RESET = "factor_reset", _("Your second factor was reset")
    CODES_MADE = "codes_made", _("New recovery codes were made")
    MAIL_CHANGED = "mail_changed", _("Your mail address was changed")


SENTENCES = {
    Letter.INVITATION: _(
        "An account was made for you. Choose your password at the address below. The address "
        "works once, and for three days."
    ),
    Letter.PASSWORD_RESET: _(
        "Somebody asked for a new password for your account. If it was you, choose it at the "
        "address below. It works once, and for three days. If it was not you, do nothing."
    ),
    Letter.PASSWORD_CHANGED: _("The password of your account was changed just now."),
    Letter.NEW_BROWSER: _(
        "Somebody signed in to your account just now, from a browser that was not used for it "
        "before."
    ),
    Letter.FACTOR_ADDED: _("A second factor was set up for your account just now."),
    Letter.FACTOR_REMOVED: _("A second factor was removed from your account just now."),
    Letter.FACTOR_RESET: _(
        "The project office removed the second factor of your account. Set up a new one when you "
        "sign in."
    ),
    Letter.CODES_MADE: _("New recovery codes were made for your account. The old ones are void."),
    Letter.MAIL_CHANGED: _(
        "Your account was given another mail address. You get no more mail at this one."
    ),
}
WITH_LINK = frozenset({Letter.INVITATION, Letter.PASSWORD_RESET})


def post(letter: Letter, user: User, *, entry: AccountLog | None = None) -> None:
    """Has a letter sent by the worker, which is told nothing but what it is and to whom, by id."""
    from accounts.tasks import send_letter

    if user.email or entry:
        send_letter.enqueue(letter.value, user.pk, entry.pk if entry else None)


def send(letter: Letter, user: User, *, to: str) -> None:
    """Writes a letter in the person's language and hands it to the mail server.

    Raises LetterNotSent when that refuses it.
    """
    with override(language_of(user)):
        text = render_to_string(
            "accounts/letter.txt",
            {
                "sentence": SENTENCES[letter],
                "username": user.username,
                "link": password_link(user) if letter in WITH_LINK else "",
                "is_alarm": letter not in WITH_LINK,
                "site": settings.WAGTAIL_SITE_NAME,
            },
        )
        subject = f"{settings.WAGTAIL_SITE_NAME}: {letter.label}"
    try:
        send_mail(subject, text, None, [to])
    except (SMTPException, OSError) as refusal:
        raise LetterNotSent(type(refusal).__name__) from None


def password_link(user: User) -> str:
    """An address that sets the person's password, once, within PASSWORD_RESET_TIMEOUT.

    It starts from BASE_URL and never from what a request says its host was.
    """
    path = reverse(
        "account_reset_password_from_key",
        kwargs={
            "uidb36": user_pk_to_url_str(user),
            "key": default_token_generator.make_token(user),
        },
    )
    return settings.WAGTAILADMIN_BASE_URL.rstrip("/") + path


def language_of(user: User) -> str:
    """The language that the person chose, else the office's."""
    profile = UserProfile.objects.filter(user=user).first()
    return (profile and profile.preferred_language) or settings.LANGUAGE_CODE
