"""The review of a quarter: what stands out, what is still to be looked at, and signing it."""

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from home.models import User
from reporting.models import AccessReview, Confirmation, Membership
from reporting.permissions import (
    is_hq,
    is_place_reviewed_by,
    membership_policy,
    memberships_reviewed_by,
)
from reporting.quarters import Quarter, running_quarter, today_in_thailand

UNUSED = timedelta(days=90)


class NotPossible(Exception):
    """The review is signed already, or `pending` roles were not looked at yet."""

    def __init__(self, pending: int = 0) -> None:
        super().__init__()
        self.pending = pending


def memberships_of(centre_id: int | None):
    """Who has which role in a place beyond today, with what the review says of each."""
    others = Membership.objects.current().filter(user=OuterRef("user")).exclude(pk=OuterRef("pk"))
    confirmed = Confirmation.objects.filter(
        membership=OuterRef("pk"), quarter=running_quarter().first_day
    )
    return (
        Membership.objects.lasting()
        .filter(centre=centre_id)
        .select_related("user")
        .annotate(has_another_role=Exists(others), is_confirmed=Exists(confirmed))
        .order_by("role", "user__username")
    )


def is_unused(membership: Membership, today: date) -> bool:
    """Whether the person has not signed in for 90 days of those that they hold the role."""
    last = membership.user.last_login
    seen = timezone.localdate(last, timezone.get_default_timezone()) if last else date.min
    return max(seen, membership.starts_on) < today - UNUSED


def review_of(centre_id: int | None, quarter: Quarter) -> AccessReview | None:
    signed = AccessReview.objects.filter(centre=centre_id, quarter=quarter.first_day)
    return signed.select_related("signed_by").first()


def places_without_review(user: User) -> set[int | None]:
    """Where the person could sign the running quarter and nobody did; None is the office.

    A place where nobody has a role needs no review.
    """
    quarter = running_quarter()
    held = Membership.objects.lasting()
    signed = AccessReview.objects.filter(quarter=quarter.first_day)
    if not is_hq(user):
        led = Membership.objects.led_by(user)
        held, signed = held.filter(centre__in=led), signed.filter(centre__in=led)
    places: set[int | None] = set(held.order_by().values_list("centre", flat=True).distinct())
    return places - set(signed.values_list("centre", flat=True))


@transaction.atomic
def confirm(membership: Membership, *, by: User) -> None:
    """Says that a role is still needed. Raises PermissionDenied for whoever may not say so."""
    if not memberships_reviewed_by(by).filter(pk=membership.pk).exists():
        raise PermissionDenied
    _refuse_what_is_signed(membership.centre_id)
    Confirmation.objects.get_or_create(
        membership=membership,
        quarter=running_quarter().first_day,
        defaults={"confirmed_by": by, "confirmed_on": today_in_thailand()},
    )


@transaction.atomic
def end(membership: Membership, *, by: User) -> None:
    """Gives a role its last day, which is today. Whoever may not change it meets a refusal."""
    if not (
        memberships_reviewed_by(by).filter(pk=membership.pk).exists()
        and membership_policy.user_has_permission_for_instance(by, "change", membership)
    ):
        raise PermissionDenied
    _refuse_what_is_signed(membership.centre_id)
    membership.ends_on = today_in_thailand()
    membership.save()


@transaction.atomic
def sign(centre_id: int | None, *, by: User) -> AccessReview:
    """Signs the running quarter of a place in which every role was confirmed or ended.

    Raises NotPossible when one is left, or when somebody signed before.
    """
    if not is_place_reviewed_by(by, centre_id):
        raise PermissionDenied
    _refuse_what_is_signed(centre_id)
    quarter = running_quarter()
    pending = Membership.objects.lasting().filter(centre=centre_id).unconfirmed(quarter).count()
    if pending:
        raise NotPossible(pending)
    review, is_new = AccessReview.objects.get_or_create(
        centre_id=centre_id,
        quarter=quarter.first_day,
        defaults={"signed_by": by, "signed_on": today_in_thailand()},
    )
    if not is_new:
        raise NotPossible
    return review


def _refuse_what_is_signed(centre_id: int | None) -> None:
    if review_of(centre_id, running_quarter()):
        raise NotPossible
