"""Provinces, districts and what lies in and across from them.

Names are kept in Thai and English side by side: a place is one row in every language. In other
languages both are shown, because both stand on the road signs.
"""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from home.languages import localised, speaks_whole_site


class NamedPlace(models.Model):
    """A place with a Thai and an English name, shown by the reader's language."""

    name_th = models.CharField(_("name in Thai"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120)
    # What the reference data last said, so that a later load can tell staff's edits from its own.
    reference_values = models.JSONField(default=dict, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        if speaks_whole_site():
            return localised(self, "name")
        return f"{self.name_th} ({self.name_en})"


class Province(NamedPlace):
    code = models.CharField(_("code"), max_length=2, unique=True)

    class Meta:
        verbose_name = _("province")
        verbose_name_plural = _("provinces")
        ordering = ["code"]


class DistrictQuerySet(models.QuerySet):
    def target(self) -> Self:
        """The 44 districts of the project."""
        return self.filter(is_target=True)

    def active(self) -> Self:
        """Districts that can be chosen today."""
        return self.filter(is_active=True)


class District(NamedPlace):
    """A border district. Adding one is a row: nothing in the platform counts to 44."""

    class Border(models.TextChoices):
        LAOS = "LA", _("Lao PDR")
        CAMBODIA = "KH", _("Cambodia")

    class VisitGroup(models.IntegerChoices):
        NORTH = 1, _("group 1: northern and central Laos")
        SOUTH = 2, _("group 2: southern Laos")
        CAMBODIA = 3, _("group 3: Cambodia")

    code = models.CharField(_("code"), max_length=4, unique=True)
    province = models.ForeignKey(
        Province, models.PROTECT, related_name="districts", verbose_name=_("province")
    )
    is_target = models.BooleanField(_("one of the 44 target districts"), default=False)
    is_active = models.BooleanField(_("can be chosen"), default=True)
    visit_group = models.PositiveSmallIntegerField(
        _("visit group"), choices=VisitGroup, null=True, blank=True
    )
    border = models.CharField(_("border with"), max_length=2, choices=Border, blank=True)
    evidence = models.CharField(_("evidence"), max_length=20, blank=True)
    source_note = models.TextField(_("source note"), blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)

    objects = DistrictQuerySet.as_manager()

    class Meta:
        verbose_name = _("district")
        verbose_name_plural = _("districts")
        ordering = ["code"]


class Subdistrict(NamedPlace):
    code = models.CharField(_("code"), max_length=6, unique=True)
    district = models.ForeignKey(
        District, models.PROTECT, related_name="subdistricts", verbose_name=_("district")
    )

    class Meta:
        verbose_name = _("subdistrict")
        verbose_name_plural = _("subdistricts")
        ordering = ["code"]


class Counterpart(models.Model):
    """A Lao or Cambodian district across the border, paired with one or more Thai districts."""

    name_en = models.CharField(_("name in English"), max_length=120)
    name_local = models.CharField(_("name in its own script"), max_length=120, blank=True)
    country = models.CharField(_("country"), max_length=2, choices=District.Border)
    province_en = models.CharField(_("province"), max_length=120)
    districts = models.ManyToManyField(
        District, related_name="counterparts", verbose_name=_("Thai districts"), blank=True
    )
    evidence = models.CharField(_("evidence"), max_length=20, blank=True)
    source_note = models.TextField(_("source note"), blank=True)
    reference_values = models.JSONField(default=dict, editable=False)

    class Meta:
        verbose_name = _("counterpart district")
        verbose_name_plural = _("counterpart districts")
        ordering = ["country", "province_en", "name_en"]
        constraints = [
            models.UniqueConstraint(
                fields=["country", "province_en", "name_en"], name="counterpart_unique_in_province"
            )
        ]

    def __str__(self) -> str:
        return self.name_en


class Crossing(NamedPlace):
    """A permanent crossing or trade checkpoint. Its status changes often, so staff edit it."""

    class Kind(models.TextChoices):
        PERMANENT = "permanent", _("permanent border crossing")
        TRADE = "trade", _("checkpoint for border trade")
        TEMPORARY = "temporary", _("temporary crossing")

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("status of a crossing", "open")
        RESTRICTED = "restricted", pgettext_lazy("status of a crossing", "restricted")
        CLOSED = "closed", pgettext_lazy("status of a crossing", "closed")
        UNKNOWN = "unknown", pgettext_lazy("status of a crossing", "not known")

    district = models.ForeignKey(
        District, models.PROTECT, related_name="crossings", verbose_name=_("district")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.UNKNOWN)
    status_note_th = models.TextField(_("note on the status in Thai"), blank=True)
    status_note_en = models.TextField(_("note on the status in English"), blank=True)
    evidence = models.CharField(_("evidence"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("border crossing")
        verbose_name_plural = _("border crossings")
        ordering = ["district__code", "name_en"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "name_en"], name="crossing_unique_in_district"
            )
        ]
