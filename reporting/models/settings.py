from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from reporting.models.category import MOST_DAYS, MOST_HOURS


@register_setting(icon="time")
class ReportingSettings(BaseGenericSetting):
    """The clocks of a report, unless its category says otherwise."""

    moderate_hours = models.PositiveIntegerField(
        _("hours until moderated"), default=24, validators=[MaxValueValidator(MOST_HOURS)]
    )
    moderate_hours_urgent = models.PositiveIntegerField(
        _("hours until moderated when somebody is in danger"),
        default=1,
        validators=[MaxValueValidator(MOST_HOURS)],
    )
    check_hours = models.PositiveIntegerField(
        _("hours until the first check"), default=72, validators=[MaxValueValidator(MOST_HOURS)]
    )
    close_days = models.PositiveIntegerField(
        _("days until closed"), default=30, validators=[MaxValueValidator(MOST_DAYS)]
    )
    escalate_hours = models.PositiveIntegerField(
        _("hours between telling the officer, the chief and the project office"),
        default=12,
        validators=[MaxValueValidator(MOST_HOURS)],
    )
    escalate_hours_urgent = models.PositiveIntegerField(
        _("the same when somebody is in danger"),
        default=1,
        validators=[MaxValueValidator(MOST_HOURS)],
    )

    class Meta:
        verbose_name = _("report deadlines")
