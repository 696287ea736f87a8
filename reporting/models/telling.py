"""How somebody wants to be told that something new waits."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Telling(models.Model):
    """A person's own choice. Who made none, or has no hour here, is told at once."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    digest_hour = models.PositiveSmallIntegerField(
        _("hour of the daily mail"), null=True, blank=True, validators=[MaxValueValidator(23)]
    )

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return "telling"


def next_digest(hour: int, now: datetime) -> datetime:
    """The first moment after now at which a clock in Thailand strikes that hour."""
    local = timezone.localtime(now)
    struck = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    return struck if struck > local else struck + timedelta(days=1)
