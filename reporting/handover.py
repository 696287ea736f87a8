"""Reports of somebody who is away or has left: handed on, or taken off their name."""

from typing import NamedTuple

from django.db import transaction

from home.models import User
from reporting import audience, history, lifecycle
from reporting.models import LogEntry, Report
from reporting.querysets import ReportQuerySet

# A page must answer; whoever holds more is handed over in several goes.
MOST = 200


class Handed(NamedTuple):
    """How many reports were handed on, and how many the person still holds there."""

    moved: int
    left: int


def held(person: User, centre_id: int | None) -> ReportQuerySet:
    """The open reports of a queue that are assigned to somebody."""
    return Report.objects.open().filter(assignee=person, centre=centre_id)


def hand_over(person: User, centre_id: int | None, *, to: User, by: User) -> Handed:
    """Assigns what somebody holds in a queue to somebody else, each by its own step in the log.

    What moved on in the meantime is left where it is. Raises PermissionDenied, as the step does.
    """
    moved = 0
    for report in held(person, centre_id).order_by("due_at", "pk")[:MOST]:
        try:
            lifecycle.move(report, "assign", by=by, assignee=to)
        except lifecycle.TransitionNotAllowed:
            continue
        moved += 1
    return Handed(moved, held(person, centre_id).count())


def release_what_nobody_holds() -> int:
    """Takes reports off the name of whoever left their queue, and tells the chief; how many.

    It may run again without harm: what is assigned to nobody is not found.
    """
    gone = list(Report.objects.with_somebody_gone().order_by("pk").values_list("pk", flat=True))
    return sum(_release(pk) for pk in gone)


@transaction.atomic
def _release(pk: int) -> bool:
    report = (
        Report.objects.with_somebody_gone().select_for_update(of=("self",)).filter(pk=pk).first()
    )
    if report is None:
        return False
    former = report.assignee_id
    report.assignee = None
    report.save(update_fields=["assignee"])
    history.append(
        report,
        "release",
        actor=LogEntry.Actor.SYSTEM,
        data={"assignee": former, "status": report.status},
    )
    audience.owe(report, "release")
    return True
