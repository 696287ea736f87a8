"""What must hold of every deadline: in any zone, over month ends, leap days, changed clocks."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import example, given
from hypothesis import strategies as st

from reporting.deadlines import due_at, start_clock
from reporting.models import Category, Escalation, Report, ReportingSettings, Status
from reporting.models.category import MOST_DAYS, MOST_HOURS
from reporting.models.report import OPEN_STATUSES
from reporting.views import staff_words

ZONES = [
    ZoneInfo(name)
    for name in ("Asia/Bangkok", "UTC", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati")
]
# With month ends, leap days and the days on which New York changes its clocks.
EDGES = [
    datetime(2027, 12, 31, 16, 59, 59, tzinfo=UTC),
    datetime(2028, 2, 28, 17, 0, tzinfo=UTC),
    datetime(2028, 2, 29, 23, 0, tzinfo=UTC),
    datetime(2027, 3, 14, 6, 59, tzinfo=UTC),
    datetime(2027, 11, 7, 5, 30, tzinfo=UTC),
]
moments = st.one_of(
    st.sampled_from(EDGES),
    st.datetimes(
        datetime(2026, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC), allow_imaginary=False
    ),
)
hours, days = st.integers(1, MOST_HOURS), st.integers(1, MOST_DAYS)
CLOCKS = {
    "moderate_hours": hours,
    "moderate_hours_urgent": hours,
    "check_hours": hours,
    "answer_days": days,
    "countersign_hours": hours,
    "close_days": days,
}
settings = st.builds(ReportingSettings, **CLOCKS)
categories = st.none() | st.builds(
    Category, **{name: st.none() | clock for name, clock in CLOCKS.items()}
)
reports = st.builds(
    Report,
    status=st.sampled_from(OPEN_STATUSES),
    is_urgent=st.booleans(),
    category=categories,
    opened_at=moments,
)


@given(reports, settings, moments, st.sampled_from(ZONES))
def test_a_deadline_is_one_moment_whatever_zone_its_beginning_is_told_in(
    report, clocks, since, zone
):
    told = due_at(report, since=since, clocks=clocks)
    report.opened_at = report.opened_at.astimezone(zone)
    assert due_at(report, since=since.astimezone(zone), clocks=clocks) == told


@given(settings, moments, st.sampled_from(ZONES))
@example(ReportingSettings(moderate_hours=24), EDGES[3] - timedelta(hours=3), ZONES[2])
@example(ReportingSettings(moderate_hours=24), EDGES[1], ZONES[0])
def test_a_day_has_twenty_four_hours_over_month_ends_leap_days_and_changed_clocks(
    clocks, since, zone
):
    report = Report(status=Status.RECEIVED, opened_at=since)
    due = due_at(report, since=since.astimezone(zone), clocks=clocks)
    whole = timedelta(days=clocks.close_days)
    assert due.astimezone(UTC) - since == min(whole, timedelta(hours=clocks.moderate_hours))


@given(reports, settings, moments)
def test_danger_never_waits_longer_than_the_same_without(report, clocks, since):
    report.is_urgent = False
    ordinary = due_at(report, since=since, clocks=clocks)
    report.is_urgent = True
    assert due_at(report, since=since, clocks=clocks) <= ordinary


@given(reports, settings, moments)
def test_no_stage_outlasts_the_whole_report(report, clocks, since):
    due = due_at(report, since=since, clocks=clocks)
    own_days = report.category.close_days if report.category else None
    assert due <= report.opened_at + timedelta(days=own_days or clocks.close_days)


@given(reports, settings, moments, st.integers(1, 10**8))
def test_a_stage_that_begins_later_never_ends_earlier(report, clocks, since, seconds):
    later = since + timedelta(seconds=seconds)
    first = due_at(report, since=since, clocks=clocks)
    assert first <= due_at(report, since=later, clocks=clocks)


@given(reports, settings, moments)
def test_what_is_finished_has_no_deadline(report, clocks, since):
    for status in set(Status) - set(OPEN_STATUSES):
        report.status = status
        assert due_at(report, since=since, clocks=clocks) is None


@given(reports, settings, settings, moments)
def test_clocks_that_are_changed_later_leave_what_runs_alone(report, before, after, since):
    start_clock(report, since=since, clocks=before)
    running = report.due_at
    assert running == due_at(report, since=since, clocks=before)
    start_clock(report, since=since, clocks=after)  # only a new stage takes the new ones
    assert report.due_at == due_at(report, since=since, clocks=after)


@given(reports, settings, moments, st.sampled_from(Escalation))
def test_a_new_stage_is_told_afresh_unless_hq_has_it(report, clocks, since, escalation):
    report.escalation = escalation
    start_clock(report, since=since, clocks=clocks)
    kept = Escalation.HQ if escalation == Escalation.HQ else Escalation.NONE
    assert report.escalation == kept


@given(moments, st.timedeltas(timedelta(days=-4000), timedelta(days=4000)))
@example(EDGES[2], timedelta(0))
def test_the_words_say_what_is_left_and_never_more_than_that(due, left):
    report = Report(status=Status.QUEUED, due_at=due)
    with translation.override("en"):
        said = staff_words.deadline(report, due - left)
    assert ("overdue" in said) is (left <= timedelta(0))
    counted = re.search(r"(\d+) (hour|day)", said)
    unit = timedelta(days=1) if counted and counted[2] == "day" else timedelta(hours=1)
    number = int(counted[1]) if counted else 0
    assert number * unit <= abs(left) < (number + 1) * unit


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("now", "today"),
    [
        (datetime(2028, 2, 28, 16, 59, 59, tzinfo=UTC), date(2028, 2, 28)),
        (datetime(2028, 2, 28, 17, 0, tzinfo=UTC), date(2028, 2, 29)),
        (datetime(2028, 2, 29, 17, 0, tzinfo=UTC), date(2028, 3, 1)),
        (datetime(2027, 12, 31, 17, 0, tzinfo=UTC), date(2028, 1, 1)),
    ],
)
def test_an_absence_begins_and_ends_at_midnight_in_thailand(nong_khai, monkeypatch, now, today):
    from reporting.models import Absence, Membership

    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    Membership.objects.update(starts_on=date(2020, 1, 1))
    membership = nong_khai.memberships.filter(role="officer").first()
    for first, last, is_away in (
        (today, today, True),
        (today - timedelta(days=3), today - timedelta(days=1), False),
        (today + timedelta(days=1), today + timedelta(days=3), False),
    ):
        Absence.objects.all().delete()
        Absence.objects.create(membership=membership, starts_on=first, ends_on=last)
        assert (membership in Membership.objects.away()) is is_away
