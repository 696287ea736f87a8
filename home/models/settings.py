import re
from copy import deepcopy
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting

from home.emergency import NUMBER, NUMBERS, NumbersField
from home.languages import FALLBACK, localised, reader_language

FIRST = 3  # numbers that somebody in danger has to look at


def default_emergency_numbers() -> list[dict[str, str]]:
    return deepcopy(NUMBERS)


def check_emergency_numbers(value: Any) -> None:
    """Every page shows them, so a slip in this box must be stopped at the box."""
    is_right = isinstance(value, list) and all(
        isinstance(line, dict)
        and re.fullmatch(NUMBER, str(line.get("number", "")))
        and isinstance(line.get(FALLBACK), str)
        and line[FALLBACK]
        for line in value
    )
    if not is_right:
        raise ValidationError(
            _("Each line needs a number of digits, and its words in Thai under th.")
        )


@register_setting(icon="warning")
class SiteSettings(BaseSiteSetting):
    """What every page shows and staff may change without a release."""

    emergency_numbers = NumbersField(
        _("emergency numbers"),
        default=default_emergency_numbers,
        validators=[check_emergency_numbers],
        help_text=_("Check each number with its agency. The first three stand above the form."),
    )
    quick_exit_url = models.URLField(
        _("where the quick exit leads"),
        default="https://www.tmd.go.th/",
        validators=[URLValidator(schemes=["https"])],
        help_text=_("An everyday page that raises no question, such as the weather."),
    )
    contact_th = models.TextField(_("contact in Thai"), blank=True)
    contact_en = models.TextField(_("contact in English"), blank=True)
    contact_lo = models.TextField(_("contact in Lao"), blank=True, default="", db_default="")
    contact_km = models.TextField(_("contact in Khmer"), blank=True, default="", db_default="")

    panels = [
        "emergency_numbers",
        # Whoever chooses where it leads learns there who left the form, and when.
        FieldPanel("quick_exit_url", permission="superuser"),
        "contact_th",
        "contact_en",
        "contact_lo",
        "contact_km",
    ]

    class Meta:
        verbose_name = _("site settings")

    @classmethod
    def for_request(cls, request: HttpRequest) -> Self:
        """The settings of the site that is asked, from what stands around every page."""
        from home.frame import frame_of  # it needs the models, and these come first

        frame = frame_of(request)
        return frame.settings if frame else super().for_request(request)

    @property
    def emergency_lines(self) -> list[dict[str, str]]:
        """The emergency numbers with their label in the reader's language."""
        language = reader_language()
        return [
            {"number": line["number"], "label": line.get(language) or line[FALLBACK]}
            for line in self.emergency_numbers
        ]

    @property
    def first_emergency_lines(self) -> list[dict[str, str]]:
        """Those that stand above the form and on every page."""
        return self.emergency_lines[:FIRST]

    @property
    def further_emergency_lines(self) -> list[dict[str, str]]:
        return self.emergency_lines[FIRST:]

    @property
    def contact(self) -> str:
        return localised(self, "contact")
