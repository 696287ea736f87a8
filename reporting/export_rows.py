"""What a list that is taken along says of each report: choices, times and people, never words.

Of what a reporter wrote, of messages, files, receipts and places in words nothing is asked here.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reporting.models import Finding, Outcome, Report, Status
from reporting.querysets import ReportQuerySet
from reporting.views import staff_words as words
from reporting.views.staff_lists import category_of, centre_of
from reporting.views.staff_paging import Order

CHUNK = 500  # rows that are in memory at a time
SHOWN = (
    *("reference", "status", "is_urgent", "received_at", "due_at", "outcome"),
    *("category", "centre", "district__name_th", "district__name_en"),
    *("assignee__username", "assignee__first_name", "assignee__last_name"),
)
Cell = str | int


class Column(NamedTuple):
    heading: str | Promise
    width: int  # in letters, for a spreadsheet
    cell: Callable[[Report, "Reader"], Cell]


class Reader(NamedTuple):
    """For whom the cells are: a person, or a program that wants ISO 8601."""

    now: datetime
    is_program: bool

    def moment(self, at: datetime | None) -> str:
        if at is None:
            return ""
        if self.is_program:
            return timezone.localtime(at).isoformat(timespec="minutes")
        return words.moment(at)


def _category(report: Report, reader: Reader) -> str:
    category = category_of(report)
    return category.name if category else _("not chosen")


def _age(report: Report, reader: Reader) -> int:
    return max((reader.now - report.received_at).days, 0)


def _is_overdue(report: Report, reader: Reader) -> str:
    return _yes(report.due_at is not None and report.due_at <= reader.now)


def _finding(report: Report, reader: Reader) -> str:
    return f"{report.reliability or ''}{report.credibility or ''}"  # type: ignore[attr-defined]


def _outcome(report: Report, reader: Reader) -> str:
    return str(Outcome(report.outcome).label) if report.outcome else ""


def _yes(is_so: bool) -> str:
    return _("yes") if is_so else _("no")


QUEUE = Column(gettext_lazy("Queue"), 30, lambda report, reader: words.queue(centre_of(report)))
COLUMNS = (
    Column(gettext_lazy("Reference"), 12, lambda report, reader: report.reference),
    Column(gettext_lazy("Category"), 28, _category),
    Column(
        gettext_lazy("District"),
        20,
        lambda report, reader: str(report.district or _("not given")),
    ),
    Column(gettext_lazy("Status"), 20, lambda report, reader: str(Status(report.status).label)),
    Column(
        gettext_lazy("Somebody is in danger now"), 12, lambda report, reader: _yes(report.is_urgent)
    ),
    Column(
        gettext_lazy("Received (hour)"),
        26,
        lambda report, reader: reader.moment(report.received_at),
    ),
    Column(gettext_lazy("Age in days"), 10, _age),
    Column(gettext_lazy("Deadline"), 26, lambda report, reader: reader.moment(report.due_at)),
    Column(gettext_lazy("Overdue"), 10, _is_overdue),
    Column(
        gettext_lazy("Assigned to"),
        28,
        lambda report, reader: words.person(report.assignee) if report.assignee else "",
    ),
    Column(gettext_lazy("Finding"), 10, _finding),
    Column(gettext_lazy("Outcome"), 22, _outcome),
    Column(
        gettext_lazy("Duplicates of it"),
        12,
        lambda report, reader: report.repeat_count,  # type: ignore[attr-defined]
    ),
)


def columns(*, shows_queue: bool) -> tuple[Column, ...]:
    """The queue is told to those who see more than one."""
    return (*COLUMNS[:2], QUEUE, *COLUMNS[2:]) if shows_queue else COLUMNS


def reports_of(found: ReportQuerySet, order: Order) -> Iterator[Report]:
    """The reports of a list in its order, CHUNK by CHUNK, with all that a row says of each.

    One query, however many there are.
    """
    latest = Finding.objects.standing().filter(report=OuterRef("pk"))
    latest = latest.order_by("-recorded_at", "-pk")
    repeats = Report.objects.filter(merged_into=OuterRef("pk")).order_by()
    counted = repeats.values("merged_into").annotate(number=Count("pk")).values("number")
    rows = (
        found.select_related("district", "assignee")
        .only(*SHOWN)
        .annotate(
            reliability=Subquery(latest.values("reliability")[:1]),
            credibility=Subquery(latest.values("credibility")[:1]),
            repeat_count=Coalesce(Subquery(counted), 0),
        )
    )
    return order.sort(rows).iterator(chunk_size=CHUNK)
