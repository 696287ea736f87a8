"""How this project wants allauth to behave: no sign-up, no addresses, mail by the worker."""

import base64
import hashlib
import time
from collections.abc import Iterator
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.ratelimit import respond_429
from allauth.mfa import app_settings as factor_settings
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import browsers, guessing, second_factor
from accounts.letters import Letter, post

# allauth's mails, and which letter of ours stands for each.
LETTERS = {
    "account/email/password_changed": Letter.PASSWORD_CHANGED,
    "account/email/password_reset": Letter.PASSWORD_CHANGED,
    "account/email/password_set": Letter.PASSWORD_CHANGED,
    "mfa/email/totp_activated": Letter.FACTOR_ADDED,
    "mfa/email/webauthn_added": Letter.FACTOR_ADDED,
    "mfa/email/totp_deactivated": Letter.FACTOR_REMOVED,
    "mfa/email/webauthn_removed": Letter.FACTOR_REMOVED,
    "mfa/email/recovery_codes_generated": Letter.CODES_MADE,
}
MESSAGES = {
    "account/messages/password_changed.txt": _(
        "Your password is changed. You are signed out everywhere else."
    ),
    "mfa/messages/totp_activated.txt": _("Your app is set up."),
    "mfa/messages/webauthn_added.txt": _("Your security key is set up."),
    "mfa/messages/totp_deactivated.txt": _("The app is removed."),
    "mfa/messages/webauthn_removed.txt": _("The security key is removed."),
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("This user name and password do not fit together."),
        "incorrect_password": _("This is not your password."),
        "enter_current_password": _("This is not your password."),
        "incorrect_code": _("This code is not right, or was used already."),
        "invalid_password_reset": _("This link was used already or is too old."),
        "too_many_login_attempts": _("Too many attempts. Wait ten minutes, then try again."),
    }
    reauthentication_words = {
        "mfa_reauthenticate": _("With the app or a recovery code"),
        "mfa_reauthenticate:webauthn": _("With the security key"),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return guessing.network(request)

    def get_http_user_agent(self, request: HttpRequest) -> str:
        return ""

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Counts guesses at a name; a browser that the person used before is counted apart.

        So guessers everywhere cannot shut a person out of their own telephone or PC.
        """
        username = credentials.get("username", "")
        if browsers.is_known(request, username):
            return f"{username}:{request.COOKIES[browsers.COOKIE]}"
        return username

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as refusal:
            raise ImmediateHttpResponse(respond_429(request)) from refusal

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if not browsers.is_known(request, user.username):
            post(Letter.NEW_BROWSER, user)
        browsers.remember(request, response, user.username)
        return response

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Says what the page that follows does not show by itself, and no more."""
        if words := message or MESSAGES.get(message_template or ""):
            messages.add_message(request, level, words)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("wagtailadmin_account")

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Any,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        post(LETTERS[template_prefix], user)

    def send_password_reset_mail(self, user: Any, email: str, context: dict[str, Any]) -> None:
        post(Letter.PASSWORD_RESET, user)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """A first factor needs no second look at the password that was typed a moment ago."""
        request = context.request
        if second_factor.has_factor(request.user):
            return True
        records = get_authentication_records(request, request.user)
        typed = [record["at"] for record in records if record.get("method") == "password"]
        return not typed or time.time() - typed[-1] > app_settings.REAUTHENTICATION_TIMEOUT

    def get_reauthentication_methods(self, user: Any) -> list[dict]:
        """Whoever has a second factor confirms with it: a password alone changes no factor."""
        methods: list[dict] = super().get_reauthentication_methods(user)
        for method in methods:
            words = self.reauthentication_words
            method["description"] = words.get(method["id"], method["description"])
        return [one for one in methods if one["id"] != "reauthenticate"] or methods


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets of apps and recovery codes are encrypted, so that a stolen database opens nothing."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right, or was used already."),
        "cannot_delete_authenticator": _(
            "Your account needs a second factor. Set up another one before you remove this one."
        ),
    }

    def get_totp_label(self, user: Any) -> str:
        return str(user.username)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Browsers show the name beside the key; a key opens the host it was set up on alone."""
        return {
            **super().get_public_key_credential_rp_entity(),
            "name": factor_settings.TOTP_ISSUER,
        }

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        """The user name alone: what a key keeps can be read by whoever finds it."""
        entity = super().get_public_key_credential_user_entity(user)
        return {**entity, "name": user.username, "display_name": user.username}

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        number = user.authenticator_set.filter(type=type).count() + 1
        return gettext("Key %(number)s") % {"number": number}

    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What was encrypted. Under a lost key it is nonsense, which no code fits: a refusal."""
        try:
            return _fernet().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return base64.b32encode(Fernet.generate_key()[:20]).decode()

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        if not settings.SECOND_FACTOR_REQUIRED:
            return True
        others = authenticator.user.authenticator_set.exclude(pk=authenticator.pk)
        return bool(others.filter(type__in=second_factor.FACTORS).exists())


def _fernet() -> MultiFernet:
    return MultiFernet(list(_keys()))


def _keys() -> Iterator[Fernet]:
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        key = hashlib.sha256(b"accounts.second-factor:" + force_bytes(secret)).digest()
        yield Fernet(base64.urlsafe_b64encode(key))
