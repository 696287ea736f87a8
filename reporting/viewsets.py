"""The staff's screens, and the one gate before them."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, register_converter
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet

from reporting import standing
from reporting.lifecycle import BY_RECEIPT, TRANSITIONS
from reporting.models import Report
from reporting.models.report import REFERENCE_ALPHABET, REFERENCE_LENGTH
from reporting.permissions import (
    VIEW,
    may_take_down,
    policy,
    works_on_reports,
)
from reporting.querysets import ReportQuerySet
from reporting.views.staff_bulk import BulkView
from reporting.views.staff_centres import CentresView
from reporting.views.staff_endpoints import EndpointsView, RemoveView, SwitchView
from reporting.views.staff_export_log import ExportLogView
from reporting.views.staff_exports import AskExportView, DownloadView, ExportsView
from reporting.views.staff_file_views import ORIGINAL_VIEWS, FileView
from reporting.views.staff_intake import DiscardView, KeepView, OwnListView, TakeDownView
from reporting.views.staff_log import AccessLogView
from reporting.views.staff_people import MENU_LABEL as PEOPLE_LABEL
from reporting.views.staff_people import AwayView, BackView, HandOverView, PeopleView
from reporting.views.staff_queue import MENU_LABEL, ReportListView
from reporting.views.staff_referral import PdfView, PrintView, ReferralView
from reporting.views.staff_report import MessageView, ReadView, ReportView, StepView
from reporting.views.staff_saved import RemoveFilterView, SaveFilterView
from reporting.views.staff_tasks import DiscardTaskView, RetryTaskView, TasksView
from reporting.views.staff_told import LinkLineView, ToldView, UnlinkLineView
from reporting.views.staff_unusual import UnusualView


class ReferenceConverter:
    # Capitals only, so that none of Wagtail's own addresses below /admin/reports/ is one.
    regex = f"[{REFERENCE_ALPHABET}]{{{REFERENCE_LENGTH}}}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ReferenceConverter, "reference")


class GateMixin:
    """Answers 404 for what lies outside a person's queues, before the view looks at anything.

    It stands before every view of the viewset and every method. A person without any right to
    reports meets the same answer; a view that is for somebody else says so in `opens_for`.
    """

    visible: ReportQuerySet
    report: Report

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        standing.remember(request.user)
        opens_for = getattr(self, "opens_for", works_on_reports)
        if not opens_for(request.user):
            raise Http404
        self.visible = policy.instances_user_has_any_permission_for(request.user, [VIEW])
        if "reference" in kwargs:
            self.report = get_object_or_404(
                self.visible.with_circumstances(), reference=kwargs["reference"]
            )
            if self.report.centre:  # asked with the report, so that nobody asks again
                self.report.centre.is_staffed = self.report.is_centre_staffed
        super().setup(request, *args, **kwargs)  # type: ignore[misc]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        # Wagtail says the same for the whole admin today; here it must not depend on that.
        add_never_cache_headers(response)
        response.is_of_the_screen = True  # type: ignore[attr-defined]  # see middleware.py
        return response


class GatedViewSet(ViewSet):
    """A viewset with the gate before every view that it builds."""

    def construct_view(self, view_class: type, **kwargs: Any) -> Callable[..., HttpResponse]:
        gated = type(view_class.__name__, (GateMixin, view_class), {"__module__": __name__})
        return super().construct_view(gated, **kwargs)


class ReportsMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return works_on_reports(request.user)


REFERRAL_VIEWS: tuple[tuple[str, type, str], ...] = (
    ("", ReferralView, "referral"),
    ("print/", PrintView, "print_referral"),
    ("pdf/", PdfView, "download_referral"),
)


class ReportViewSet(GatedViewSet):
    """/admin/reports/: the queue, one report, its steps, the auditors' log, and HQ's tasks."""

    name = "reports"
    icon = "warning"
    menu_label = MENU_LABEL
    menu_name = "report-queue"
    menu_order = 50
    menu_item_class = ReportsMenuItem
    add_to_admin_menu = True

    def get_urlpatterns(self) -> list[Any]:
        steps = [name for name, step in TRANSITIONS.items() if step.permission != BY_RECEIPT]
        return [
            path("", self.construct_view(ReportListView), name="index"),
            path("bulk/", self.construct_view(BulkView), name="bulk"),
            path("saved/", self.construct_view(SaveFilterView), name="save_filter"),
            path(
                "saved/<int:saved>/remove/",
                self.construct_view(RemoveFilterView),
                name="remove_filter",
            ),
            path("centres/", self.construct_view(CentresView), name="centres"),
            path("log/", self.construct_view(AccessLogView), name="log"),
            path("unusual/", self.construct_view(UnusualView), name="unusual"),
            path("log/exports/", self.construct_view(ExportLogView), name="export_log"),
            path("exports/", self.construct_view(ExportsView), name="exports"),
            path("exports/new/", self.construct_view(AskExportView), name="ask_export"),
            path(
                "exports/<int:export>/download/",
                self.construct_view(DownloadView),
                name="download_export",
            ),
            path("tasks/", self.construct_view(TasksView), name="tasks"),
            path("tasks/<int:job>/retry/", self.construct_view(RetryTaskView), name="retry_task"),
            path(
                "tasks/<int:job>/discard/",
                self.construct_view(DiscardTaskView),
                name="discard_task",
            ),
            path("<reference:reference>/", self.construct_view(ReportView), name="report"),
            path("<reference:reference>/read/", self.construct_view(ReadView), name="read"),
            path(
                "<reference:reference>/message/", self.construct_view(MessageView), name="message"
            ),
            path(
                "<reference:reference>/file/<int:number>/",
                self.construct_view(FileView),
                name="file",
            ),
            *(
                path(
                    f"<reference:reference>/file/<int:number>/{name}/",
                    self.construct_view(view),
                    name=f"{name}_original",
                )
                for name, view in ORIGINAL_VIEWS.items()
            ),
            *(
                path(
                    f"<reference:reference>/referral/<int:number>/{address}",
                    self.construct_view(view),
                    name=name,
                )
                for address, view, name in REFERRAL_VIEWS
            ),
            *(
                path(
                    f"<reference:reference>/{name}/",
                    self.construct_view(StepView, step=name),
                    name=name,
                )
                for name in steps
            ),
        ]


report_viewset = ReportViewSet()


class IntakeMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_take_down(request.user)


class IntakeViewSet(GatedViewSet):
    """/admin/intake/: writing down what somebody told, and one's own list of that."""

    name = "intake"
    icon = "edit"
    menu_label = _("Write down what somebody told you")
    menu_name = "intake"
    menu_order = 40
    menu_item_class = IntakeMenuItem
    add_to_admin_menu = True

    def get_urlpatterns(self) -> list[Any]:
        return [
            path("", self.construct_view(TakeDownView), name="index"),
            path("keep/", self.construct_view(KeepView), name="keep"),
            path("discard/", self.construct_view(DiscardView), name="discard"),
            path("mine/", self.construct_view(OwnListView), name="mine"),
        ]


