"""How much work lies open: one query, bounded, whatever the archive holds."""

from typing import NamedTuple

from django.db.models import Count, Q
from django.utils import timezone

from home.models import User
from reporting.models.report import OPEN_STATUSES
from reporting.querysets import ReportQuerySet, overdue

# Counting stops here: a page must not slow down with the pile it describes.
LIMIT = 1000


class OpenCounts(NamedTuple):
    """Counts of open reports; lower bounds once there are more than LIMIT."""

    by_status: dict[str, int]
    overdue: int
    mine: int
    is_capped: bool

    @property
    def open(self) -> int:
        return sum(self.by_status.values())

    def words(self, number: int) -> str:
        return f"{number}+" if self.is_capped else str(number)


NOT_COUNTED = OpenCounts(dict.fromkeys(OPEN_STATUSES, 0), 0, 0, is_capped=False)


def count_answered(reports: ReportQuerySet) -> int:
    """How many have an answer that nobody opened yet, whatever became of them; at most LIMIT."""
    return reports.filter(has_new_answer=True)[:LIMIT].count()


def count_with_somebody_away(reports: ReportQuerySet) -> int:
    """How many open ones are assigned to somebody who is not there today; at most LIMIT."""
    return reports.with_somebody_away()[:LIMIT].count()


def count_open(reports: ReportQuerySet, user: User) -> OpenCounts:
    """Counts the open reports among those given, by status, overdue and assigned to the person."""
    found = (
        reports.open()
        # The nearest deadlines, so that the overdue are all among them; and the order of an index
        # that holds everything asked for here.
        .order_by("due_at", "pk")
        .values("pk", "status", "due_at", "assignee")[: LIMIT + 1]
        .aggregate(
            overdue=Count("pk", filter=overdue(timezone.now())),
            mine=Count("pk", filter=Q(assignee=user.pk)),
            **{status: Count("pk", filter=Q(status=status)) for status in OPEN_STATUSES},
        )
    )
    by_status = {status.value: found[status] for status in OPEN_STATUSES}
    return OpenCounts(
        by_status, found["overdue"], found["mine"], is_capped=sum(by_status.values()) > LIMIT
    )
