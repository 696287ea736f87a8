"""The access log: who did what with which report, for auditors. It holds no text."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from reporting.models import LogEntry
from reporting.models.log import READINGS
from reporting.permissions import may_read_log
from reporting.views.staff_paging import Order
from reporting.views.staff_timeline import action_words, when, who

PAGE = 100
# By time and not by row: what is known to the hour must not stand between two known minutes.
ORDER = Order("at", is_descending=True)


class AccessLogView(WagtailAdminTemplateMixin, View):
    """Every step and every opening across all reports, latest first."""

    opens_for = staticmethod(may_read_log)
    template_name = "reporting/admin/access_log.html"
    page_title = gettext_lazy("Access log of reports")
    header_icon = "history"

    def get(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        before = request.GET.get("before", "")
        entries = ORDER.after(LogEntry.objects.select_related("user", "report"), before)
        entries = ORDER.sort(entries)
        found = list(entries.only(*SHOWN)[: PAGE + 1])
        page = found[:PAGE]
        return self.render_to_response(
            self.get_context_data(
                entries=[
                    {
                        "at": when(entry),
                        "who": who(entry),
                        "what": action_words(entry),
                        "reference": entry.report.reference,
                        "is_reading": entry.action in READINGS,
                    }
                    for entry in page
                ],
                is_first_page=not before,
                next_page=f"?before={ORDER.token(page[-1])}" if len(found) > PAGE else "",
            )
        )

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]


SHOWN = (
    "at",
    "actor",
    "action",
    "report__reference",
    "user__username",
    "user__first_name",
    "user__last_name",
)
