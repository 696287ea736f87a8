"""The quarterly look through who has which role: each confirmed, then the whole of it signed."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Confirmation(models.Model):
    """Somebody else said that a role is still needed. A change of the role takes it away."""

    membership = models.ForeignKey(
        "reporting.Membership", models.CASCADE, related_name="confirmations"
    )
    quarter = models.DateField()  # its first day
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("confirmed by")
    )
    confirmed_on = models.DateField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "quarter"], name="confirmation_once_a_quarter"
            )
        ]

    def __str__(self) -> str:
        return str(self.quarter)


class AccessReview(models.Model):
    """A centre's review of a quarter, or (without a centre) the project office's: signed once."""

    centre = models.ForeignKey(
        "reporting.CoordinationCentre", models.PROTECT, null=True, related_name="access_reviews"
    )
    quarter = models.DateField()  # its first day
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("signed by")
    )
    signed_on = models.DateField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["centre", "quarter"], name="access_review_once_a_quarter"
            ),
            models.UniqueConstraint(
                fields=["quarter"],
                condition=models.Q(centre=None),
                name="access_review_of_the_office_once_a_quarter",
            ),
        ]

    def __str__(self) -> str:
        return str(self.quarter)
