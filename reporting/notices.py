"""Telling the people of a queue that something new waits: never what, where or how much."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from wagtail.users.models import UserProfile

from home.models import User
from reporting import audience, breaker, endpoints
from reporting.channels import Result, mail
from reporting.models import Notice, Report, Telling
from reporting.models.telling import next_digest
from work import schedules

# A queue that fills fast must not fill a mailbox. Danger does not wait, unless the queue is
# flooded: whoever floods it can say that there is danger.
QUIET = timedelta(minutes=15)
SCHEDULE = "mail to staff"


class NoticeNotSent(Exception):
    """The mail server refused or was away; whoever was not told is still owed a notice."""


def announce(report: Report, event: str = "receive", *, by: int | None = None) -> None:
    """Owes a notice to everybody who hears of what happened to a report; see audience.py.

    A report that concerns a local official lies in HQ's queue, so HQ alone hears of it. Owing
    twice is owing once.
    """
    people = audience.audience(report, event, but=by)
    now = timezone.now()
    hours = _digest_hours(person.pk for person in people)
    is_pressing = report.is_urgent and not breaker.is_flooded(report.centre_id)
    # One statement: whoever clears away what is spent must not come in between.
    Notice.objects.bulk_create(
        [
            Notice(user=person, not_before=now if is_pressing else _after(now, hours, person.pk))
            for person in people
        ],
        update_conflicts=True,
        unique_fields=["user"],
        update_fields=["is_owed", "not_before"] if is_pressing else ["is_owed"],
    )
    schedules.hurry(SCHEDULE)
    endpoints.owe(report, event)


def send_owed() -> None:
    """Sends what is owed and may be sent; at most one mail a person in QUIET, danger apart.

    Raises NoticeNotSent when at least one could not be sent; those are tried again after QUIET.
    """
    now = timezone.now()
    _clear_spent()
    owed = list(Notice.objects.owed_at(now).select_related("user"))
    languages = _languages(notice.user_id for notice in owed)
    hours = _digest_hours(notice.user_id for notice in owed)
    connection = get_connection()
    failed = 0
    for notice in owed:
        # The mark comes first and only one can set it: killed in between, the notice stays owed.
        mine = Notice.objects.filter(pk=notice.pk, is_owed=True, not_before=notice.not_before)
        sent_at = timezone.now()
        if not mine.update(not_before=sent_at + QUIET):
            continue
        if _send(notice.user, languages.get(notice.user_id), connection) is Result.OK:
            # Danger that came meanwhile has moved the time, and is still owed. What else came is
            # there for whoever follows this mail.
            wait = max(sent_at + QUIET, _after(sent_at, hours, notice.user_id))
            sent = Notice.objects.filter(pk=notice.pk, not_before=sent_at + QUIET)
            sent.update(is_owed=False, not_before=wait)
        else:
            failed += 1
    if failed:
        raise NoticeNotSent from None


@transaction.atomic
def _clear_spent() -> None:
    spent = Notice.objects.spent_at(timezone.now()).select_for_update()
    # Locked first: Django deletes what it looked up, though it be owed again by then.
    Notice.objects.filter(pk__in=[notice.pk for notice in spent]).delete()


def _send(person: User, language: str | None, connection: Any) -> Result:
    with translation.override(language or settings.LANGUAGE_CODE):
        return mail.send(
            person.email,
            _("Something new waits for you in NTS-Mekong Watch. Please sign in:"),
            settings.WAGTAILADMIN_BASE_URL + reverse("wagtailadmin_home"),
            connection=connection,
        )


def _after(now: datetime, hours: dict[int, int], person: int) -> datetime:
    """From when a person may be told of what is new now: at once, or at the hour they chose."""
    return next_digest(hours[person], now) if person in hours else now


def _digest_hours(people: Iterable[int]) -> dict[int, int]:
    """The hours of those who want one mail a day."""
    chosen = Telling.objects.filter(user__in=list(people), digest_hour__isnull=False)
    hours = chosen.values_list("user_id", "digest_hour")
    return {person: hour for person, hour in hours if hour is not None}


def _languages(people: Iterable[int]) -> dict[int, str]:
    """The language that each person chose for the admin."""
    profiles = UserProfile.objects.filter(user__in=list(people)).exclude(preferred_language="")
    return dict(profiles.values_list("user_id", "preferred_language"))
