from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Agency(models.TextChoices):
    POLICE = "police", _("police")
    IMMIGRATION = "immigration", _("Immigration Bureau")
    BORDER_PATROL = "border_patrol", _("Border Patrol Police")
    NAVY = "navy", _("Mekong Riverine Unit of the navy")
    CUSTOMS = "customs", _("customs")
    ONCB = "oncb", _("Office of the Narcotics Control Board")
    SOCIAL = "social", _("social services")


class Referral(models.Model):
    """A minimal, redacted hand-over to a partner agency: the officer's words, never the text."""

    report = models.ForeignKey("reporting.Report", models.PROTECT, related_name="referrals")
    agency = models.CharField(_("agency"), max_length=20, choices=Agency)
    pack = models.OneToOneField("reporting.SealedText", models.PROTECT, related_name="+")
    expires_on = models.DateField(_("may be used until"))
    answer = models.OneToOneField(
        "reporting.SealedText", models.PROTECT, related_name="+", null=True
    )
    referred_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    referred_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        default_permissions = ()
        ordering = ["referred_at", "pk"]

    def __str__(self) -> str:
        return self.get_agency_display()
