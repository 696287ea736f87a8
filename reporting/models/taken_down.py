"""What stays, for a while, of a report that staff wrote down for somebody who told it."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models

from reporting.models.centre import TAKING_ROLES, Membership

DRAFT_HOURS = 24


class TakenDown(models.Model):
    """A report that somebody of staff wrote down. The digest says who, to whoever has the key.

    It is made anew for each report (taking_down.py), so that the table alone tells neither who
    brought a report nor which were brought by one person.
    """

    digest = models.CharField(max_length=64, unique=True)
    report = models.OneToOneField("reporting.Report", models.CASCADE, related_name="+")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return "taken down"


class Slip(models.Model):
    """A slip that was shown minutes ago: the same form, sent again from the same session, shows it
    again. Nobody's name is on it, and no report's."""

    digest = models.CharField(max_length=64, unique=True)
    until = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return "slip"


class DraftQuerySet(models.QuerySet):
    def stale_at(self, moment: datetime) -> Self:
        """Drafts whose day is over, and those of people who may not take reports down any more."""
        takers = Membership.objects.current().filter(role__in=TAKING_ROLES)
        return self.filter(
            models.Q(kept_at__lt=moment - timedelta(hours=DRAFT_HOURS))
            | ~models.Q(user__in=takers.values("user"))
        )


class Draft(models.Model):
    """What somebody of staff has typed and not sent, sealed to the project office's key.

    Read it through drafts.py, which opens it for its owner and for nobody else.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    sealed_to = models.JSONField()
    sealed = models.BinaryField()
    kept_at = models.DateTimeField(help_text="To the hour.")

    objects = DraftQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return "draft"
