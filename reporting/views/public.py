"""The reporter's side: the form and the receipt. No session, no cookie, no trace.

Whatever is typed arrives in the body of a POST, is answered in the same breath, and is never
part of an address, a log line or an error's message.
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from captcha.views import captcha_image
from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from home.models import SiteSettings
from home.views import serve
from reporting import buckets, captcha, file_words, intake, limits
from reporting.forms import ReportForm
from reporting.posted import Unreadable, posted

if TYPE_CHECKING:
    from reporting.models import ReportFormPage

logger = logging.getLogger(__name__)
View = Callable[..., HttpResponse]

RETRY_AFTER = "300"  # seconds


def leaves_no_trace(view: View) -> View:
    """Neither the phone nor a page visited next keeps anything of the answer."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "no-referrer"
        return response

    return sensitive_post_parameters()(wrapped)


# What the two forms send. Nothing else is shown again.
FIELDS = {
    "narrative": (
        "token",
        "category",
        "district",
        "subdistrict",
        "when",
        "narrative",
        "danger_now",
        "concerns_official",
        "website",
        "ticket",
        "captcha_0",
        "captcha_1",
    ),
    "words": ("receipt", "proof", "action", "token", "words"),
    "files": (),  # a page cannot hold a file for somebody: they choose it again
}


def loses_nothing(text_name: str) -> Callable[[View], View]:
    """While no database answers, not even a page can be looked up: shows what was typed, to send
    again. `text_name` names the form by the field that somebody writes into."""

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except (OperationalError, InterfaceError) as error:
                logger.error("No database for the reporter's pages: %s", type(error).__name__)
                return _kept(request, text_name)

        return wrapped

    return decorate


def _kept(request: HttpRequest, text_name: str) -> HttpResponse:
    kept = {}
    if request.method == "POST":
        try:
            data = posted(request)
        except Unreadable as reason:
            return HttpResponse(status=reason.status)
        kept = {name: data[name] for name in FIELDS[text_name] if data.get(name)}
    context = {
        "kept": kept,
        "text_name": text_name,
        "address": request.path,
        "exit_url": SiteSettings._meta.get_field("quick_exit_url").get_default(),
    }
    html = render_to_string("reporting/kept.html", context)  # no context processor: they look up
    return HttpResponse(html, status=503, headers={"Retry-After": RETRY_AFTER})


# --- Form and receipt ---------------------------------------------------------------------------


@csrf_exempt
@leaves_no_trace
@loses_nothing("narrative")
def report(request: HttpRequest) -> HttpResponse:
    """The form's address. Wagtail serves the page as any other.

    The form has no session and no cookie, so there is nothing for another site to ride on; a CSRF
    token that expired must never cost what was typed.
    """
    return serve(request, "report/")


@leaves_no_trace
def report_form(request: HttpRequest, page: "ReportFormPage") -> HttpResponse:
    """The form; and as the answer to a complete one, the receipt."""
    network = buckets.network(request)
    asks_captcha = limits.demands_captcha(network)
    if request.method != "POST":
        return _form(request, page, ReportForm(asks_captcha=asks_captcha))
    try:
        data = posted(request)
    except Unreadable as reason:
        return not_read(request, reason)
    if asked_for := data.get("captcha_action"):
        form = ReportForm(kept=data, challenge=asked_for, asks_captcha=asks_captcha)
        return _form(request, page, form)
    if repeat := intake.repeat_of(data.get("token", "")):  # whatever has changed since
        # Only for a few minutes: later it is somebody pressing "back" on a shared phone.
        if captcha.was_just_spent(data.get("captcha_0", ""), data["token"]):
            return _receipt(request, page, repeat)
        return _arrived_already(request, page)
    form = ReportForm(data, asks_captcha=asks_captcha)
    if not form.is_valid():
        return _form(request, page, form)
    if pause := limits.pause_before(network, form.ticket):
        return _ask_to_wait(request, page, form, pause)
    try:
        receipt = _file(form)
    except intake.IntakeRefused as refusal:
        form.add_error(None, str(refusal))
        return _form(request, page, form)
    except Exception as error:  # noqa: BLE001 - whatever it is, nobody's words may be lost
        # Its name only: the message of a database may quote what somebody wrote.
        logger.error("A report could not be filed: %s", type(error).__name__)
        form.keep_for_retry()
        return _form(request, page, form, is_out_of_order=True)
    if receipt is None:
        form.refuse_captcha()
        return _form(request, page, form)
    limits.note_filed(network, form.ticket)
    return _receipt(request, page, receipt)


@leaves_no_trace
def preview_form(request: HttpRequest, page: "ReportFormPage") -> HttpResponse:
    """The form for an editor to look at: whatever is sent to it, it takes no report."""
    return _form(request, page, ReportForm(), is_preview=True)


@transaction.atomic
def _file(form: ReportForm) -> intake.Receipt | None:
    """Spends the captcha and files the report, or neither; None for a captcha spent before."""
    if not form.spend_captcha():
        return None
    return intake.receive(form.arrival(language=get_language() or "th"), token=form.sent_token)


def _form(
    request: HttpRequest,
    page: "ReportFormPage",
    form: ReportForm,
    *,
    is_out_of_order: bool = False,
    is_preview: bool = False,
    pause: limits.Pause | None = None,
) -> HttpResponse:
    context = {
        **page.get_context(request),
        "form": form,
        "is_preview": is_preview,
        "problems": form.problems if form.is_bound else [],
        "is_out_of_order": is_out_of_order,
        "pause": pause,
    }
    response = render(
        request, page.get_template(request), context, status=503 if is_out_of_order else 200
    )
    if is_out_of_order:
        response["Retry-After"] = RETRY_AFTER
    return response


def _ask_to_wait(
    request: HttpRequest, page: "ReportFormPage", form: ReportForm, pause: limits.Pause
) -> HttpResponse:
    form.ticket = pause.ticket
    response = _form(request, page, form, pause=pause)
    response.status_code = 429
    response["Retry-After"] = str(pause.minutes * 60)
    return response


def _receipt(request: HttpRequest, page: "ReportFormPage", receipt: intake.Receipt) -> HttpResponse:
    # Switching the language would lose the number.
    context = {
        **page.get_context(request),
        "receipt": receipt,
        "groups": receipt.grouped.split(),
        "files": file_words.section(receipt.report, is_new=not receipt.is_repeat),
        "hide_language_switch": True,
    }
    response = render(request, "reporting/receipt.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


def _arrived_already(request: HttpRequest, page: "ReportFormPage") -> HttpResponse:
    response = render(request, "reporting/arrived_already.html", page.get_context(request))
    response["X-Robots-Tag"] = "noindex"
    return response


def not_read(request: HttpRequest, reason: Unreadable) -> HttpResponse:
    context = {"reason": reason, "limit": f"{intake.NARRATIVE_LIMIT:,}"}
    return render(request, "reporting/not_read.html", context, status=reason.status)


@leaves_no_trace
@require_safe
def captcha_picture(request: HttpRequest, key: str) -> HttpResponse:
    """The digits as a picture. A question has none."""
    if captcha.kind_of(key) != captcha.PICTURE:
        return HttpResponse(status=410)
    response = captcha_image(request, key, scale=2)  # for eyes that are not young
    if response.status_code != 200:
        return response
    return HttpResponse(captcha.lightened(response.content), content_type="image/png")
