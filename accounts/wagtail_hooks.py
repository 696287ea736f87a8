"""Registrations in the Wagtail admin."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem

from accounts.models import AccountLog
from accounts.panels import SigningInPanel
from accounts.views.review import MENU_LABEL
from accounts.views.wagtail_users import note_opened_or_closed
from accounts.viewsets import account_viewset
from home.models import User
from reporting.permissions import may_read_log, oversees


@hooks.register("register_admin_viewset")
def register_accounts() -> Any:
    return account_viewset


class AccountLogMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_read_log(request.user)


@hooks.register("register_admin_menu_item")
def register_account_log() -> MenuItem:
    return AccountLogMenuItem(
        gettext_lazy("Log of accounts"),
        reverse("accounts:log"),
        name="account-log",
        icon_name="history",
        order=61,
    )


class AccessReviewMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return oversees(request.user)


@hooks.register("register_admin_menu_item")
def register_access_review() -> MenuItem:
    return AccessReviewMenuItem(
        MENU_LABEL,
        reverse("accounts:reviews"),
        name="access-review",
        icon_name="tasks",
        order=56,
    )


@hooks.register("register_account_settings_panel")
def register_signing_in(request: HttpRequest, user: User, profile: Any) -> SigningInPanel:
    return SigningInPanel(request, user, profile)


@hooks.register("before_delete_user")
def keep_people_of_the_account_log(request: HttpRequest, user: User) -> HttpResponse | None:
    """The log names people for good, so such an account is closed, not deleted."""
    if not AccountLog.objects.filter(Q(actor=user) | Q(person=user)).exists():
        return None
    messages.error(request, _("This account is in the log of accounts. Close it instead."))
    return redirect("wagtailusers_users:edit", user.pk)


@hooks.register("before_bulk_action")
def keep_people_of_the_account_log_in_bulk(
    request: HttpRequest, action_type: str, objects: list[Any], action: Any
) -> HttpResponse | None:
    if action_type != "delete" or action.model is not User:
        return None
    for user in objects:
        if refusal := keep_people_of_the_account_log(request, user):
            return refusal
    return None


@hooks.register("after_bulk_action")
def log_accounts_opened_or_closed_in_bulk(
    request: HttpRequest, action_type: str, objects: list[Any], action: Any
) -> None:
    """The rows were changed; `objects` are as they were read before."""
    if action_type != "set_active_state" or action.model is not User:
        return
    is_active = action.cleaned_form.cleaned_data["mark_as_active"]
    for person in objects:
        if person.is_active != is_active:
            person.is_active = is_active
            note_opened_or_closed(person, by=request.user)
