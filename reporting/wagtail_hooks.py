"""Registrations in the Wagtail admin."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.auth import user_has_any_page_permission
from wagtail.admin.menu import MenuItem

from home.models import User
from reporting.centre_viewsets import centres_group
from reporting.models import Export, LogEntry
from reporting.permissions import is_hq, may_read_log, oversees, works_on_reports
from reporting.views.staff_panel import NoScreensPanel, OpenReportsPanel, has_no_screens
from reporting.viewsets import (
    endpoints_viewset,
    intake_viewset,
    people_viewset,
    report_viewset,
)


@hooks.register("register_admin_viewset")
def register_reports() -> Any:
    return report_viewset


@hooks.register("register_admin_viewset")
def register_intake() -> Any:
    return intake_viewset


@hooks.register("register_admin_viewset")
def register_people() -> Any:
    return people_viewset


@hooks.register("register_admin_viewset")
def register_endpoints() -> Any:
    return endpoints_viewset


@hooks.register("register_admin_viewset")
def register_centres() -> Any:
    return centres_group


class AccessLogMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_read_log(request.user)


@hooks.register("register_admin_menu_item")
def register_access_log() -> MenuItem:
    return AccessLogMenuItem(
        gettext_lazy("Access log"),
        reverse("reports:log"),
        name="access-log",
        icon_name="history",
        order=60,
    )


class HqMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return is_hq(request.user)


@hooks.register("register_admin_menu_item")
def register_centres_today() -> MenuItem:
    return HqMenuItem(
        gettext_lazy("Centres today"),
        reverse("reports:centres"),
        name="centres-today",
        icon_name="grip",
        order=52,
    )


class OverseersMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return oversees(request.user)


@hooks.register("register_admin_menu_item")
def register_unusual_reading() -> MenuItem:
    return OverseersMenuItem(
        gettext_lazy("Unusual reading"),
        reverse("reports:unusual"),
        name="unusual-reading",
        icon_name="view",
        order=57,
    )


@hooks.register("register_admin_menu_item")
def register_endpoints_menu() -> MenuItem:
    return HqMenuItem(
        gettext_lazy("Endpoints"),
        reverse("endpoints:index"),
        name="endpoints",
        icon_name="link",
        order=710,
    )


@hooks.register("register_log_actions")
def register_what_is_done_with_tasks(actions: Any) -> None:
    actions.register_action(
        "work.retry", gettext_lazy("Try a task again"), gettext_lazy("Task tried again")
    )
    actions.register_action(
        "work.discard", gettext_lazy("Discard a task"), gettext_lazy("Task discarded")
    )


@hooks.register("register_log_actions")
def register_absences(actions: Any) -> None:
    actions.register_action(
        "reporting.away", gettext_lazy("Note an absence"), gettext_lazy("Absence noted")
    )
    actions.register_action(
        "reporting.back", gettext_lazy("End an absence"), gettext_lazy("Absence ended")
    )


@hooks.register("register_log_actions")
def register_what_is_done_with_endpoints(actions: Any) -> None:
    actions.register_action(
        "reporting.add_endpoint", gettext_lazy("Add an endpoint"), gettext_lazy("Endpoint added")
    )
    actions.register_action(
        "reporting.switch_endpoint",
        gettext_lazy("Switch an endpoint"),
        gettext_lazy("Endpoint switched on or off"),
    )
    actions.register_action(
        "reporting.remove_endpoint",
        gettext_lazy("Remove an endpoint"),
        gettext_lazy("Endpoint removed"),
    )


@hooks.register("construct_main_menu")
def hide_reports_on_pages(request: HttpRequest, menu_items: list[MenuItem]) -> None:
    """Wagtail's own reports are about pages: for people without pages they are a dead end."""
    if not user_has_any_page_permission(request.user):
        menu_items[:] = [item for item in menu_items if item.name != "reports"]


@hooks.register("construct_help_menu")
def hide_outside_help(request: HttpRequest, menu_items: list[MenuItem]) -> None:
    """Help that leads out of the building tells others who works here."""
    menu_items[:] = [item for item in menu_items if item.attrs.get("target") != "_blank"]


@hooks.register("insert_global_admin_css")
def thai_letters() -> SafeString:
    return format_html('<link rel="stylesheet" href="{}">', static("reporting/admin.css"))


@hooks.register("construct_homepage_panels")
def add_open_reports(request: HttpRequest, panels: list[Any]) -> None:
    if works_on_reports(request.user):
        panels.insert(0, OpenReportsPanel())
    elif isinstance(request.user, User) and has_no_screens(request.user):
        panels.insert(0, NoScreensPanel())


@hooks.register("before_delete_user")
def keep_people_of_the_log(request: HttpRequest, user: User) -> HttpResponse | None:
    """The logs name people for good, so whoever worked on reports is deactivated, not deleted."""
    is_named = (
        user.memberships.exists()
        or LogEntry.objects.filter(user=user).exists()
        or Export.objects.filter(user=user).exists()
    )
    if not is_named:
        return None
    messages.error(
        request,
        _("Whoever was a member of a centre stays on record. Make the account inactive instead."),
    )
    return redirect("wagtailusers_users:edit", user.pk)


@hooks.register("before_bulk_action")
def keep_people_of_the_log_in_bulk(
    request: HttpRequest, action_type: str, objects: list[Any], action: Any
) -> HttpResponse | None:
    if action_type != "delete" or action.model is not User:
        return None
    for user in objects:
        if refusal := keep_people_of_the_log(request, user):
            return refusal
    return None
