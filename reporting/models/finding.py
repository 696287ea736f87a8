"""The result of checking facts, on its own axis: the Admiralty scale (NATO AJP-2.1)."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Reliability(models.TextChoices):
    """How far the source can be relied on."""

    A = "A", _("A: completely reliable")
    B = "B", _("B: usually reliable")
    C = "C", _("C: fairly reliable")
    D = "D", _("D: not usually reliable")
    E = "E", _("E: unreliable")
    F = "F", _("F: reliability cannot be judged")


class Credibility(models.TextChoices):
    """How far the information can be believed."""

    CONFIRMED = "1", _("1: confirmed by other sources")
    PROBABLE = "2", _("2: probably true")
    POSSIBLE = "3", _("3: possibly true")
    DOUBTFUL = "4", _("4: doubtful")
    IMPROBABLE = "5", _("5: improbable")
    UNJUDGED = "6", _("6: truth cannot be judged")


class Outcome(models.TextChoices):
    """What came of a report."""

    ACTED = "acted", _("true, and acted upon")
    HANDED_OVER = "handed_over", _("handed over to an agency")
    PREVENTED = "prevented", _("prevented or stopped")
    UNFOUNDED = "unfounded", _("checked, and nothing found")
    NOT_CHECKABLE = "not_checkable", _("could not be checked")


class EvidenceType(models.TextChoices):
    """What the outcome rests on."""

    VISIT = "visit", _("visit to the place")
    WITNESS = "witness", _("talks with people there")
    RECORD = "record", _("records of an agency")
    SEIZURE = "seizure", _("seizure or arrest")
    NONE = "none", _("no evidence was found")


class FindingQuerySet(models.QuerySet):
    def standing(self) -> Self:
        """Findings that nobody reversed."""
        return self.filter(reversed_at=None)


class Finding(models.Model):
    """One judgement of a report. Findings add up; the latest that stands speaks.

    A finding that turned out wrong is reversed and stays on record. All reasons are sealed.
    """

    report = models.ForeignKey("reporting.Report", models.PROTECT, related_name="findings")
    reliability = models.CharField(_("source reliability"), max_length=1, choices=Reliability)
    credibility = models.CharField(_("information credibility"), max_length=1, choices=Credibility)
    reason = models.OneToOneField("reporting.SealedText", models.PROTECT, related_name="+")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(_("recorded"), auto_now_add=True)
    reversed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, db_index=False
    )
    reversed_at = models.DateTimeField(null=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        default_permissions = ()
        ordering = ["recorded_at", "pk"]

    def __str__(self) -> str:
        return self.grade

    @property
    def is_standing(self) -> bool:
        return self.reversed_at is None

    @property
    def grade(self) -> str:
        """Both grades as they are spoken, such as B2."""
        return f"{self.reliability}{self.credibility}"
