import time
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch

from operations import traffic

ROLES = ("staff", "all")


class TrafficMiddleware:
    """Counts what staff ask for, where /metrics tells it and nowhere else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if settings.ROLE not in ROLES or not settings.METRICS_TOKEN:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Nor the intake: a headman there has somebody beside him who tells.
        path = request.path_info
        if not path.startswith("/admin/") or path.startswith("/admin/intake/"):
            return self.get_response(request)
        begun = time.perf_counter()
        response = self.get_response(request)
        traffic.count(
            screen_of(request.resolver_match), response.status_code, time.perf_counter() - begun
        )
        return response


def screen_of(match: ResolverMatch | None) -> str:
    """The kind of screen; no address, and so no report, is told apart from another."""
    if match is None:
        return "nowhere"
    if match.namespace == "reports":
        return "reports"
    name = match.url_name or ""
    return "sign_in" if name.startswith(("account_", "mfa_")) else "admin"
