"""What the queue can be narrowed to. A value that is not on offer counts as not given."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from home.models import User
from reporting.models import Status
from reporting.models.report import OPEN_STATUSES, REFERENCE_LENGTH
from reporting.querysets import ReportQuerySet, overdue
from reporting.views.staff_counts import NOT_COUNTED, OpenCounts
from reporting.views.staff_lists import categories, centres
from reporting.views.staff_paging import Order
from reporting.views.staff_words import project_office

Words = str | Promise

SORTS: dict[str, tuple[Words, Order]] = {
    # First what must be done first: whoever is in danger has the nearest deadline.
    "deadline": (gettext_lazy("Nearest deadline first"), Order("due_at")),
    "newest": (gettext_lazy("Newest first"), Order("received_at", is_descending=True)),
    "oldest": (gettext_lazy("Oldest first"), Order("received_at")),
}
ALL = "all"
WEEK = timedelta(days=7)
# Letters that Crockford's alphabet leaves out because they are read as digits.
MISREAD = str.maketrans("OIL", "011")


class Option(NamedTuple):
    value: str
    label: Words


@dataclass(frozen=True)
class Choice:
    """One filter as the page shows it. Its first option counts when none is given."""

    name: str
    label: str
    options: list[Option]
    value: str

    @property
    def is_default(self) -> bool:
        return self.value == self.options[0].value


class QueueFilters:
    """The filters of one request, as far as they make sense."""

    def __init__(
        self, query: QueryDict, *, sees_all_queues: bool, counts: OpenCounts = NOT_COUNTED
    ) -> None:
        self.search = normalised_reference(query.get("q", ""))
        # What the person folded: all of it, or what lies under one report.
        self.folded = query.get("folded", "")
        if self.folded and self.folded != ALL:
            self.folded = normalised_reference(self.folded)
        self.choices = {
            name: _choice(query, name, label, options)
            for name, label, options in _offered(counts, sees_all_queues)
        }

    def value(self, name: str) -> str:  # no item: a template would ask it for every attribute
        choice = self.choices.get(name)
        return choice.value if choice else ""

    def __iter__(self):
        return iter(self.choices.values())

    @property
    def order(self) -> Order:
        """The order asked for; what is finished has no deadline, so its newest come first."""
        is_finished = self.value("status") in set(Status) - set(OPEN_STATUSES)
        if self.value("sort") == "deadline" and is_finished:
            return SORTS["newest"][1]
        return SORTS[self.value("sort")][1]

    @property
    def is_narrowed(self) -> bool:
        """Whether something other than the sorting was chosen."""
        return bool(self.search or self.folded) or any(
            not choice.is_default for choice in self if choice.name != "sort"
        )

    @property
    def shows_folded(self) -> bool:
        """Whether what the person folded is in the list: they look for it, or for one report."""
        return bool(self.folded or self.search)

    @property
    def chosen(self) -> dict[str, str]:
        """What was chosen from what is on offer, by the filter's name."""
        return {choice.name: choice.value for choice in self if not choice.is_default}

    @property
    def words(self) -> list[str]:
        """What the list is narrowed to, said of the status always and of the rest when chosen."""
        told = [one for one in self if one.name != "sort"]
        return [
            _("%(name)s: %(choice)s") % {"name": one.label, "choice": option.label}
            for one in told
            for option in one.options
            if option.value == one.value and (one.name == "status" or not one.is_default)
        ]

    @property
    def in_use(self) -> int:
        return sum(not choice.is_default for choice in self if choice.name != "sort")

    def apply(self, reports: ReportQuerySet, user: User) -> ReportQuerySet:
        now = timezone.now()
        if self.folded:
            folds = Q(folds__user=user)
            if self.folded != ALL:
                folds &= Q(folds__under__reference=self.folded)
            return reports.filter(folds)
        if self.search:
            # Whoever looks for one report means it, whatever became of it.
            return reports.filter(reference__startswith=self.search)
        for condition in (
            _status(self.value("status")),
            Q(category=self.value("category")) if self.value("category") else None,
            _age(self.value("age"), now),
            _attention(self.value("attention"), now),
            _assignee(self.value("assignee"), user),
            _queue(self.value("queue")),
        ):
            if condition is not None:
                reports = reports.filter(condition)
        if self.value("attention") == "away":
            reports = reports.with_somebody_away()
        return reports


