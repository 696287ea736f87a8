"""Programs of others that are told that something came into a queue, and nothing else."""

from datetime import datetime
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reporting.models.centre import CoordinationCentre


class EndpointQuerySet(models.QuerySet):
    def owed_at(self, moment: datetime) -> Self:
        """Those that are to be told now."""
        return self.filter(is_active=True, is_owed=True, not_before__lte=moment)

    def spent_at(self, moment: datetime) -> Self:
        """Those that were told, and hold back nothing further."""
        return self.filter(is_owed=False, not_before__lte=moment)

    def gave_up(self) -> Self:
        """Those that were switched off because they did not answer."""
        return self.filter(is_active=False, failures__gt=0)


class Endpoint(models.Model):
    """An address that gets a signed POST when something comes into a queue (channels/webhook.py).

    The secret is sealed to HQ's key: the web process can set it, only a worker can sign with it.
    """

    name = models.CharField(_("name"), max_length=80)
    url = models.CharField(_("address"), max_length=300)
    centre = models.ForeignKey(
        CoordinationCentre,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("queue"),
    )
    sealed_secret = models.BinaryField()
    sealed_to = models.JSONField()
    is_active = models.BooleanField(default=True)
    failures = models.PositiveSmallIntegerField(default=0)
    is_owed = models.BooleanField(default=False)
    not_before = models.DateTimeField(default=timezone.now)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name
