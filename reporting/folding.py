"""Keeping what resembles a report out of one person's list. Nothing is deleted and nothing counted
otherwise: it is their view alone."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from home.models import User
from reporting.duplicates import likely_duplicates
from reporting.models import Fold, Report
from reporting.models.desk import MOST_FOLDED
from reporting.permissions import READ, policy
from reporting.querysets import ReportQuerySet


@transaction.atomic
def fold_similar(report: Report, *, by: User, visible: ReportQuerySet) -> int:
    """Folds the likely duplicates of a report under it, those apart that cannot wait.

    Returns how many. What is alike is told to those alone who may read the report.
    """
    if not policy.user_has_permission_for_instance(by, READ, report):
        return 0
    alike = [one.report for one in likely_duplicates(report, visible=visible)]
    waiting = [one for one in alike if not (one.is_urgent or one.has_new_answer or one.is_overdue)]
    room = MOST_FOLDED - Fold.objects.filter(user=by).count()
    folded = waiting[: max(room, 0)]
    Fold.objects.filter(user=by, report=report).delete()  # what others lie under is itself in sight
    Fold.objects.filter(user=by, under__in=folded).exclude(report=report).update(under=report)
    Fold.objects.filter(user=by, report__in=folded).delete()
    Fold.objects.bulk_create(
        [Fold(user=by, report=one, under=report) for one in folded],
        ignore_conflicts=True,  # the button, pressed twice
    )
    return len(folded)


def unfold(reports: Iterable[Report], *, by: User) -> int:
    """Brings reports back into the person's list; returns how many were out of sight."""
    deleted, _by_model = Fold.objects.filter(user=by, report__in=reports).delete()
    return deleted


class Folded:
    """What lies out of sight in a person's list at this moment: asked once for a page."""

    def __init__(self, user: User) -> None:
        folds = Fold.objects.hiding(user, timezone.now())
        found = list(folds.values_list("report", "under__reference"))
        self.reports = [report for report, _under in found]
        self.under: dict[str, int] = {}
        for _report, reference in found:
            self.under[reference] = self.under.get(reference, 0) + 1
