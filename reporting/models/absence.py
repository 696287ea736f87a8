"""When a person is away, and who stands in for them."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone


class AbsenceQuerySet(models.QuerySet):
    def today(self) -> Self:
        """Absences that hold today, by the calendar of the offices."""
        today = timezone.localdate()
        return self.filter(starts_on__lte=today, ends_on__gte=today)

    def not_over(self) -> Self:
        """Absences of today and to come."""
        return self.filter(ends_on__gte=timezone.localdate())

    def of(self, user: object, centre: object) -> Self:
        """Absences of a person from a place, whichever of their roles there they are noted for.

        Who is both officer and secretary of a centre is not there in one of the two. The place of
        the project office is None.
        """
        return self.annotate(place=Coalesce("membership__centre", 0)).filter(
            membership__user=user, place=Coalesce(centre, 0)
        )


class Absence(models.Model):
    """Days on which somebody does not work at their place. Both days count.

    Rights stay: who comes back early may act at once. But nothing is assigned to them, notices go
    to the deputy, and a centre where everybody is away counts as one that nobody works at.
    """

    membership = models.ForeignKey("reporting.Membership", models.CASCADE, related_name="absences")
    starts_on = models.DateField()
    ends_on = models.DateField()
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")),
                name="absence_ends_after_it_starts",
            )
        ]

    def __str__(self) -> str:
        return f"{self.starts_on}/{self.ends_on}"
