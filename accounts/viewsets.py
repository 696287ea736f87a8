"""/admin/accounts/: the people who sign in, and the log of what was done with their accounts."""

from typing import Any

from django.http import HttpRequest
from django.urls import path
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet

from accounts.permissions import manages_accounts
from accounts.views.log import LogView
from accounts.views.people import (
    MENU_LABEL,
    EditView,
    InviteColleagueView,
    InviteView,
    ListView,
    PersonView,
    StepView,
)
from accounts.views.review import ConfirmView, EndView, PlacesView, PlaceView, SignView


class AccountsMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return manages_accounts(request.user)  # type: ignore[arg-type]


class AccountViewSet(ViewSet):
    name = "accounts"
    icon = "user"
    menu_label = MENU_LABEL
    menu_name = "accounts"
    menu_order = 710
    menu_item_class = AccountsMenuItem
    add_to_admin_menu = True

    def get_urlpatterns(self) -> list[Any]:
        return [
            path("", self.construct_view(ListView), name="index"),
            path("invite/", self.construct_view(InviteView), name="invite"),
            path(
                "invite/colleague/",
                self.construct_view(InviteColleagueView),
                name="invite_colleague",
            ),
            path("review/", self.construct_view(PlacesView), name="reviews"),
            path("review/<slug:place>/", self.construct_view(PlaceView), name="review"),
            path("review/<slug:place>/sign/", self.construct_view(SignView), name="sign_review"),
            path(
                "review/<slug:place>/confirm/<int:membership>/",
                self.construct_view(ConfirmView),
                name="confirm_role",
            ),
            path(
                "review/<slug:place>/end/<int:membership>/",
                self.construct_view(EndView),
                name="end_role",
            ),
            path("log/", self.construct_view(LogView), name="log"),
            path("<int:pk>/", self.construct_view(PersonView), name="person"),
            path("<int:pk>/edit/", self.construct_view(EditView), name="edit"),
            path("<int:pk>/<slug:step>/", self.construct_view(StepView), name="step"),
        ]


account_viewset = AccountViewSet()
