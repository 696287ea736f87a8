"""What a headman typed for a quarter of an hour is never the price of a session that ended."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string

from reporting.intake_forms import FIELDS
from reporting.posted import Unreadable, posted

GetResponse = Callable[[HttpRequest], HttpResponse]

INTAKE = "/admin/intake/"
KEEPS = (INTAKE, f"{INTAKE}keep/")
# What is chosen beforehand, and so nobody's words.
NOT_TYPED = {"token", "contact_method", "district", "slip_language"}


class WordsComeBackMiddleware:
    """Gives back what was typed when something turned the intake's form away before its view.

    That is a session that ended, a token against forgery that is too old, and a database that does
    not answer. The view's own answers, and 404 for who has no such screen, pass.
    """

    def __init__(self, get_response: GetResponse) -> None:
        if settings.ROLE not in {"staff", "all"}:  # nobody else has the form
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method != "POST" or request.path_info not in KEEPS:
            return response
        if getattr(response, "is_of_the_screen", False) or not _turned_away(response):
            return response
        return _kept(request, response) or response


def _turned_away(response: HttpResponse) -> bool:
    return response.status_code in {302, 403} or response.status_code >= 500


def _kept(request: HttpRequest, response: HttpResponse) -> HttpResponse | None:
    """The page that gives the words back; nothing when there are none."""
    try:
        data = posted(request)
    except Unreadable:
        return None
    typed = {name: data[name] for name in FIELDS if data.get(name)}
    if "by_itself" in data or not (typed.keys() - NOT_TYPED):
        return None
    status = 503 if response.status_code >= 500 else 403
    context = {
        "kept": typed,
        "text_name": "narrative",
        "address": INTAKE,
        "is_out_of_order": status == 503,
        "csrf_token": get_token(request),
    }
    html = render_to_string("reporting/intake/kept.html", context)  # no context processor: they ask
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return HttpResponse(html, status=status, headers=headers)
