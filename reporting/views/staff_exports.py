"""Taking a list along: asking for it, seeing how far it is, saving it. One's own lists alone."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views import View
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from home.confirming import ConfirmedMixin
from reporting import exporting
from reporting.models import Export, Membership
from reporting.permissions import may_export
from reporting.sealing import SealingUnavailable
from reporting.views import staff_words as words
from reporting.views.staff_filters import QueueFilters
from reporting.views.staff_queue import MENU_LABEL

LATEST = 20  # of one's own; each is gone after a day
CONFLICT, GONE, UNAVAILABLE = 409, 410, 503
KINDS = {
    Export.Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Export.Format.CSV: "text/csv; charset=utf-8",
    Export.Format.PDF: "application/pdf",
}
OVER = gettext_lazy("This list was thrown away: it was kept for 24 hours. Please ask for it anew.")


class ExportPageMixin(WagtailAdminTemplateMixin):
    opens_for = staticmethod(may_export)
    header_icon = "download"
    request: Any

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("reports:index"), "label": MENU_LABEL},
            {"url": "", "label": self.get_page_title()},
        ]


class FormatForm(forms.Form):
    format = forms.ChoiceField(
        label=gettext_lazy("Format"), choices=Export.Format.choices, widget=forms.RadioSelect
    )


class AskExportView(ConfirmedMixin, ExportPageMixin, View):
    """Says what the list would be, and asks in which format. The factor is asked for before."""

    template_name = "reporting/admin/ask_export.html"
    page_title = gettext_lazy("Export this list")

    def get(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_form(FormatForm(initial={"format": Export.Format.XLSX}))

    def post(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        form = FormatForm(request.POST)
        if not form.is_valid():
            return self.render_form(form)
        language = get_language() or ""
        try:
            exporting.ask(
                request.user, self.filters().chosen, form.cleaned_data["format"], language=language
            )
        except exporting.NotExported as problem:
            form.add_error("format", str(problem))
            return self.render_form(form)
        messages.success(request, _("Your list is being made."))
        return redirect("reports:exports")

    def filters(self) -> QueueFilters:
        is_hq = Membership.objects.is_hq(self.request.user)
        return QueueFilters(self.request.GET, sees_all_queues=is_hq)

    def render_form(self, form: FormatForm) -> HttpResponse:
        filters = self.filters()
        return self.render_to_response(
            self.get_context_data(
                form=form,
                chosen=filters.words,
                most=f"{exporting.MOST[Export.Format.XLSX]:,}",
                most_pdf=f"{exporting.MOST[Export.Format.PDF]:,}",
                query=self.request.GET.urlencode(),
            )
        )


class ExportsView(ExportPageMixin, View):
    """The person's lists of late, with how far each is."""

    template_name = "reporting/admin/exports.html"
    page_title = gettext_lazy("My exports")

    def get(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_list()

    def render_list(self, *, problem: Any = "", status: int = 200) -> HttpResponse:
        user = self.request.user
        found = Export.objects.filter(user=user).defer("contents").order_by("-pk")[:LATEST]
        exports = [self.row(export) for export in found]
        return self.render_to_response(
            self.get_context_data(
                exports=exports,
                is_waiting=any(row["is_under_way"] for row in exports),
                problem=problem,
            ),
            status=status,
        )

    def row(self, export: Export) -> dict[str, Any]:
        is_over = export.is_over
        return {
            "pk": export.pk,
            "asked": words.moment(export.asked_at),
            "until": words.moment(export.expires_at),
            "format": export.get_format_display(),
            "chosen": exporting.filters_for(self.request.user, export.choices).words,
            "is_under_way": export.is_under_way and not is_over,
            "is_ready": export.is_ready and not is_over,
            "state": state_words(export),
            "count": export.total,
        }


def state_words(export: Export) -> str:
    """How far a list is, and what to do when it is not to be had."""
    if export.is_over:
        return str(OVER)
    if export.is_under_way:
        return _("%(done)s of %(total)s reports are in it.") % {
            "done": f"{export.done:,}",
            "total": f"{export.total:,}",
        }
    if export.is_ready:
        sentence = ngettext("Ready: %(count)s report.", "Ready: %(count)s reports.", export.total)
        return sentence % {"count": f"{export.total:,}"}
    if export.state == Export.State.WITHDRAWN:
        return _("Withdrawn: something in it is no longer yours to see. Please ask for it anew.")
    return _("It could not be made. Narrow the list, or choose another format.")


class DownloadView(ConfirmedMixin, ExportsView):
    """Hands the file over; who may have it is decided where it is opened."""

    def comes_back_to(self) -> str:
        return reverse("reports:exports")

    def get(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        self.find(kwargs["export"])
        return redirect("reports:exports")

    def post(self, request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        export = self.find(kwargs["export"])
        try:
            content = exporting.open_file(export, by=request.user)
        except exporting.Expired:
            return self.render_list(problem=OVER, status=GONE)
        except exporting.NotReady:
            export.refresh_from_db()  # it may have changed since it was found
            return self.render_list(problem=state_words(export), status=CONFLICT)
        except (PermissionDenied, exporting.Withdrawn):
            raise Http404 from None
        except (SealingUnavailable, FileNotFoundError):
            problem = _("The file cannot be opened at the moment.")
            return self.render_list(problem=problem, status=UNAVAILABLE)
        return StreamingHttpResponse(
            content,
            content_type=KINDS[Export.Format(export.format)],
            headers={
                "Content-Disposition": _attached(export),
                "X-Content-Type-Options": "nosniff",
                "Content-Encoding": "identity",  # sent as it is, a piece at a time
            },
        )

    def find(self, number: int) -> Export:
        export: Export = get_object_or_404(Export, pk=number, user=self.request.user)
        return export


def _attached(export: Export) -> str:
    return f'attachment; filename="reports-{export.pk}.{export.format}"'
