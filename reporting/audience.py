"""Who hears of what: one table. What they are told is in notices.py, and is always the same."""

from enum import Enum

from home.models import User
from reporting.models import Report
from reporting.permissions import policy
from work import ledger

# The task by its path: it belongs to the worker, whose mail and clock a web process need not load.
ANNOUNCE = "reporting.tasks.announce"


class Circle(Enum):
    """People of a report's queue who are there today."""

    ASSIGNEE = "whom it is assigned to, or their deputy"
    QUEUE = "whoever works on the queue"
    LEADERS = "chief and secretary"
    HQ = "the project office"


# By what happened: the first circle in which somebody can be told. None of them ends before HQ,
# except what concerns one person alone. A report of HQ's queue has HQ's people in every circle.
HEARS: dict[str, tuple[Circle, ...]] = {
    "receive": (Circle.QUEUE, Circle.HQ),
    "reroute": (Circle.QUEUE, Circle.HQ),
    "assign": (Circle.ASSIGNEE,),
    "release": (Circle.LEADERS, Circle.QUEUE, Circle.HQ),
    "propose_closing": (Circle.LEADERS, Circle.HQ),
    "contest": (Circle.LEADERS, Circle.QUEUE, Circle.HQ),
    # Of a serious category, told besides.
    "serious_contest": (Circle.HQ,),
    "serious_merge": (Circle.LEADERS, Circle.HQ),
    "send_back": (Circle.ASSIGNEE, Circle.QUEUE, Circle.HQ),
    "reopen": (Circle.ASSIGNEE, Circle.QUEUE, Circle.HQ),
    "reply": (Circle.ASSIGNEE, Circle.QUEUE, Circle.HQ),
    # Deadlines that passed, by who is told.
    "late_officer": (Circle.ASSIGNEE, Circle.QUEUE, Circle.HQ),
    "late_chief": (Circle.LEADERS, Circle.HQ),
    "late_hq": (Circle.HQ,),
}


def owe(report: Report, event: str, *, by: User | None = None) -> None:
    """Has the worker tell whoever hears of an event, if anybody does; `by` is who did it.

    Called in the transaction that did it, so that neither stays without the other. A closing is
    told to those who must countersign it, and to nobody when the proposer may close alone. What
    is serious is told to more people.
    """
    events = [event]
    if report.needs_countersignature:
        events.append(f"serious_{event}")
    elif event == "propose_closing":
        return
    for name in events:
        if name in HEARS:
            ledger.add(ANNOUNCE, [report.pk, name, by.pk if by else None])


def audience(report: Report, event: str, *, but: int | None = None) -> list[User]:
    """The people to tell, who have an address; without the one who did it."""
    for circle in HEARS[event]:
        people = _people_of(circle, report).exclude(email="").exclude(pk=but)
        if found := list(people):
            return found
    return []


def _people_of(circle: Circle, report: Report):
    if circle is Circle.ASSIGNEE:
        return policy.assignee_at_work(report)
    if circle is Circle.QUEUE:
        return policy.at_work_on(report)
    if circle is Circle.LEADERS:
        return policy.leaders_at_work_on(report)
    return policy.office_at_work()
