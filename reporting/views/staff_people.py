"""The people of a queue: who is there, who is away until when, and what lies with them."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Count
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.log_actions import log

from home.confirming import ConfirmedMixin
from home.dates import format_day
from reporting import handover
from reporting.absence_forms import AbsenceForm, HandOverForm, PlaceForm, absences_of, come_back
from reporting.models import Absence, Membership, Report
from reporting.models.centre import QUEUE_ROLES
from reporting.permissions import colleagues_of, is_chief, is_hq, may_assign_in, may_note_absence
from reporting.views import staff_words as words
from reporting.views.staff_lists import centres

MENU_LABEL = gettext_lazy("People and absences")


class Colleague(NamedTuple):
    """A person in a queue, in words."""

    name: str
    role: str
    absence: str
    is_away: bool
    open_reports: int
    away_url: str
    back_url: str
    hand_over_url: str


class Queue(NamedTuple):
    name: str
    is_staffed: bool
    people: list[Colleague]


class PeopleView(WagtailAdminTemplateMixin, View):
    """Everybody who works on one's queues; HQ chooses a queue and begins with its own."""

    template_name = "reporting/admin/people.html"
    page_title = MENU_LABEL
    header_icon = "group"
    request: Any

    def get(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        shown = colleagues_of(request.user)
        chosen = None
        if is_hq(request.user):
            chosen = chosen_centre(request.GET.get("queue", ""))
            shown = shown.filter(centre=chosen)
        return self.render_to_response(
            self.get_context_data(
                queues=queues(shown, request.user, chosen=chosen),
                today=format_day(timezone.localdate()),
                centres=centres().values() if is_hq(request.user) else [],
                chosen=chosen,
                gives_roles=is_chief(request.user),
            )
        )

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]


def chosen_centre(code: str) -> int | None:
    return next((pk for pk, centre in centres().items() if centre.district.code == code), None)


def queues(memberships: Any, user: Any, *, chosen: int | None) -> list[Queue]:
    """The queues of these memberships with their people; the chosen one also without anybody."""
    found = list(memberships.select_related("user").order_by("centre", "role", "user__username"))
    absences = absences_by_place(found)
    held = Counter[tuple[int, int | None]]()
    counted = Report.objects.open().filter(assignee__in=[row.user_id for row in found])
    for assignee, centre, number in counted.values_list("assignee", "centre").annotate(Count("pk")):
        held[assignee, centre] = number
    today = timezone.localdate()
    by_queue: dict[int | None, list[Colleague]] = {} if found else {chosen: []}
    at_work = set()
    for membership in found:
        place = membership.user_id, membership.centre_id
        theirs = absences.get(place, [])
        is_away = any(absence.starts_on <= today for absence in theirs)
        if not is_away:
            at_work.add(membership.centre_id)
        may_assign = may_assign_in(user, membership.centre_id)
        may_note = may_note_absence(user, membership)
        by_queue.setdefault(membership.centre_id, []).append(
            Colleague(
                name=words.person(membership.user),
                role=membership.get_role_display(),
                absence="; ".join(absence_words(absence) for absence in theirs),
                is_away=is_away,
                open_reports=held[place],
                away_url=_url("away", membership) if may_note else "",
                back_url=_url("back", membership) if may_note and theirs else "",
                hand_over_url=_url("hand_over", membership) if may_assign and held[place] else "",
            )
        )
    return [
        Queue(words.queue(centres().get(centre or 0)), centre in at_work, people)
        for centre, people in by_queue.items()
    ]


def absences_by_place(
    memberships: Iterable[Membership],
) -> dict[tuple[int, int | None], list[Absence]]:
    """Absences that are not over, by person and centre; one query."""
    people = [membership.user_id for membership in memberships]
    found: dict[tuple[int, int | None], list[Absence]] = {}
    absences = Absence.objects.not_over().filter(membership__user__in=people)
    for absence in absences.select_related("membership", "deputy"):
        place = absence.membership.user_id, absence.membership.centre_id
        found.setdefault(place, []).append(absence)
    return found


def absence_words(absence: Absence) -> str:
    days = {
        "first": format_day(absence.starts_on),
        "last": format_day(absence.ends_on),
        "deputy": words.person(absence.deputy) if absence.deputy else "",
    }
    if absence.deputy:
        return _("%(first)s to %(last)s, deputy: %(deputy)s") % days
    return _("%(first)s to %(last)s, no deputy") % days


