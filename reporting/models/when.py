from django.db import models
from django.utils.translation import gettext_lazy as _


class When(models.TextChoices):
    """When it was seen, as coarse as the reporter likes."""

    NOW = "now", _("It is happening now")
    TODAY = "today", _("Today")
    THIS_WEEK = "this_week", _("In the last seven days")
    EARLIER = "earlier", _("Longer ago")
    REPEATEDLY = "repeatedly", _("It happens again and again")
    UNKNOWN = "unknown", _("I don't know")
