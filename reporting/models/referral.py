from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .agency import Agency


class Stage(models.TextChoices):
    """How far a referral has come."""

    PREPARED = "prepared", _("prepared")
    HANDED_OVER = "handed_over", _("handed over")
    ANSWERED = "answered", _("answered")
    EXPIRED = "expired", _("ran out without an answer")


class Referral(models.Model):
    """A minimal, redacted hand-over to a partner agency: the officer's words, never the text.

    The sealed pack holds the purpose, who receives it, and what the agency is told.
    """

    report = models.ForeignKey("reporting.Report", models.PROTECT, related_name="referrals")
    # The column holds the agency's code, as it did when agencies were a list in the code.
    agency = models.ForeignKey(
        Agency,
        models.PROTECT,
        to_field="code",
        db_column="agency",
        db_constraint=False,
        db_index=False,
        related_name="referrals",
        verbose_name=_("agency"),
    )
    pack = models.OneToOneField("reporting.SealedText", models.PROTECT, related_name="+")
    expires_on = models.DateField(_("may be used until"))
    answer = models.OneToOneField(
        "reporting.SealedText", models.PROTECT, related_name="+", null=True
    )
    referred_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    referred_at = models.DateTimeField(auto_now_add=True)
    handed_over_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, db_index=False
    )
    handed_over_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        default_permissions = ()
        ordering = ["referred_at", "pk"]

    def __str__(self) -> str:
        return str(self.agency)

    @property
    def stage(self) -> Stage:
        if self.answer_id:
            return Stage.ANSWERED
        if self.has_run_out:
            return Stage.EXPIRED
        return Stage.HANDED_OVER if self.handed_over_at else Stage.PREPARED

    @property
    def has_run_out(self) -> bool:
        """Whether the last day on which the pack may be used is over."""
        return self.expires_on < timezone.localdate()

    @property
    def runs_out_at(self) -> datetime:
        """The end of the last day on which the pack may be used, in Thailand."""
        midnight = datetime.combine(self.expires_on + timedelta(days=1), time())
        return timezone.make_aware(midnight)


def numbered(report: Any) -> dict[int, Referral]:
    """A report's referrals by their number within it, the first first. None is ever taken away."""
    return dict(enumerate(report.referrals.all(), start=1))
