"""Likely duplicates of a report in its own queue, by place, time, category and words."""

from datetime import timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Case, QuerySet, When
from django.utils import timezone

from reporting import sealing, sketches, texts
from reporting.models import Report, Sketch, SketchBand, Status
from reporting.querysets import ReportQuerySet
from reporting.routing import queue_name
from work import ledger

# The task by its path: web processes need not load the worker's.
SKETCH = "reporting.tasks.sketch_report"
PURPOSE = "sketches of words"
PAUSE = timedelta(seconds=5)  # mail about danger does not wait behind it

COMPARED = frozenset({Status.RECEIVED, Status.QUEUED, Status.VERIFYING})  # what can be merged
GONE = (Status.MERGED, Status.REJECTED)  # what nothing can be merged into
TOGETHER = timedelta(days=30)
AT_ONCE = timedelta(days=3)  # for texts that cannot be compared
MOST = 5
MOST_LOOKED_AT = 200
SAME_WORDS, MUCH_THE_SAME, RATHER_THE_SAME = 0.7, 0.5, 0.35


class Duplicate(NamedTuple):
    """Another report and what makes it likely that it tells of the same."""

    report: Report
    likeness: float
    days_apart: int
    is_same_subdistrict: bool
    is_same_district: bool
    is_same_category: bool

    @property
    def has_same_words(self) -> bool:
        return self.likeness >= SAME_WORDS

    @property
    def has_much_the_same_words(self) -> bool:
        return RATHER_THE_SAME <= self.likeness < SAME_WORDS

    @property
    def is_likely(self) -> bool:
        if self.likeness >= MUCH_THE_SAME:
            return True
        if self.likeness >= RATHER_THE_SAME:
            return self.is_same_subdistrict or self.is_same_category
        return False


# --- Making sketches ------------------------------------------------------------------------------


def ask_for_sketch(report: Report) -> None:
    """Has a worker make the report's sketch, unless it has one of its queue."""
    if not Sketch.objects.filter(report=report, centre=report.centre_id).exists():
        ledger.add(SKETCH, [report.pk], due_at=timezone.now() + PAUSE)


@transaction.atomic
def make_sketch(report: Report) -> None:
    """Opens the report's text, logged, and keeps its sketch under the key of its queue.

    Raises sealing.SealingUnavailable in a process without the key.
    """
    report = Report.objects.select_for_update(of=("self",)).get(pk=report.pk)
    if Sketch.objects.filter(report=report, centre=report.centre_id).exists():
        return
    forget_sketch(report)
    key = sealing.derived(PURPOSE, of=queue_name(report.centre))
    made = sketches.sketch(texts.narrative_to_compare(report), key=key)
    Sketch.objects.create(report=report, centre=report.centre, places=made.places if made else b"")
    if made:
        SketchBand.objects.bulk_create(
            SketchBand(report=report, number=number) for number in made.bands
        )


def forget_sketch(report: Report) -> None:
    SketchBand.objects.filter(report=report).delete()
    Sketch.objects.filter(report=report).delete()


# --- Finding duplicates ---------------------------------------------------------------------------


def likely_duplicates(report: Report, *, visible: ReportQuerySet) -> list[Duplicate]:
    """The likeliest few of the report's queue, likeliest first.

    The caller asks whether the person may read the report: what it is like tells of its words.
    """
    if report.status not in COMPARED:
        return []
    near = visible.filter(
        centre=report.centre_id,
        received_at__range=(report.received_at - TOGETHER, report.received_at + TOGETHER),
    ).exclude(status__in=GONE)
    candidates = _of_like_words(report).union(_of_one_place(report))
    known = {one.pk: one for one in _first(report, near.filter(pk__in=candidates))}
    itself = known.pop(report.pk, None)
    own = _places(itself) if itself else b""
    compared = [_compared(report, own, other) for other in known.values()]
    likely = [one for one in compared if one.is_likely or _is_told_by_place(own, one)]
    likely.sort(key=lambda one: (-one.likeness, one.days_apart, -one.report.pk))
    return likely[:MOST]


def _of_like_words(report: Report) -> QuerySet:
    """What shares a band with the report; the report itself is among them."""
    numbers = SketchBand.objects.filter(report=report).values("number")
    return SketchBand.objects.filter(number__in=numbers).values("report")


def _of_one_place(report: Report) -> QuerySet:
    """What came in from the same subdistrict about the same in these days."""
    if report.subdistrict_id is None or report.category_id is None:
        return Report.objects.filter(pk=report.pk).values("pk")
    return Report.objects.filter(
        centre=report.centre_id,
        received_at__range=(report.received_at - AT_ONCE, report.received_at + AT_ONCE),
        subdistrict=report.subdistrict_id,
        category=report.category_id,
    ).values("pk")


def _first(report: Report, candidates: ReportQuerySet) -> ReportQuerySet:
    """The report itself, for its sketch, and then the latest."""
    is_it = Case(When(pk=report.pk, then=1), default=0)
    found = candidates.select_related("sketch").order_by(is_it.desc(), "-received_at", "-pk")
    return found[:MOST_LOOKED_AT]


def _places(report: Report) -> bytes:
    sketch: Sketch | None = getattr(report, "sketch", None)
    return bytes(sketch.places) if sketch and sketch.centre_id == report.centre_id else b""


def _compared(report: Report, own: bytes, other: Report) -> Duplicate:
    return Duplicate(
        report=other,
        likeness=sketches.likeness(own, _places(other)),
        days_apart=abs(report.received_at - other.received_at).days,
        is_same_subdistrict=other.subdistrict_id == report.subdistrict_id is not None,
        is_same_district=other.district_id == report.district_id is not None,
        is_same_category=other.category_id == report.category_id is not None,
    )


def _is_told_by_place(own: bytes, one: Duplicate) -> bool:
    """Where one of the two has too few words, place, days and category have to do."""
    return (
        not (own and _places(one.report))
        and one.is_same_subdistrict
        and one.is_same_category
        and one.days_apart <= AT_ONCE.days
    )
