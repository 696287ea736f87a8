"""HQ's grid: every centre with what lies there, who is there, and where somebody must act today."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views import View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from reporting.models import CoordinationCentre, Escalation, Membership, Report, Status
from reporting.permissions import is_hq
from reporting.querysets import overdue
from reporting.views import staff_words as words
from reporting.views.staff_people import absences_by_place

PAGE = 60  # the centres of today on one page
QUEUE, PEOPLE = "reports:index", "people:index"

COUNTED = {
    "open": pgettext_lazy("reports of a centre", "open"),
    "overdue": gettext_lazy("overdue"),
    "waiting": gettext_lazy("waiting for a first look"),
    "answered": gettext_lazy("with a new answer"),
}
ORDERS = {
    "alarm": gettext_lazy("Where somebody must act first"),
    "overdue": gettext_lazy("Most overdue first"),
    "open": gettext_lazy("Most open first"),
    "code": gettext_lazy("By district"),
}


class Number(NamedTuple):
    number: int
    label: Any
    url: str


@dataclass(frozen=True)
class Card:
    """One centre, in words. It is red when `alarms` says why."""

    name: str
    code: str
    province: str
    numbers: list[Number]
    counts: dict[str, int]
    people: str
    away: list[str]
    alarms: list[str]
    is_in_operation: bool
    people_url: str


class CentresView(WagtailAdminTemplateMixin, View):
    """All centres on one page, for HQ alone, at a constant number of queries."""

    opens_for = staticmethod(is_hq)
    template_name = "reporting/admin/centres.html"
    page_title = gettext_lazy("Centres today")
    header_icon = "group"
    request: Any

    def get(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        order = request.GET.get("sort", "")
        order = order if order in ORDERS else "alarm"
        found = cards()
        provinces = sorted({card.province for card in found})
        province = request.GET.get("province", "")
        province = province if province in provinces else ""
        shown = [card for card in found if not province or card.province == province]
        page = Paginator(sorted(shown, key=_sort_key(order)), PAGE).get_page(
            request.GET.get("page")
        )
        kept = request.GET.copy()
        kept.pop("page", None)
        return self.render_to_response(
            self.get_context_data(
                page=page,
                kept=kept.urlencode(),
                orders=ORDERS.items(),
                order=order,
                provinces=provinces,
                province=province,
                summary=_summary(shown),
            )
        )

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]


def cards() -> list[Card]:
    """Every centre by its district's code."""
    now = timezone.now()
    counts = _counts(now)
    there, away = _people()
    nothing = dict.fromkeys([*COUNTED, "passed_up", "in_danger"], 0)
    centres = CoordinationCentre.objects.select_related("district__province")
    return [
        _card(centre, counts.get(centre.pk, nothing), there[centre.pk], away[centre.pk])
        for centre in centres.order_by("district__code")
    ]


def _counts(now: Any) -> dict[int, dict[str, int]]:
    """What lies open at each centre, by centre; one query over open reports."""
    is_late = overdue(now)
    found = (
        Report.objects.open()
        .filter(centre__isnull=False)
        .order_by()
        .values("centre")
        .annotate(
            open=Count("pk"),
            overdue=Count("pk", filter=is_late),
            waiting=Count("pk", filter=Q(status=Status.RECEIVED)),
            answered=Count("pk", filter=Q(has_new_answer=True)),
            passed_up=Count("pk", filter=Q(escalation=Escalation.HQ)),
            in_danger=Count("pk", filter=is_late & Q(is_urgent=True)),
        )
    )
    return {row["centre"]: cast(dict[str, int], row) for row in found}


def _people() -> tuple[dict[int, set[int]], dict[int, list[str]]]:
    """By centre: the ids of those who are there today, and the names of those who are away."""
    there: dict[int, set[int]] = defaultdict(set)
    away: dict[int, list[str]] = defaultdict(list)
    members = list(Membership.objects.current().of_queues().select_related("user"))
    today = timezone.localdate()
    absences = absences_by_place(members)
    for member in members:
        assert member.centre_id is not None
        theirs = absences.get((member.user_id, member.centre_id), [])
        if not any(absence.starts_on <= today for absence in theirs):
            there[member.centre_id].add(member.user_id)
        elif (name := words.person(member.user)) not in away[member.centre_id]:
            away[member.centre_id].append(name)
    return there, away


def _card(
    centre: CoordinationCentre, counts: dict[str, int], there: set[int], away: list[str]
) -> Card:
    queue = f"{reverse(QUEUE)}?queue={centre.district.code}"
    narrowed = {
        "open": queue,
        "overdue": f"{queue}&attention=overdue",
        "waiting": f"{queue}&status=received",
        "answered": f"{queue}&attention=answered",
    }
    number = len(there)
    return Card(
        name=centre.district.name,
        code=centre.district.code,
        province=centre.district.province.name,
        numbers=[Number(counts[key], label, narrowed[key]) for key, label in COUNTED.items()],
        counts=counts,
        people=ngettext("%(count)s person there today", "%(count)s people there today", number)
        % {"count": number},
        away=away,
        alarms=_alarms(centre, counts, is_staffed=bool(there)),
        is_in_operation=centre.is_active,
        people_url=f"{reverse(PEOPLE)}?queue={centre.district.code}",
    )


def _alarms(centre: CoordinationCentre, counts: dict[str, int], *, is_staffed: bool) -> list[str]:
    """Why somebody must act today; a deadline that passed is the centre's until it is passed up."""
    found = []
    if centre.is_active and not is_staffed:
        found.append(_("Nobody works here today"))
    if counts["in_danger"]:
        found.append(_("Somebody in danger, and the deadline passed"))
    if number := counts["passed_up"]:
        sentence = ngettext(
            "%(count)s report passed up to the project office",
            "%(count)s reports passed up to the project office",
            number,
        )
        found.append(sentence % {"count": number})
    return found


def _sort_key(order: str):
    if order == "code":
        return lambda card: card.code
    if order == "alarm":
        return lambda card: (
            *(-card.counts[name] for name in ("in_danger", "passed_up")),
            not card.alarms,
            *(-card.counts[name] for name in ("open", "overdue")),
            card.code,
        )
    return lambda card: (-card.counts[order], card.code)


def _summary(shown: list[Card]) -> str:
    return _("%(centres)s centres, %(alarms)s where somebody must act today.") % {
        "centres": len(shown),
        "alarms": sum(bool(card.alarms) for card in shown),
    }
