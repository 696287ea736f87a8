from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from home.remembered import remembered
from reporting.models.category import MOST_DAYS, MOST_HOURS

# So many reports in twenty minutes come from a village that was told of the site this morning.
LEAST_BEFORE_PAUSE = 30
LEAST_BEFORE_FLOOD = 10


class CaptchaMode(models.TextChoices):
    """When the form asks a question that tells people from machines."""

    ALWAYS = "always", _("always")
    UNDER_LOAD = "under_load", _("when many reports come in")
    NEVER = "never", _("not at all")


@register_setting(icon="time")
class ReportingSettings(BaseGenericSetting):
    """The clocks of a report, unless its category says otherwise; what a flood costs, and
    how much reading is usual.

    Limits count what came in the last ten to twenty minutes.
    """

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
    answer_days = models.PositiveIntegerField(
        _("days until an agency has answered"),
        default=14,
        db_default=14,
        validators=[MaxValueValidator(MOST_DAYS)],
    )
    countersign_hours = models.PositiveIntegerField(
        _("hours until a proposed closing is decided"),
        default=48,
        db_default=48,
        validators=[MaxValueValidator(MOST_HOURS)],
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
    captcha_mode = models.CharField(
        _("the question that tells people from machines"),
        max_length=10,
        choices=CaptchaMode,
        default=CaptchaMode.ALWAYS,
        db_default=CaptchaMode.ALWAYS,
    )
    captcha_above_network = models.PositiveIntegerField(
        _("many reports: from one network"),
        default=5,
        db_default=5,
        validators=[MinValueValidator(1)],
        help_text=_("In some ten minutes. A village, or a whole carrier, may be one network."),
    )
    captcha_above_all = models.PositiveIntegerField(
        _("many reports: from everywhere together"),
        default=30,
        db_default=30,
        validators=[MinValueValidator(1)],
    )
    pause_above = models.PositiveIntegerField(
        _("reports from one network after which each sender waits three minutes"),
        default=60,
        db_default=60,
        validators=[MinValueValidator(LEAST_BEFORE_PAUSE)],
        help_text=_("In some ten minutes. Nobody is refused: whoever has waited is let through."),
    )
    guesses_above = models.PositiveIntegerField(
        _("unknown receipts from one network after which looking up asks the question too"),
        default=10,
        db_default=10,
        validators=[MinValueValidator(1)],
    )
    flood_above = models.PositiveIntegerField(
        _("reports in one queue and hour after which only text is taken there"),
        default=50,
        db_default=50,
        validators=[MinValueValidator(LEAST_BEFORE_FLOOD)],
    )
    reads_above_hour = models.PositiveIntegerField(
        _("reports that a person opens in one hour"), default=20, db_default=20
    )
    reads_above_day = models.PositiveIntegerField(
        _("reports that a person opens in one day"), default=60, db_default=60
    )
    reads_above_night = models.PositiveIntegerField(
        _("times that a person opens a report in one night"),
        default=3,
        db_default=3,
        help_text=_("From 20:00 to 6:00."),
    )
    reads_above_idle = models.PositiveIntegerField(
        _("reports that a person opens in 14 days without being assigned or taking a step"),
        default=10,
        db_default=10,
    )

    panels = [
        MultiFieldPanel(
            [
                "moderate_hours",
                "moderate_hours_urgent",
                "check_hours",
                "answer_days",
                "countersign_hours",
                "close_days",
                "escalate_hours",
                "escalate_hours_urgent",
            ],
            _("Deadlines"),
            help_text=_(
                "They count for stages that begin from now on. What runs keeps its deadline."
            ),
        ),
        MultiFieldPanel(
            [
                "captcha_mode",
                "captcha_above_network",
                "captcha_above_all",
                "pause_above",
                "guesses_above",
                "flood_above",
            ],
            _("Limits"),
        ),
        MultiFieldPanel(
            ["reads_above_hour", "reads_above_day", "reads_above_night", "reads_above_idle"],
            _("Unusual reading"),
            help_text=_("What is more than this is shown to chiefs and HQ. Nobody is stopped."),
        ),
    ]

    class Meta:
        verbose_name = _("report deadlines and limits")


@remembered(ReportingSettings, seconds=10)
def settings_of_late() -> ReportingSettings:
    """The settings as they were some seconds ago at most: for intake, which may not wait."""
    return ReportingSettings.load()
