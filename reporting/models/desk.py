"""How one person arranged their view of the queue. Nothing here changes a report."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from reporting.models.report import OPEN_STATUSES, Report

MOST_FOLDED = 200  # so that a page may know all of them
MOST_FILTERS = 20  # a person's own; more are no longer quicker to find than to choose


class SavedFilter(models.Model):
    """What a person narrows the queue to, under a name of theirs.

    `choices` holds values that the filters offer, by the filter's name, and never what was typed.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_filters")
    name = models.CharField(_("name of the filter"), max_length=40)
    choices: Any = models.JSONField()

    class Meta:
        default_permissions = ()
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"], name="saved_filter_one_of_a_name_and_person"
            )
        ]

    def __str__(self) -> str:
        return self.name


class FoldQuerySet(models.QuerySet):
    def hiding(self, user: Any, moment: datetime) -> Self:
        """Folds of a person that hide something at this moment.

        Danger, a deadline that passed and a new answer bring a report back by themselves, and so
        does the end of the report that it was folded under.
        """
        can_wait = models.Q(report__due_at=None) | models.Q(report__due_at__gt=moment)
        return self.filter(
            can_wait,
            user=user,
            under__status__in=OPEN_STATUSES,
            report__is_urgent=False,
            report__has_new_answer=False,
        )

    def about(self, report: Report) -> Self:
        return self.filter(models.Q(report=report) | models.Q(under=report))


class Fold(models.Model):
    """A report that a person keeps out of sight in their list, under one that it resembles."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    report = models.ForeignKey(Report, models.CASCADE, related_name="folds")
    under = models.ForeignKey(Report, models.CASCADE, related_name="folded_under_it")

    objects = FoldQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["user", "report"], name="fold_once_for_a_person"),
            models.CheckConstraint(
                condition=~models.Q(report=models.F("under")), name="fold_under_another"
            ),
        ]

    def __str__(self) -> str:
        return "fold"
