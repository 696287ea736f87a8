"""The screens of the quarterly review: the places, one place, and what is said of each role."""

from typing import Any, NamedTuple

from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages

from accounts.second_factor import FACTORS
from accounts.views.people import AccountView
from accounts.views.words import days_of, factor_words
from home.confirming import ConfirmedMixin
from home.dates import format_day, format_month
from reporting import reviewing
from reporting.models import AccessReview, CoordinationCentre, Membership
from reporting.permissions import (
    is_hq,
    is_place_reviewed_by,
    membership_policy,
    memberships_reviewed_by,
    oversees,
)
from reporting.quarters import running_quarter, today_in_thailand
from reporting.reviewing import Progress
from reporting.views import staff_words as words

MENU_LABEL = gettext_lazy("Access review")
OFFICE = "office"  # where an address names a centre by its district's code


class Place(NamedTuple):
    name: str
    url: str
    state: str
    is_signed: bool


class Row(NamedTuple):
    """A role and its person, in words; without an address where nothing may be done."""

    person: str
    role: str
    days: str
    last_seen: str
    factor: str
    marks: list[str]
    state: str
    confirm_url: str
    end_url: str


class ReviewView(AccountView):
    """What the screens of the review share."""

    opens_for = staticmethod(oversees)
    header_icon = "tasks"
    page_title = MENU_LABEL

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        trail = [*self.breadcrumbs_items]
        if self.get_page_title() != MENU_LABEL:
            trail.append({"url": reverse("accounts:reviews"), "label": MENU_LABEL})
        return [*trail, {"url": "", "label": self.get_page_title()}]


class PlacesView(ReviewView):
    """Which places have their review of the running quarter; whoever has one goes there."""

    template_name = "accounts/reviews.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        centres = CoordinationCentre.objects.select_related("district")
        found = [
            centre
            for centre in (None, *centres)
            if is_place_reviewed_by(self.user, centre.pk if centre else None)
        ]
        if len(found) == 1:
            return redirect("accounts:review", code_of(found[0]))
        progress = reviewing.progress_seen_by(self.user)
        places = [
            place_words(centre, progress.get(centre.pk if centre else None, Progress()))
            for centre in found
        ]
        return self.show(
            quarter=running_quarter(),
            places=sorted(places, key=lambda place: place.is_signed),
            missing=sum(not place.is_signed for place in places),
        )


class PlaceView(ReviewView):
    """Who has which role in a place; outside one's places 404."""

    template_name = "accounts/review.html"
    centre: CoordinationCentre | None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.centre = None
        if kwargs["place"] != OFFICE:
            centres = CoordinationCentre.objects.select_related("district")
            self.centre = get_object_or_404(centres, district__code=kwargs["place"])
        if not is_place_reviewed_by(self.user, self.centre_id):
            raise Http404

    @property
    def centre_id(self) -> int | None:
        return self.centre.pk if self.centre else None

    def get_page_title(self) -> str:
        return words.queue(self.centre)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        progress = reviewing.progress_seen_by(self.user).get(self.centre_id, Progress())
        review = progress.review
        factors = Authenticator.objects.filter(user=OuterRef("user"), type__in=FACTORS)
        found = reviewing.memberships_of(self.centre_id).annotate(has_factor=Exists(factors))
        return self.show(
            quarter=running_quarter(),
            signed=signed_words(review) if review else "",
            rows=self.rows(found, is_open=review is None),
            may_sign=progress.is_due,
            sign_url=reverse("accounts:sign_review", args=[code_of(self.centre)]),
        )

    def rows(self, found: Any, *, is_open: bool) -> list[Row]:
        mine = set(memberships_reviewed_by(self.user).values_list("pk", flat=True))
        policy = membership_policy
        endable = policy.instances_user_has_any_permission_for(self.user, ["change"])
        may_end = mine & set(endable.values_list("pk", flat=True))
        today = today_in_thailand()
        rows = []
        for membership in found:
            may_confirm = is_open and membership.pk in mine and not membership.is_confirmed
            rows.append(
                Row(
                    person=words.person(membership.user),
                    role=str(membership.get_role_display()),
                    days=days_of(membership),
                    last_seen=month_words(membership.user.last_login),
                    factor=factor_words(membership),
                    marks=_marks(membership, today),
                    state=self.state(membership, is_mine=membership.pk in mine),
                    confirm_url=self.url("confirm_role", membership) if may_confirm else "",
                    end_url=(
                        self.url("end_role", membership)
                        if is_open and membership.pk in may_end
                        else ""
                    ),
                )
            )
        return rows

    def state(self, membership: Any, *, is_mine: bool) -> str:
        if membership.is_confirmed:
            return _("confirmed")
        if is_mine:
            return _("not looked at yet")
        if membership.user_id == self.user.pk and is_hq(self.user):
            return _("your own: somebody else of the project office confirms it")
        if membership.user_id == self.user.pk:
            return _("your own: the project office confirms it")
        return _("the project office confirms it")

    def url(self, name: str, membership: Membership) -> str:
        return reverse(f"accounts:{name}", args=[code_of(self.centre), membership.pk])


