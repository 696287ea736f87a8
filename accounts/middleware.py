"""What stands before every request of somebody signed in. Strangers pass untouched."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse

from accounts import second_factor, sessions

GetResponse = Callable[[HttpRequest], HttpResponse]

# Where somebody without a second factor is led on; anywhere else they are a stranger.
STAFF = "/admin/"
# The editor's open page asks this by itself, which is no sign of anybody at the desk.
ASKS_BY_ITSELF = "/admin/editing-sessions/"
# What the frame of Wagtail's sign-in page loads; it tells strangers the same.
FRAME = frozenset({"wagtailadmin_sprite", "wagtailadmin_javascript_catalog"})


def has_session(request: HttpRequest) -> bool:
    """Looking at the cookie first keeps strangers' pages free of `Vary: Cookie` and of queries."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES


class SessionLimitsMiddleware:
    """Ends a session after its day, or when it was left alone."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if has_session(request) and request.user.is_authenticated:
            now = time.time()
            if sessions.is_over(request.session, now):
                logout(request)
            elif not request.path_info.startswith(ASKS_BY_ITSELF):
                sessions.note_use(request.session, now)
        return self.get_response(request)


class SecondFactorMiddleware:
    """A session that used no second factor is nobody, on every path, whatever let it in.

    An account without a factor is led to set one up. One that has a factor signs in again, and
    allauth then asks for it. Superusers are no exception.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if has_session(request) and second_factor.is_missing(request):
            if second_factor.has_factor(request.user):
                logout(request)
            elif (name := _name_of(request)) not in second_factor.WAY:
                if name and name not in FRAME and request.path_info.startswith(STAFF):
                    return HttpResponseRedirect(reverse("mfa_index"))
                _make_stranger(request)
        return self.get_response(request)


def _make_stranger(request: HttpRequest) -> None:
    async def nobody() -> AnonymousUser:
        return AnonymousUser()

    request.user = AnonymousUser()
    request.auser = nobody  # what asynchronous views ask


def _name_of(request: HttpRequest) -> str:
    """The name of the address; of none that this process serves, nothing."""
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return ""
    return match.url_name or match.view_name
