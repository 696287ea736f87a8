"""The sign-in page, and the way out. What lies between is allauth's (accounts/urls.py)."""

from typing import Any

from allauth.account.views import LoginView
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from wagtail.admin.views.account import LogoutView


class SignInView(LoginView):
    """/admin/login/: user name and password; the second factor comes after, where it is needed."""

    template_name = "wagtailadmin/login.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # The admin sends here whoever may not enter it; sending them back would never end.
        if request.user.is_authenticated and not request.user.has_perm("wagtailadmin.access_admin"):
            logout(request)
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {
            **context,
            "next": context["redirect_field_value"],
            # Without a mail server no letter would come.
            "show_password_reset": not settings.EMAIL_BACKEND.endswith("dummy.EmailBackend"),
        }


class SignOutView(LogoutView):
    """/admin/logout/: ends the session. Open in the middle of signing in, too."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Wagtail's takes the cookie away even when it refuses, so a mere link signed people out.
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response
