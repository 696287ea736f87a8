"""What HQ does with accounts, and a chief with a new colleague's.

Each verb checks the right, leaves an entry in the log, and tells whom it concerns by mail where
that protects them.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.users.models import UserProfile

from accounts import sessions
from accounts.history import record
from accounts.letters import Letter, post
from accounts.models import AccountLog
from accounts.permissions import accounts_managed_by, manages_accounts, may_act_on
from home.models import User
from reporting import line_links
from reporting.models import Membership
from reporting.permissions import membership_policy

Action = AccountLog.Action
FIELDS = ("first_name", "last_name", "email")


@transaction.atomic
def invite(details: dict[str, str], *, by: User) -> User:
    """Makes an account without a password and mails its owner how to choose one."""
    if not manages_accounts(by):
        raise PermissionDenied
    return _invited(details, by=by)


@transaction.atomic
def invite_colleague(details: dict[str, Any], *, by: User) -> User:
    """A chief's invitation: into their own centre, with a role from today on."""
    role, centre = details["role"], details["centre"]
    if not membership_policy.may_invite_as(by, role, centre):
        raise PermissionDenied
    person = _invited(details, by=by)
    Membership.objects.create(user=person, role=role, centre=centre)
    return person


def _invited(details: dict[str, Any], *, by: User) -> User:
    person = User(username=details["username"], **{name: details[name] for name in FIELDS})
    person.set_unusable_password()
    person.save()
    _choose_language(person, details["language"])
    record(Action.INVITE, person, by=by)
    post(Letter.INVITATION, person)
    return person


@transaction.atomic
def edit(person: User, details: dict[str, str], *, by: User) -> User:
    """Changes name, mail address and language. The address until now is told of its end."""
    person = _locked(person)
    if not accounts_managed_by(by).filter(pk=person.pk).exists():
        raise PermissionDenied
    changed = [name for name in FIELDS if getattr(person, name) != details[name]]
    former = person.email
    for name in changed:
        setattr(person, name, details[name])
    person.save(update_fields=FIELDS)
    if _choose_language(person, details["language"]):
        changed.append("language")
    if not changed:
        return person
    data: dict[str, Any] = {"fields": changed}
    if "email" in changed and former:
        data["former_mail"] = former
    entry = record(Action.EDIT, person, by=by, **data)
    if "former_mail" in data:
        post(Letter.MAIL_CHANGED, person, entry=entry)
    return person


class Step(NamedTuple):
    """One thing done to an account: what it is called, what follows, and whether it is open."""

    label: str | Promise
    question: str | Promise
    run: Callable[[User], None]
    is_open: Callable[[User], bool]
    needs_reason: bool = False


def _invite_again(person: User) -> None:
    post(Letter.INVITATION, person)


def _end_sessions(person: User) -> None:
    sessions.end_all(person)


def _deactivate(person: User) -> None:
    person.is_active = False
    person.save(update_fields=["is_active"])
    sessions.end_all(person)
    line_links.unlink(person)


def _activate(person: User) -> None:
    person.is_active = True
    person.save(update_fields=["is_active"])


def _reset_factor(person: User) -> None:
    Authenticator.objects.filter(user=person).delete()
    sessions.end_all(person)
    line_links.unlink(person)  # whoever had the account may have linked a telephone of theirs
    post(Letter.FACTOR_RESET, person)


def _has_factor(person: User) -> bool:
    return Authenticator.objects.filter(user=person).exists()


STEPS = {
    Action.INVITE: Step(
        _("Send the invitation again"),
        _("The person gets a new address where they choose their password."),
        _invite_again,
        lambda person: person.is_active and bool(person.email) and not person.last_login,
    ),
    Action.END_SESSIONS: Step(
        _("End all sessions"),
        _("The person is signed out on every device and signs in again."),
        _end_sessions,
        lambda person: person.is_active and bool(person.last_login),
    ),
    Action.RESET_FACTOR: Step(
        _("Remove the second factor"),
        _(
            "Only when the person lost it and you know that it is they who ask. They are signed "
            "out, told by mail, and set up a new one."
        ),
        _reset_factor,
        _has_factor,
        needs_reason=True,
    ),
    Action.DEACTIVATE: Step(
        _("Close the account"),
        _("The person is signed out and cannot sign in. What they did stays on record."),
        _deactivate,
        lambda person: person.is_active,
        needs_reason=True,
    ),
    Action.ACTIVATE: Step(
        _("Open the account again"),
        _("The person can sign in again, with the roles that they still hold."),
        _activate,
        lambda person: not person.is_active,
    ),
}


class StepNotOpen(Exception):
    """The account has changed in the meantime, and the step means nothing any more."""


@transaction.atomic
def take(name: str, person: User, *, by: User, reason: str = "") -> User:
    """Takes a step with somebody's account, on its locked row, and records who did it and why.

    Raises PermissionDenied for whoever may not, and StepNotOpen when there is nothing to do.
    """
    step = STEPS[Action(name)]
    person = _locked(person)
    if not may_act_on(by, person):
        raise PermissionDenied
    if not step.is_open(person):
        raise StepNotOpen(name)
    record(name, person, by=by, reason=reason)
    step.run(person)
    return person


def _locked(person: User) -> User:
    # no_key: whoever adds to the log names people in it, and must not wait here for us, who wait
    # for the log.
    return User.objects.select_for_update(no_key=True).get(pk=person.pk)


def _choose_language(person: User, language: str) -> bool:
    profile = UserProfile.get_for_user(person)
    if profile.preferred_language == language:
        return False
    profile.preferred_language = language
    profile.save(update_fields=["preferred_language"])
    return True
