"""Whom to tell by mail that something new waits."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone


class NoticeQuerySet(models.QuerySet):
    def owed_at(self, moment: datetime) -> Self:
        """Notices that are owed to somebody and may be sent."""
        return self.filter(is_owed=True, not_before__lte=moment)

    def spent_at(self, moment: datetime) -> Self:
        """Notices that were sent and hold back no further one."""
        return self.filter(is_owed=False, not_before__lte=moment)


class Notice(models.Model):
    """A mail that a person is owed, or was sent so lately that the next one waits.

    It names no report. A row goes when it holds nothing back any more: its time is near that of a
    report's arrival.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    is_owed = models.BooleanField(default=True)
    not_before = models.DateTimeField(default=timezone.now)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return "notice"