intake_viewset = IntakeViewSet()


class PeopleViewSet(GatedViewSet):
    """/admin/reports/people/: who is there, who is away, and handing over."""

    name = "people"
    url_prefix = "reports/people"
    icon = "group"
    menu_label = PEOPLE_LABEL
    menu_name = "people-of-queues"
    menu_order = 55
    menu_item_class = ReportsMenuItem
    add_to_admin_menu = True

    def get_urlpatterns(self) -> list[Any]:
        return [
            path("", self.construct_view(PeopleView), name="index"),
            path("told/", self.construct_view(ToldView), name="told"),
            path("told/line/", self.construct_view(LinkLineView), name="link_line"),
            path("told/line/unlink/", self.construct_view(UnlinkLineView), name="unlink_line"),
            path("<int:membership>/away/", self.construct_view(AwayView), name="away"),
            path("<int:membership>/back/", self.construct_view(BackView), name="back"),
            path(
                "<int:membership>/hand-over/", self.construct_view(HandOverView), name="hand_over"
            ),
        ]


people_viewset = PeopleViewSet()


class EndpointsViewSet(GatedViewSet):
    """/admin/reports/endpoints/: programs that HQ lets know that something came in."""

    name = "endpoints"
    url_prefix = "reports/endpoints"

    def get_urlpatterns(self) -> list[Any]:
        return [
            path("", self.construct_view(EndpointsView), name="index"),
            path("<int:endpoint>/switch/", self.construct_view(SwitchView), name="switch"),
            path("<int:endpoint>/remove/", self.construct_view(RemoveView), name="remove"),
        ]


endpoints_viewset = EndpointsViewSet()
