"""Signing in, signing out and one's own password and second factor, below /admin/.

Of allauth's addresses only these are there: no sign-up, no sign-in by mail, no other accounts.
"""

from allauth.account import views
from django.urls import include, path, re_path
from django.views.decorators.cache import never_cache
from wagtail.admin.auth import get_localized_response
from wagtail.utils.urlpatterns import decorate_urlpatterns

from accounts.views.signing_in import SignInView, SignOutView


def in_their_language(view):
    """Speaks the language that the person chose, as Wagtail does on its own screens."""

    def localized(request, *args, **kwargs):
        return get_localized_response(view, request, *args, **kwargs)

    return localized


urlpatterns = [
    path("login/", SignInView.as_view(), name="account_login"),
    path("login/inactive/", views.account_inactive, name="account_inactive"),
    path("logout/", SignOutView.as_view(), name="wagtailadmin_logout"),
    path("password_reset/", views.password_reset, name="account_reset_password"),
    path("password_reset/sent/", views.password_reset_done, name="account_reset_password_done"),
    path(
        "password_reset/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password_reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("account/confirm/", views.reauthenticate, name="account_reauthenticate"),
    path("account/password/", views.password_change, name="account_change_password"),
    path("account/factor/", include("allauth.mfa.urls")),
]
urlpatterns = decorate_urlpatterns(urlpatterns, in_their_language)
urlpatterns = decorate_urlpatterns(urlpatterns, never_cache)