class RoleView(PlaceView):
    """What is said of one role; another than one's own to say is not there."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("accounts:review", code_of(self.centre))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        reviewed = memberships_reviewed_by(self.user).values("pk")
        here = Membership.objects.lasting().filter(centre=self.centre_id, pk__in=reviewed)
        found = get_object_or_404(here, pk=kwargs["membership"])
        try:
            self.act(found)
        except PermissionDenied:
            raise Http404 from None
        except reviewing.NotPossible as refusal:
            messages.warning(request, str(refusal))
        return redirect("accounts:review", code_of(self.centre))

    def act(self, membership: Membership) -> None:
        raise NotImplementedError


class ConfirmView(RoleView):
    def act(self, membership: Membership) -> None:
        reviewing.confirm(membership, by=self.user)
        messages.success(self.request, _("Confirmed."))


class EndView(ConfirmedMixin, RoleView):
    def act(self, membership: Membership) -> None:
        reviewing.end(membership, by=self.user)
        messages.success(self.request, _("The role ends today, at midnight."))


class SignView(PlaceView):
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("accounts:review", code_of(self.centre))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            reviewing.sign(self.centre_id, by=self.user)
        except reviewing.NotPossible as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The review is signed."))
        return redirect("accounts:review", code_of(self.centre))


def _marks(membership: Any, today: Any) -> list[str]:
    """What a reviewer should ask about."""
    marks = []
    if membership.ends_on is None:
        marks.append(_("no last day"))
    if reviewing.is_unused(membership, today):
        marks.append(_("not used for 90 days"))
    if membership.has_another_role:
        marks.append(_("has another role too"))
    return marks


def code_of(centre: CoordinationCentre | None) -> str:
    return centre.district.code if centre else OFFICE


def month_words(moment: Any) -> str:
    """The month of a sign-in and no more: a review is not for watching people."""
    if moment is None:
        return _("never")
    return format_month(timezone.localdate(moment, timezone.get_default_timezone()))


def signed_words(review: AccessReview) -> str:
    return _("Signed on %(day)s by %(person)s.") % {
        "day": format_day(review.signed_on),
        "person": words.person(review.signed_by),
    }


def place_words(centre: CoordinationCentre | None, progress: Progress) -> Place:
    if progress.review:
        state = signed_words(progress.review)
    elif not progress.is_due:
        state = _("Nobody has a role here: there is nothing to review.")
    else:
        state = _("No review yet. Looked at: %(done)s of %(total)s roles.") % {
            "done": progress.total - progress.pending,
            "total": progress.total,
        }
    url = reverse("accounts:review", args=[code_of(centre)])
    return Place(words.queue(centre), url, state, not progress.is_due)
