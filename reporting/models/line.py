"""Who wants to be told by LINE as well, and the codes by which they say so."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models


class LineLink(models.Model):
    """A person's account at LINE: sealed to HQ's key, and a keyed hash by which to find it again.

    The process that takes a person's code can write it and not read it; a worker can.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    sealed_id = models.BinaryField()
    sealed_to = models.JSONField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return "LINE"


class LineCodeQuerySet(models.QuerySet):
    def over_at(self, moment: datetime) -> Self:
        """Codes that nobody can use any more."""
        return self.filter(expires_at__lte=moment)


class LineCode(models.Model):
    """A code that somebody was shown and has not sent yet; one a person, kept as a keyed hash."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()

    objects = LineCodeQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return "code"
