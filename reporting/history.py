"""Writing and checking the log of a report."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from home import chain
from home.chain import FIRST
from reporting.models.log import LogEntry
from reporting.models.sealed import SealedText

if TYPE_CHECKING:
    from home.models import User
    from reporting.models import Report


def append(
    report: "Report",
    action: str,
    *,
    actor: str,
    user: "User | None" = None,
    data: dict | None = None,
    note: SealedText | None = None,
    is_to_the_hour: bool = False,
) -> LogEntry:
    """Adds a step to a report's log. The caller holds the lock on the report's row.

    A reporter's step is kept to the hour, like the report's arrival, and so is what follows it by
    itself.
    """
    last = report.log.order_by("-number").values("number", "digest").first()
    now = timezone.now()
    entry = LogEntry(
        report=report,
        number=last["number"] + 1 if last else 1,
        at=to_the_hour(now) if is_to_the_hour or actor == LogEntry.Actor.REPORTER else now,
        actor=actor,
        user=user,
        action=action,
        data=data or {},
        note=note,
        previous=last["digest"] if last else FIRST,
    )
    entry.digest = entry.computed_digest()
    entry.save()
    return entry


def first_entry(report: "Report", action: str, *, at: datetime, actor: str, data: dict) -> LogEntry:
    """The entry that opens a report's log, unsaved. Nothing is looked up: the report is new."""
    entry = LogEntry(
        report=report, number=1, at=at, actor=actor, action=action, data=data, previous=FIRST
    )
    entry.digest = entry.computed_digest()
    return entry


def is_intact(report: "Report") -> bool:
    """Whether the log reads from its first entry to its last as it was written."""
    return not any(chain.breaks(report.log.order_by("number")))


def to_the_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
