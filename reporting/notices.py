"""Telling the people of a queue that something new waits: never what, where or how much."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from wagtail.users.models import UserProfile

from home.models import User
from reporting import audience, breaker, endpoints, line_links
from reporting.channels import Result, line, mail
from reporting.models import LineNotice, Notice, Owed, Report, Telling
from reporting.models.telling import next_digest
from reporting.sealing import SealingUnavailable
from work import schedules

# A queue that fills fast must not fill a mailbox. Danger does not wait, unless the queue is
# flooded: whoever floods it can say that there is danger.
QUIET = timedelta(minutes=15)
SCHEDULE, LINE_SCHEDULE = "mail to staff", "LINE to staff"


class NoticeNotSent(Exception):
    """A server refused or was away; whoever was not told is still owed a notice."""


def announce(report: Report, event: str = "receive", *, by: int | None = None) -> None:
    """Owes a notice to everybody who hears of what happened to a report; see audience.py.

    A report that concerns a local official lies in HQ's queue, so HQ alone hears of it. Owing
    twice is owing once.
    """
    people = audience.audience(report, event, but=by)
    is_pressing = report.is_urgent and not breaker.is_flooded(report.centre_id)
    _owe(Notice, people, is_pressing=is_pressing)
    if line.can_send():
        # Besides the mail: LINE does not say whether somebody has blocked us.
        _owe(LineNotice, line_links.linked_among(people), is_pressing=is_pressing)
        schedules.hurry(LINE_SCHEDULE)
    schedules.hurry(SCHEDULE)
    endpoints.owe(report, event)


def _owe(way: type[Owed], people: list[User], *, is_pressing: bool) -> None:
    now = timezone.now()
    hours = _digest_hours(person.pk for person in people)
    # Danger is another message than the one that may be on its way.
    pressing = ["is_owed", "not_before", *way.of_a_new_message()]
    # One statement: whoever clears away what is spent must not come in between.
    way.objects.bulk_create(
        [
            way(user=person, not_before=now if is_pressing else _after(now, hours, person.pk))
            for person in people
        ],
        update_conflicts=True,
        unique_fields=["user"],
        update_fields=pressing if is_pressing else ["is_owed"],
    )


def send_owed() -> None:
    """Sends what is owed and may be sent; at most one a person and way in QUIET, danger apart.

    Raises NoticeNotSent when at least one could not be sent; those are tried again after QUIET.
    """
    by_mail = partial(mail.send, connection=get_connection())
    if not _send_all(Notice, lambda notice, *words: by_mail(notice.user.email, *words)):
        raise NoticeNotSent from None


def send_owed_by_line() -> None:
    """The same by LINE, as a task of its own: while LINE is silent, nobody's mail rests with it.

    Raises NoticeNotSent.
    """
    # What LINE answers to one it answers to the others.
    if not _send_all(LineNotice, _by_line, ends_at_failure=True):
        raise NoticeNotSent from None


def _send_all(
    way: type[Owed], send: Callable[[Any, str, str], Result], *, ends_at_failure: bool = False
) -> bool:
    """Whether nothing went wrong. What was not tried is still owed, now."""
    now = timezone.now()
    _clear_spent(way)
    owed = list(way.objects.owed_at(now).select_related("user"))
    languages = _languages(notice.user_id for notice in owed)
    hours = _digest_hours(notice.user_id for notice in owed)
    is_all_sent = True
    for notice in owed:
        # The mark comes first and only one can set it: killed in between, the notice stays owed.
        mine = way.objects.filter(pk=notice.pk, is_owed=True, not_before=notice.not_before)
        sent_at = timezone.now()
        if not mine.update(not_before=sent_at + QUIET):
            continue
        with translation.override(languages.get(notice.user_id) or settings.LANGUAGE_CODE):
            result = send(notice, *_words())
        if result is not Result.RETRY:
            # Danger that came meanwhile has moved the time, and is still owed. What else came is
            # there for whoever follows this message.
            wait = max(sent_at + QUIET, _after(sent_at, hours, notice.user_id))
            sent = way.objects.filter(pk=notice.pk, not_before=sent_at + QUIET)
            sent.update(is_owed=False, not_before=wait, **way.of_a_new_message())
            continue
        is_all_sent = False
        if ends_at_failure:
            break
    return is_all_sent


@transaction.atomic
def _clear_spent(way: type[Owed]) -> None:
    spent = way.objects.spent_at(timezone.now()).select_for_update()
    # Locked first: Django deletes what it looked up, though it be owed again by then.
    way.objects.filter(pk__in=[notice.pk for notice in spent]).delete()


def _words() -> tuple[str, str]:
    """All that is ever said, by every way."""
    return (
        _("Something new waits for you in NTS-Mekong Watch. Please sign in:"),
        settings.WAGTAILADMIN_BASE_URL + reverse("wagtailadmin_home"),
    )


def _by_line(notice: LineNotice, sentence: str, url: str) -> Result:
    """GONE also for who took the link back meanwhile, and when LINE was switched off."""
    try:
        address = line_links.address_of(notice.user_id) if line.can_send() else None
    except SealingUnavailable:
        return Result.RETRY
    if address is None:
        return Result.GONE
    return line.send(address, sentence, url, retry_key=notice.retry_key)


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
