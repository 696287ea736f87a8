"""Coordination centres and who belongs to them, with dates."""

from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from home.models import District
from reporting.models.absence import Absence
from reporting.models.review import Confirmation
from reporting.quarters import Quarter, running_quarter


class Role(models.TextChoices):
    """What a person is, in a centre or at the project office (docs/design.md, section 1)."""

    CHIEF = "chief", _("chief district officer")
    SECRETARY = "secretary", _("deputy district chief for security")
    OFFICER = "officer", _("district officer")
    COORDINATOR = "coordinator", _("coordinator (headman)")
    HQ = "hq", _("HQ moderator")
    ANALYST = "analyst", _("analyst")
    AUDITOR = "auditor", _("auditor")


# Roles held in a district; the others are held at the project office.
CENTRE_ROLES = frozenset({Role.CHIEF, Role.SECRETARY, Role.OFFICER, Role.COORDINATOR})
# Roles that work on the reports of their queue. A coordinator hands reports in and reads none.
QUEUE_ROLES = frozenset({Role.CHIEF, Role.SECRETARY, Role.OFFICER})
# Roles that a chief gives in their own centre. Chiefs, and all of the office, are HQ's to appoint.
GIVEN_BY_CHIEFS = frozenset({Role.SECRETARY, Role.OFFICER, Role.COORDINATOR})
# Roles that write down what somebody told them: the headman in the village, the others by phone.
TAKING_ROLES = QUEUE_ROLES | {Role.COORDINATOR, Role.HQ}


# Where a request's person carries their places; see standing.py.
PLACES = "_reporting_places"


class CentreQuerySet(models.QuerySet):
    def staffed(self) -> Self:
        """Centres where somebody reads the queue today: not one where all are away."""
        return self.filter(
            is_active=True,
            pk__in=Membership.objects.at_work().filter(role__in=QUEUE_ROLES).values("centre"),
        )


class CoordinationCentre(models.Model):
    """A district's NTS-MWCC. Its row is its queue."""

    district = models.OneToOneField(
        District, models.PROTECT, related_name="centre", verbose_name=_("district")
    )
    is_active = models.BooleanField(_("in operation"), default=True)

    objects = CentreQuerySet.as_manager()

    class Meta:
        verbose_name = _("coordination centre")
        verbose_name_plural = _("coordination centres")
        ordering = ["district__code"]

    def __str__(self) -> str:
        return gettext("%(district)s coordination centre") % {"district": self.district.name}

    @cached_property
    def is_staffed(self) -> bool:
        """Whether somebody reads the queue today."""
        return CoordinationCentre.objects.staffed().filter(pk=self.pk).exists()

    @property
    def key_name(self) -> str:
        """The name of the centre's key in the keyring: the district's code."""
        return self.district.code


class MembershipQuerySet(models.QuerySet):
    def current(self) -> Self:
        """Memberships that hold today, of people who may sign in."""
        today = timezone.localdate()
        return self.filter(
            models.Q(ends_on=None) | models.Q(ends_on__gte=today),
            starts_on__lte=today,
            user__is_active=True,
        )

    def at_work(self) -> Self:
        """Memberships that hold today, of people who are not away from that place."""
        return self.current().exclude(models.Exists(_absences()))

    def away(self) -> Self:
        """Memberships that hold today, of people who are away."""
        return self.current().filter(models.Exists(_absences()))

    def lasting(self) -> Self:
        """Memberships that hold today and go on tomorrow."""
        return self.current().exclude(ends_on=timezone.localdate())

    def unconfirmed(self, quarter: Quarter) -> Self:
        """Those of which nobody said in the quarter that they are still needed."""
        confirmed = Confirmation.objects.filter(quarter=quarter.first_day)
        return self.exclude(pk__in=confirmed.values("membership"))

    def of_queues(self) -> Self:
        """Memberships that work on the queue of a centre, whichever."""
        return self.filter(role__in=QUEUE_ROLES)

    def of_queue(self, centre_id: int | None) -> Self:
        """Memberships that work on a queue; None is the project office's."""
        if centre_id is None:
            return self.filter(role=Role.HQ)
        return self.filter(centre=centre_id, role__in=QUEUE_ROLES)

    def places_of(self, user: Any) -> list[tuple[str, int | None]]:
        """(role, centre) of each membership that the person holds today.

        Within a request that standing.remember() looked at, as they were when it began.
        """
        if not (user.is_authenticated and user.is_active):
            return []
        kept = getattr(user, PLACES, None)
        if kept is not None:
            return kept
        return list(
            self.current().filter(user=user).order_by("pk").values_list("role", "centre_id")
        )

    def is_hq(self, user: Any) -> bool:
        """Whether the person moderates for the project office today."""
        return any(role == Role.HQ for role, _centre in self.places_of(user))

    def queues_of(self, user: Any) -> set[int | None]:
        """The centres whose queue the person works on today."""
        return {centre for role, centre in self.places_of(user) if role in QUEUE_ROLES}

    def led_by(self, user: Any) -> set[int]:
        """The centres whose chief the person is today."""
        return {
            centre
            for role, centre in self.places_of(user)
            if role == Role.CHIEF and centre is not None
        }


def _absences() -> models.QuerySet[Absence]:
    return Absence.objects.today().of(models.OuterRef("user"), models.OuterRef("centre"))


class Membership(models.Model):
    """One person in one role, in a centre or (without a centre) at the project office."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="memberships",
        verbose_name=_("person"),
    )
    centre = models.ForeignKey(
        CoordinationCentre,
        models.PROTECT,
        related_name="memberships",
        null=True,
        blank=True,
        verbose_name=_("coordination centre"),
    )
    role = models.CharField(_("role"), max_length=12, choices=Role)
    starts_on = models.DateField(_("from"), default=timezone.localdate)
    ends_on = models.DateField(_("until"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["centre", "role", "user"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=sorted(CENTRE_ROLES), centre__isnull=False)
                | (~models.Q(role__in=sorted(CENTRE_ROLES)) & models.Q(centre__isnull=True)),
                name="membership_role_fits_its_place",
            )
        ]
        indexes = [models.Index(fields=["user", "role"], name="membership_user_role")]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Saves it and lets the person into the admin: a queue nobody can open is unread.

        What was confirmed before is looked at anew.
        """
        super().save(*args, **kwargs)
        self.confirmations.filter(quarter=running_quarter().first_day).delete()
        self.user.user_permissions.add(
            Permission.objects.get(codename="access_admin", content_type__app_label="wagtailadmin")
        )
