"""An account in words."""

from typing import Any, NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.letters import language_of
from home.dates import format_day
from home.models import User
from reporting.models import Membership


class Fact(NamedTuple):
    label: str
    value: str


class Row(NamedTuple):
    """A person in the list."""

    url: str
    username: str
    name: str
    roles: list[str]
    factor: str
    last_seen: str
    state: str
    is_active: bool


class Holding(NamedTuple):
    """A role that the person holds, held or will hold."""

    pk: int
    role: str
    days: str


def holding_of(membership: Membership) -> Holding:
    return Holding(membership.pk, role_words(membership), days_of(membership))


def days_of(membership: Membership) -> str:
    start = format_day(membership.starts_on)
    if membership.ends_on is None:
        return _("from %(day)s") % {"day": start}
    end = format_day(membership.ends_on)
    return _("from %(start)s until %(end)s") % {"start": start, "end": end}


def row_of(person: Any) -> Row:
    """`person` comes with has_factor and roles_today (accounts.views.people)."""
    return Row(
        url=reverse("accounts:person", args=[person.pk]),
        username=person.username,
        name=person.get_full_name(),
        roles=[role_words(membership) for membership in person.roles_today],
        factor=factor_words(person),
        last_seen=_last_sign_in(person),
        state=_state(person),
        is_active=person.is_active,
    )


def facts_of(person: Any) -> list[Fact]:
    languages = dict(settings.LANGUAGES)
    return [
        Fact(_("Name"), person.get_full_name() or "–"),
        Fact(_("Mail address"), person.email or _("none: no letter reaches this person")),
        Fact(_("Language"), str(languages.get(language_of(person), ""))),
        Fact(_("Account"), _state(person)),
        Fact(_("Second factor"), factor_words(person)),
        Fact(_("Last sign-in"), _last_sign_in(person)),
    ]


def role_words(membership: Membership) -> str:
    if membership.centre is None:
        return str(membership.get_role_display())
    return f"{membership.get_role_display()}, {membership.centre.district.name}"


def _state(person: User) -> str:
    if not person.is_active:
        return _("closed")
    return _("open") if person.has_usable_password() else _("invited")


def factor_words(found: Any) -> str:
    """`found`, a person or a membership, comes with has_factor."""
    return _("set up") if found.has_factor else _("none yet")


def _last_sign_in(person: User) -> str:
    if person.last_login is None:
        return _("never")
    return format_day(timezone.localtime(person.last_login).date())
