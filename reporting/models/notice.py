"""Whom to tell that something new waits: by mail, and by LINE."""

import uuid
from datetime import datetime
from typing import Any, Self

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


class Owed(models.Model):
    """What a person is owed by one way, or was sent so lately that the next one waits.

    It names no report. A row goes when it holds nothing back any more: its time is near that of a
    report's arrival.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    is_owed = models.BooleanField(default=True)
    not_before = models.DateTimeField(default=timezone.now)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        abstract = True
        default_permissions = ()

    def __str__(self) -> str:
        return "notice"

    @classmethod
    def of_a_new_message(cls) -> dict[str, Any]:
        """The fields that are another message's, when one was sent or danger comes besides."""
        return {}


class Notice(Owed):
    """A mail."""


class LineNotice(Owed):
    """A message by LINE. Its key is the same through all attempts, so that it is shown once."""

    retry_key = models.UUIDField(default=uuid.uuid4)

    @classmethod
    def of_a_new_message(cls) -> dict[str, Any]:
        return {"retry_key": uuid.uuid4()}
