from typing import Self

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.snippets.models import register_snippet

from home.languages import localised

# A year, and ten: more is a slip of the hand, and dates end somewhere.
MOST_HOURS, MOST_DAYS = 366 * 24, 3660


class CategoryQuerySet(models.QuerySet):
    def offered(self) -> Self:
        """Categories that the form offers today, in the editors' order."""
        return self.filter(is_active=True)


@register_snippet
class Category(models.Model):
    """What a report is about. Editors own the wording and the order, and may retire one."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_th = models.CharField(_("name in Thai"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120)
    name_lo = models.CharField(
        _("name in Lao"), max_length=120, blank=True, default="", db_default=""
    )
    name_km = models.CharField(
        _("name in Khmer"), max_length=120, blank=True, default="", db_default=""
    )
    is_serious = models.BooleanField(
        _("closing needs a countersignature"),
        default=False,
        help_text=_("A chief or secretary who did not propose the closing must close the report."),
    )
    is_active = models.BooleanField(_("offered on the form"), default=True)
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0)
    moderate_hours = models.PositiveIntegerField(
        _("hours until moderated"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(MOST_HOURS)],
        help_text=_("Empty: as for all reports."),
    )
    moderate_hours_urgent = models.PositiveIntegerField(
        _("hours until moderated when somebody is in danger"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(MOST_HOURS)],
    )
    check_hours = models.PositiveIntegerField(
        _("hours until the first check"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(MOST_HOURS)],
    )
    answer_days = models.PositiveIntegerField(
        _("days until an agency has answered"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(MOST_DAYS)],
    )
    countersign_hours = models.PositiveIntegerField(
        _("hours until a proposed closing is decided"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(MOST_HOURS)],
    )
    close_days = models.PositiveIntegerField(
        _("days until closed"), null=True, blank=True, validators=[MaxValueValidator(MOST_DAYS)]
    )
    reference_values = models.JSONField(default=dict, editable=False)

    objects = CategoryQuerySet.as_manager()

    panels = [
        MultiFieldPanel(
            [
                FieldPanel("code"),
                FieldPanel("name_th"),
                FieldPanel("name_en"),
                FieldPanel("name_lo"),
                FieldPanel("name_km"),
            ],
            _("Words"),
        ),
        MultiFieldPanel([FieldPanel("is_active"), FieldPanel("sort_order")], _("On the form")),
        # Whether two people must agree, and how long anybody may wait, is not an editor's choice.
        MultiFieldPanel(
            [
                FieldPanel("is_serious", permission="superuser"),
                FieldPanel("moderate_hours", permission="superuser"),
                FieldPanel("moderate_hours_urgent", permission="superuser"),
                FieldPanel("check_hours", permission="superuser"),
                FieldPanel("answer_days", permission="superuser"),
                FieldPanel("countersign_hours", permission="superuser"),
                FieldPanel("close_days", permission="superuser"),
            ],
            _("Deadlines and closing"),
        ),
    ]

    class Meta:
        verbose_name = _("report category")
        verbose_name_plural = _("report categories")
        ordering = ["sort_order", "code"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return localised(self, "name")