def _url(name: str, membership: Membership) -> str:
    return reverse(f"people:{name}", args=[membership.pk])


class PlaceView(WagtailAdminTemplateMixin, View):
    """One person in one queue. Who has no say there meets a 404, as outside the queue."""

    template_name = "reporting/admin/person.html"
    header_icon = "group"
    form_class: type[PlaceForm]
    button: Any = ""
    request: Any
    membership: Membership

    def dispatch(self, request, *args: Any, membership: int, **kwargs: Any):
        found = colleagues_of(request.user).select_related("user", "centre__district")
        place = found.filter(pk=membership).first()
        if place is None or not self.may(request.user, place):
            raise Http404
        self.membership = place
        return super().dispatch(request, *args, **kwargs)

    def may(self, user: Any, membership: Membership) -> bool:
        return may_note_absence(user, membership)

    def get(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_form(self.form_class(membership=self.membership, by=request.user))

    def post(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.form_class(request.POST, membership=self.membership, by=request.user)
        if not form.is_valid():
            return self.render_form(form)
        with transaction.atomic():
            self.act(form)
        return self.back_to_list()

    def act(self, form: Any) -> None:
        raise NotImplementedError

    def note(self, action: str, **data: Any) -> None:
        log(self.membership, action, user=self.request.user, data=data)

    @property
    def list_url(self) -> str:
        address = reverse("people:index")
        centre = self.membership.centre
        return f"{address}?queue={centre.district.code}" if centre else address

    def back_to_list(self) -> HttpResponseRedirect:
        return redirect(self.list_url)

    def render_form(self, form: PlaceForm) -> HttpResponse:
        held = handover.held(self.membership.user, self.membership.centre_id).count()
        return self.render_to_response(
            self.get_context_data(
                form=form,
                button=self.button,
                list_url=self.list_url,
                person=words.person(self.membership.user),
                place=words.queue(self.membership.centre),
                held=ngettext("%(count)s open report", "%(count)s open reports", held)
                % {"count": held},
            )
        )

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("people:index"), "label": MENU_LABEL},
            {"url": "", "label": self.get_page_title()},
        ]


class AwayView(PlaceView):
    form_class = AbsenceForm
    page_title = gettext_lazy("Note an absence")
    button = gettext_lazy("Note the absence")

    def act(self, form: AbsenceForm) -> None:
        absence = form.save()
        self.note(
            "reporting.away",
            starts_on=absence.starts_on.isoformat(),
            ends_on=absence.ends_on.isoformat(),
            deputy=absence.deputy_id,
        )
        messages.success(self.request, _("The absence was noted."))
        if not self.membership.centre or self.membership.role not in QUEUE_ROLES:
            return
        if not self.membership.centre.is_staffed:
            messages.warning(
                self.request,
                _(
                    "Nobody works on this queue now. Its reports go to the project office until "
                    "somebody is back."
                ),
            )


class BackView(PlaceView):
    """Ends what was noted; a page of its own is not needed."""

    def get(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.back_to_list()

    def post(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        if absences_of(self.membership).not_over().exists():
            with transaction.atomic():
                come_back(self.membership)
                self.note("reporting.back")
            messages.success(request, _("Noted: back at work."))
        return self.back_to_list()


class HandOverView(ConfirmedMixin, PlaceView):
    form_class = HandOverForm
    page_title = gettext_lazy("Hand over reports")
    button = gettext_lazy("Hand over all open reports")

    def may(self, user: Any, membership: Membership) -> bool:
        return may_assign_in(user, membership.centre_id)

    def act(self, form: HandOverForm) -> None:
        person, centre = self.membership.user, self.membership.centre_id
        handed = handover.hand_over(
            person, centre, to=form.cleaned_data["to"], by=self.request.user
        )
        told = ngettext(
            "%(count)s report was handed over.", "%(count)s reports were handed over.", handed.moved
        )
        messages.success(self.request, told % {"count": handed.moved})
        if handed.left:
            left = ngettext(
                "%(count)s report is still with the person. Please hand over once more.",
                "%(count)s reports are still with the person. Please hand over once more.",
                handed.left,
            )
            messages.warning(self.request, left % {"count": handed.left})
