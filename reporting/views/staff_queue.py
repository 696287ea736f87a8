"""The queue: every report that a person may see, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views import View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from home.models import User
from reporting.folding import Folded
from reporting.lifecycle import TRANSITIONS
from reporting.models import Finding, Membership, Report, Status
from reporting.permissions import may_export
from reporting.querysets import ReportQuerySet
from reporting.views import staff_keys
from reporting.views import staff_words as words
from reporting.views.staff_counts import count_open
from reporting.views.staff_filters import QueueFilters
from reporting.views.staff_lists import category_of, centre_of
from reporting.views.staff_paging import Order
from reporting.views.staff_saved import saved_filters

PAGE = 25  # a phone's screen shows five of them
# The context keeps it apart from Wagtail's own "Reports", which are statistics of pages.
MENU_LABEL = pgettext_lazy("menu: what people saw", "Reports")
# What a row says of a report. Its category and centre are known: see staff_lists.py.
SHOWN = [
    *("reference", "status", "is_urgent", "concerns_official", "received_at", "due_at"),
    *("has_new_answer", "is_unread"),
    *("category", "centre", "district__name_th", "district__name_en"),
    *("subdistrict__name_th", "subdistrict__name_en"),
    *("assignee__username", "assignee__first_name", "assignee__last_name"),
]
# The step that usually comes next. What a person may really do is asked on the report's page.
USUAL_STEP = {
    Status.RECEIVED: "accept",
    Status.QUEUED: "verify",
    Status.VERIFYING: "record_finding",
    Status.REFERRED: "return",
    Status.CLOSING: "close",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One report as the queue shows it: words, so that the template looks nothing up.

    A lookup in a template costs ten times one in Python, and a page has PAGE rows.
    """

    reference: str
    url: str
    tone: str  # how loud the deadline is
    is_urgent: bool
    concerns_official: bool
    has_new_answer: bool
    is_unread: bool
    category: str
    place: str
    queue: str
    age: str
    deadline: str
    status: str
    assignee: str
    next_step: str
    folded_count: int  # what the person folded under it


class ReportListView(WagtailAdminTemplateMixin, View):
    """Filters, sorts and pages the reports of a person's queues; the gate made `visible`."""

    template_name = "reporting/admin/report_list.html"
    page_title = MENU_LABEL
    header_icon = "warning"
    request: Any
    visible: ReportQuerySet

    def get(self, request, *args: Any, **kwargs: Any):
        return self.render_to_response(self.get_context_data())

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, query = self.request.user, self.request.GET
        is_hq = Membership.objects.is_hq(user)
        filters = QueueFilters(query, counts=count_open(self.visible, user), sees_all_queues=is_hq)
        order = filters.order
        after = query.get("after", "")
        found, folded = filters.apply(self.visible, user), Folded(user)
        if not filters.shows_folded and folded.reports:
            found = found.exclude(pk__in=folded.reports)
        reports = page_of(order, order.after(found, after))
        page, has_more = reports[:PAGE], len(reports) > PAGE
        kept = query.copy()
        kept.pop("after", None)
        narrowed = kept.urlencode()
        first_page = f"?{narrowed}"
        if has_more:
            kept["after"] = order.token(page[-1])
        return super().get_context_data(
            filters=filters,
            saved=(saved := saved_filters(user, chosen=filters.chosen)),
            can_save=filters.chosen and not any(one.is_current for one in saved),
            rows=rows(page, user, shows_queue=is_hq, folded=folded),
            folded_count=len(folded.reports),
            keys=staff_keys.LIST_KEYS if staff_keys.wants_keys(user) else (),
            step_keys=staff_keys.STEPS,
            hide_key=staff_keys.HIDE,
            shows_queue=is_hq,
            is_first_page=not after,
            query=narrowed,
            # What was looked for by hand is no list that the filters could make again.
            export_url=self.export_url(filters),
            first_page=first_page,
            next_page=f"?{kept.urlencode()}" if has_more else "",
            **kwargs,
        )

    def export_url(self, filters: QueueFilters) -> str:
        if filters.search or filters.folded or not may_export(self.request.user):
            return ""
        return f"{reverse('reports:ask_export')}?{urlencode(filters.chosen)}"


def page_of(order: Order, found: ReportQuerySet) -> list[Report]:
    """The first reports of an order, one more than a page holds, with what a row says of them.

    They are chosen by id first: an index alone tells which, however many are passed over.
    """
    chosen = order.sort(found).values("pk")[: PAGE + 1]
    page = Report.objects.filter(pk__in=chosen)
    page = page.select_related("district", "subdistrict", "assignee").only(*SHOWN)
    added = {"has_finding": Exists(Finding.objects.standing().filter(report=OuterRef("pk")))}
    return list(order.sort(page.annotate(**added).with_assignees_absence()))


def usual_step(report: Report, *, has_finding: bool) -> str | None:
    """The step that leads on from where a report is."""
    if report.status == Status.VERIFYING and has_finding:
        return "propose_closing"
    return USUAL_STEP.get(Status(report.status))


def rows(reports: Sequence[Report], user: User, *, shows_queue: bool, folded: Folded) -> list[Row]:
    """The reports of a page_of() in words."""
    now = timezone.now()
    own_queues = {None, *Membership.objects.queues_of(user)}
    steps = {
        report.pk: usual_step(report, has_finding=report.has_finding)
        for report in reports
        if report.centre_id in own_queues
    }
    return [
        row(
            report,
            now,
            step=steps.get(report.pk),
            shows_queue=shows_queue,
            folded_count=folded.under.get(report.reference, 0),
        )
        for report in reports
    ]


def row(
    report: Report, now: datetime, *, step: str | None, shows_queue: bool, folded_count: int
) -> Row:
    category = category_of(report)
    return Row(
        reference=report.reference,
        url=reverse("reports:report", args=[report.reference]),
        tone="overdue" if report.is_overdue else "in-time",
        is_urgent=report.is_urgent,
        concerns_official=report.concerns_official,
        has_new_answer=report.has_new_answer,
        is_unread=report.is_unread,
        category=category.name if category else _("not chosen"),
        place=words.place(report) or _("not given"),
        queue=words.queue(centre_of(report)) if shows_queue else "",
        age=words.age(report.received_at, now),
        deadline=words.deadline(report, now),
        status=str(Status(report.status).label),
        assignee=words.assignee(report),
        next_step=str(TRANSITIONS[step].label) if step else _("Look at the report"),
        folded_count=folded_count,
    )
