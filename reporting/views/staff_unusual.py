"""Unusual reading, for chiefs and HQ: who, when and how much. It names no report."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from home.dates import format_day
from home.models import User
from reporting import unusual
from reporting.models import Membership
from reporting.permissions import is_hq, oversees
from reporting.unusual import Kind, Unusual
from reporting.views import staff_words as words


class Row(NamedTuple):
    person: str
    roles: list[str]
    what: str
    when: str
    number: str


class UnusualView(WagtailAdminTemplateMixin, View):
    """What was unusual in the last 14 days; one's own reading is for others to look at."""

    opens_for = staticmethod(oversees)
    template_name = "reporting/admin/unusual.html"
    page_title = gettext_lazy("Unusual reading")
    header_icon = "view"

    def get(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        found = unusual.seen_by(request.user)
        people = User.objects.in_bulk({one.user_id for one in found})
        roles = _roles(request.user, people)
        return self.render_to_response(
            self.get_context_data(
                days=unusual.DAYS,
                rows=[
                    Row(
                        person=words.person(people[one.user_id]),
                        roles=roles[one.user_id],
                        what=str(one.kind.label),
                        when=_when(one),
                        number=_number(one),
                    )
                    for one in found
                ],
            )
        )

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]


def _roles(viewer: User, people: Iterable[int]) -> dict[int, list[str]]:
    """What each is today; a chief is told of roles in their own centre alone."""
    held = Membership.objects.current().filter(user__in=people)
    if not is_hq(viewer):
        held = held.filter(centre__in=Membership.objects.led_by(viewer))
    found: dict[int, list[str]] = defaultdict(list)
    for membership in held.select_related("centre__district").order_by("pk"):
        place = words.queue(membership.centre)
        found[membership.user_id].append(f"{membership.get_role_display()}, {place}")
    return found


def _when(one: Unusual) -> str:
    if isinstance(one.since, datetime):
        return words.hour(one.since)
    if not isinstance(one.since, date):
        return _("in the last %(count)s days") % {"count": unusual.DAYS}
    day = format_day(one.since)
    return _("in the night from %(day)s") % {"day": day} if one.kind == Kind.NIGHT else day


def _number(one: Unusual) -> str:
    if one.kind == Kind.NIGHT:
        sentence = ngettext("%(count)s opening", "%(count)s openings", one.number)
    else:
        sentence = ngettext("%(count)s report", "%(count)s reports", one.number)
    return sentence % {"count": one.number}
