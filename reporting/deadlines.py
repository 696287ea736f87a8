"""The clocks of a report, and what happens when one runs out."""

from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from reporting import audience, history
from reporting.models import (
    CoordinationCentre,
    Escalation,
    LogEntry,
    Report,
    ReportingSettings,
    Status,
)
from reporting.querysets import ReportQuerySet

BATCH = 200


def due_at(
    report: Report, *, since: datetime, clocks: ReportingSettings | None = None
) -> datetime | None:
    """When the report's present stage must be over; None when nobody has to act.

    `since` is the moment the stage began. Hours and days come from the category, else from the
    settings, which are looked up unless the caller has them. Danger never waits longer than the
    same without danger, and no stage longer than the whole report. What passes is counted, never
    what a clock on some wall shows: a day is 24 hours, in every zone.
    """
    if not report.is_open:
        return None
    clocks = clocks or ReportingSettings.load()

    def clock(name: str) -> int:
        return (report.category and getattr(report.category, name)) or getattr(clocks, name)

    since, opened_at = since.astimezone(UTC), report.opened_at.astimezone(UTC)
    whole = opened_at + timedelta(days=clock("close_days"))
    if report.status == Status.RECEIVED:
        hours = clock("moderate_hours")
        if report.is_urgent:
            hours = min(hours, clock("moderate_hours_urgent"))
        return min(whole, since + timedelta(hours=hours))
    if report.status == Status.QUEUED:
        return min(whole, since + timedelta(hours=clock("check_hours")))
    if report.status == Status.REFERRED:
        return min(whole, since + timedelta(days=clock("answer_days")))
    if report.status == Status.CLOSING:
        return min(whole, since + timedelta(hours=clock("countersign_hours")))
    return whole


def start_clock(
    report: Report, *, since: datetime, clocks: ReportingSettings | None = None
) -> None:
    """Sets the deadline of a new stage; whoever was told of the old one is told afresh.

    An agency's time ends with its pack's, so that somebody hears of a referral that ran out. What
    was escalated to HQ stays with HQ, which may be in the middle of it, until it is closed.
    """
    report.due_at = due_at(report, since=since, clocks=clocks)
    if report.due_at and report.pk and report.status == Status.REFERRED:
        referral = report.referrals.last()
        report.due_at = min(report.due_at, referral.runs_out_at) if referral else report.due_at
    if report.escalation != Escalation.HQ or not report.is_open:
        report.escalation = Escalation.NONE


def escalate_overdue(now: datetime | None = None) -> int:
    """Tells the officer, then the chief, then HQ, once each; returns how many were told.

    Nothing is ever closed or deleted here: a deadline that passes makes a report louder.
    """
    now = now or timezone.now()
    return _escalate_all(Report.objects.open().overdue_at(now), now)


def escalate_unstaffed(now: datetime | None = None) -> int:
    """Tells HQ at once, whatever the deadline, of what lies where nobody works today."""
    staffed = CoordinationCentre.objects.staffed().values("pk")
    empty = list(CoordinationCentre.objects.exclude(pk__in=staffed).values_list("pk", flat=True))
    return _escalate_all(Report.objects.open().filter(centre__in=empty), now or timezone.now())


def _escalate_all(reports: ReportQuerySet, now: datetime) -> int:
    told = 0
    after = 0
    while True:
        batch = list(
            reports.filter(escalation__lt=Escalation.HQ, pk__gt=after)
            .order_by("pk")
            .values_list("pk", flat=True)[:BATCH]
        )
        if not batch:
            return told
        after = batch[-1]
        told += sum(_escalate(reports, pk, now) for pk in batch)


@transaction.atomic
def _escalate(reports: ReportQuerySet, pk: int, now: datetime) -> bool:
    report = reports.select_for_update(of=("self",)).filter(pk=pk).first()
    if report is None:
        return False
    level = _level_due(report, now)
    if level <= report.escalation:
        return False
    report.escalation = level
    report.save(update_fields=["escalation"])
    history.append(
        report,
        "escalate",
        actor=LogEntry.Actor.SYSTEM,
        data={"told": Escalation(level).name.lower(), "status": report.status},
    )
    audience.owe(report, f"late_{Escalation(level).name.lower()}")
    return True


def _level_due(report: Report, now: datetime) -> Escalation:
    """The next person to tell: one step at a time, unless there is nobody in between."""
    if report.centre is None or not report.centre.is_staffed:
        return Escalation.HQ
    clocks = ReportingSettings.load()
    step = timedelta(
        hours=clocks.escalate_hours_urgent if report.is_urgent else clocks.escalate_hours
    )
    assert report.due_at is not None
    late = now - report.due_at
    next_level = Escalation(report.escalation + 1)
    return next_level if late >= step * (next_level - Escalation.OFFICER) else Escalation.NONE
