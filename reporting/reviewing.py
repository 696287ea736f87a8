"""The review of a quarter: what stands out, what is still to be looked at, and signing it."""

from datetime import date, timedelta
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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
    """The review cannot be signed, or was signed already; the message says which, for people."""


class Progress(NamedTuple):
    """How far the review of a place is: its roles, those not looked at yet, and what was signed."""

    total: int = 0
    pending: int = 0
    review: AccessReview | None = None

    @property
    def is_due(self) -> bool:
        """Whether somebody is still to sign. A place where nobody has a role needs no review."""
        return self.total > 0 and self.review is None


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
    return AccessReview.objects.filter(centre=centre_id, quarter=quarter.first_day).first()


def progress_seen_by(user: User) -> dict[int | None, Progress]:
    """How far the places are that the person looks through, in three queries; None is the office.

    A place is missing where nobody has a role and nothing was signed.
    """
    quarter = running_quarter()
    held = Membership.objects.lasting().order_by()
    signed = AccessReview.objects.filter(quarter=quarter.first_day).select_related("signed_by")
    if not is_hq(user):
        led = Membership.objects.led_by(user)
        held, signed = held.filter(centre__in=led), signed.filter(centre__in=led)
    total, pending = _by_place(held), _by_place(held.unconfirmed(quarter))
    reviews = {review.centre_id: review for review in signed}
    return {
        place: Progress(total.get(place, 0), pending.get(place, 0), reviews.get(place))
        for place in total.keys() | reviews.keys()
    }


def _by_place(memberships: Any) -> dict[int | None, int]:
    counted = memberships.values("centre").annotate(number=Count("pk"))
    return {row["centre"]: row["number"] for row in counted}


def places_without_review(user: User) -> set[int | None]:
    """Where the person could sign the running quarter and nobody did; None is the office."""
    return {place for place, progress in progress_seen_by(user).items() if progress.is_due}


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

    Raises NotPossible when one is left, where nobody has a role, or when somebody signed before.
    """
    if not is_place_reviewed_by(by, centre_id):
        raise PermissionDenied
    _refuse_what_is_signed(centre_id)
    quarter = running_quarter()
    held = Membership.objects.lasting().filter(centre=centre_id)
    if not held.exists():
        raise NotPossible(_("Nobody has a role here: there is nothing to review."))
    if pending := held.unconfirmed(quarter).count():
        raise NotPossible(_not_looked_at(pending))
    review, is_new = AccessReview.objects.get_or_create(
        centre_id=centre_id,
        quarter=quarter.first_day,
        defaults={"signed_by": by, "signed_on": today_in_thailand()},
    )
    if not is_new:
        raise NotPossible(_signed_already())
    return review


def _refuse_what_is_signed(centre_id: int | None) -> None:
    if review_of(centre_id, running_quarter()):
        raise NotPossible(_signed_already())


def _signed_already() -> str:
    return _("This review is signed already.")


def _not_looked_at(pending: int) -> str:
    sentence = ngettext(
        "Not signed: %(count)s role is neither confirmed nor ended yet.",
        "Not signed: %(count)s roles are neither confirmed nor ended yet.",
        pending,
    )
    return sentence % {"count": pending}
