"""Partner agencies to which an officer may refer a report. The project office keeps the list."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from home.languages import localised


class AgencyQuerySet(models.QuerySet):
    def offered(self) -> Self:
        """Agencies that a report may be referred to today, in the office's order."""
        return self.filter(is_active=True)


class Agency(models.Model):
    """A partner agency. One that was referred to is retired, never deleted: referrals name it."""

    code = models.SlugField(
        _("code"),
        max_length=20,
        unique=True,
        help_text=_("Small Latin letters. Referrals carry it, so it stays as it is."),
    )
    name_th = models.CharField(_("name in Thai"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120)
    how_to_reach = models.TextField(
        _("how officers reach it"),
        max_length=500,
        blank=True,
        help_text=_("An office and a number. Shown to officers beside the referral."),
    )
    is_active = models.BooleanField(_("offered to officers"), default=True)
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0)
    reference_values = models.JSONField(default=dict, editable=False)

    objects = AgencyQuerySet.as_manager()

    class Meta:
        verbose_name = _("partner agency")
        verbose_name_plural = _("partner agencies")
        ordering = ["sort_order", "code"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return localised(self, "name")
