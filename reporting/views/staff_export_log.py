"""The log of exports, for auditors: who took which list along, how long it was, and when."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from reporting.models import ExportEntry
from reporting.permissions import may_read_log
from reporting.views import staff_words as words
from reporting.views.staff_filters import QueueFilters
from reporting.views.staff_log import ORDER, PAGE, AccessLogView


class ExportLogView(WagtailAdminTemplateMixin, View):
    """Everything that was done with any list, latest first."""

    opens_for = staticmethod(may_read_log)
    template_name = "reporting/admin/export_log.html"
    page_title = gettext_lazy("Log of exports")
    header_icon = "history"

    def get(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        before = request.GET.get("before", "")
        entries = ExportEntry.objects.select_related("user", "export__user")
        entries = ORDER.sort(ORDER.after(entries, before)).defer("export__contents")
        found = list(entries[: PAGE + 1])
        page = found[:PAGE]
        return self.render_to_response(
            self.get_context_data(
                entries=[row(entry) for entry in page],
                is_first_page=not before,
                next_page=f"?before={ORDER.token(page[-1])}" if len(found) > PAGE else "",
            )
        )

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("reports:log"), "label": AccessLogView.page_title},
            {"url": "", "label": self.get_page_title()},
        ]


def row(entry: ExportEntry) -> dict[str, Any]:
    export = entry.export
    query = QueryDict(mutable=True)
    query.update(export.choices)
    return {
        "at": words.moment(entry.at),
        "who": words.person(entry.user or export.user),
        "what": entry.get_action_display(),
        "is_by_system": entry.user is None,
        "number": export.pk,
        "format": export.get_format_display(),
        "chosen": QueueFilters(query, sees_all_queues=True).words,
        "count": f"{entry.rows:,}",
    }