def normalised_reference(typed: str) -> str:
    """A reference as it is stored, however it was read aloud; at most one reference long."""
    # NUL is what PostgreSQL takes in no text.
    letters = "".join(typed.upper().replace("\x00", "").split()).replace("-", "")
    return letters.translate(MISREAD)[:REFERENCE_LENGTH]


def _choice(
    query: QueryDict, name: str, label: str, options: Iterable[tuple[str, Words]]
) -> Choice:
    offered = [Option(*option) for option in options]
    given = query.get(name, "")
    known = {option.value for option in offered}
    return Choice(name, label, offered, given if given in known else offered[0].value)


def _offered(counts: OpenCounts, sees_all_queues: bool):
    yield "status", _("Status"), _statuses(counts)
    yield (
        "category",
        _("Category"),
        [
            ("", pgettext("categories", "All categories")),
            *((str(category.pk), category.name) for category in categories().values()),
        ],
    )
    yield (
        "age",
        _("Received"),
        [
            ("", _("At any time")),
            ("today", _("Today")),
            ("week", _("In the last seven days")),
            ("older", _("Longer ago")),
        ],
    )
    yield (
        "attention",
        _("Attention"),
        [
            ("", _("Whatever it needs")),
            ("urgent", _("Somebody is in danger now")),
            ("overdue", _("Overdue")),
            ("unread", _("Unread")),
            ("answered", _("New answer of the reporter")),
            ("away", _("With somebody who is away")),
        ],
    )
    yield (
        "assignee",
        _("Assigned to"),
        [("", _("Anyone or nobody")), ("me", _("Me")), ("nobody", _("Nobody"))],
    )
    if sees_all_queues:
        yield "queue", _("Queue"), _queues()
    yield "sort", _("Order"), [(name, label) for name, (label, _order) in SORTS.items()]


def _statuses(counts: OpenCounts) -> list[tuple[str, Words]]:
    """Statuses with their numbers. What is finished is not counted: it only grows."""

    def counted(label: Words, number: int) -> str:
        if counts is NOT_COUNTED:
            return str(label)
        return _("%(label)s (%(count)s)") % {"label": label, "count": counts.words(number)}

    return [
        ("open", counted(_("All open reports"), counts.open)),
        *(
            (status.value, counted(status.label, counts.by_status[status]))
            for status in OPEN_STATUSES
        ),
        *((status.value, status.label) for status in Status if status not in OPEN_STATUSES),
        ("all", _("All reports, open or not")),
    ]


def _queues() -> list[tuple[str, Words]]:
    return [
        ("", _("All queues")),
        ("hq", project_office()),
        ("districts", _("All districts")),
        *((centre.district.code, str(centre)) for centre in centres().values()),
    ]


def _status(value: str) -> Q | None:
    if value == "all":
        return None
    return Q(status__in=OPEN_STATUSES) if value == "open" else Q(status=value)


def _age(value: str, now: datetime) -> Q | None:
    if value == "today":
        midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
        return Q(received_at__gte=midnight)
    if value == "week":
        return Q(received_at__gte=now - WEEK)
    return Q(received_at__lt=now - WEEK) if value == "older" else None


def _attention(value: str, now: datetime) -> Q | None:
    if value == "urgent":
        return Q(is_urgent=True)
    if value == "unread":
        return Q(is_unread=True)
    if value == "answered":
        return Q(has_new_answer=True)
    return overdue(now) if value == "overdue" else None


def _assignee(value: str, user: User) -> Q | None:
    if value == "me":
        return Q(assignee=user)
    return Q(assignee=None) if value == "nobody" else None


def _queue(value: str) -> Q | None:
    if value == "hq":
        return Q(centre=None)
    if value == "districts":
        return Q(centre__isnull=False)
    chosen = [centre.pk for centre in centres().values() if centre.district.code == value]
    return Q(centre__in=chosen) if value else None
