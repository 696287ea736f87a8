"""What has become of a report, for whoever holds its receipt; their answers, and their request
for a review.

As in public.py, whatever is typed arrives in the body of a POST and leaves no trace.
"""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from reporting import (
    buckets,
    dialogue,
    file_words,
    lifecycle,
    lookup,
    receipts,
    sealing,
    status_words,
)
from reporting.forms import check_length, usable_token
from reporting.models import Report
from reporting.posted import Unreadable, posted
from reporting.views.public import RETRY_AFTER, leaves_no_trace, loses_nothing, not_read

# What keeps words from being kept without anybody having done anything wrong.
OUT_OF_ORDER = (sealing.SealingUnavailable, OperationalError)


@dataclass(frozen=True)
class Typed:
    """What stands in a form of the page, and what is wrong with it."""

    words: str = field(default="", repr=False)
    problem: str = ""
    token: str = field(default_factory=receipts.new_token, repr=False)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@leaves_no_trace
@loses_nothing("words")
def status(request: HttpRequest) -> HttpResponse:
    """What has become of a report, for whoever holds its receipt."""
    response = _status(request)
    response["X-Robots-Tag"] = "noindex"
    return response


def _status(request: HttpRequest) -> HttpResponse:
    network = buckets.network(request)
    if request.method != "POST":
        return question_page(request, lookup.question(network=network))
    try:
        data = posted(request)
    except Unreadable as reason:
        return not_read(request, reason)
    if asked_for := data.get("captcha_action"):
        typed = data.get("receipt", "")
        return question_page(
            request, lookup.question(network=network, typed=typed, challenge=asked_for)
        )
    try:
        report, number = lookup.find(data, network=network)
    except lookup.Asked as asked:
        return question_page(request, asked.question)
    dialogue.remember_key(report, number)
    words = data.get("words", "").replace("\r\n", "\n")
    if data.get("action") == "contest":
        return _contest(request, report, number, words)
    if data.get("action") == "reply":
        return _reply(request, report, number, words, token=usable_token(data.get("token", "")))
    return _answer(request, report, number)


def question_page(request: HttpRequest, question: lookup.Question) -> HttpResponse:
    """The status form: it asks for the receipt, and for a captcha where guesses came from."""
    problems = [question.captcha_problem] if question.captcha_problem else []
    context = {
        **question._asdict(),
        "captcha_field": {"errors": problems, "auto_id": "id_captcha_1"},
    }
    return render(request, "reporting/status.html", context)


def _contest(request: HttpRequest, report: Report, number: str, words: str) -> HttpResponse:
    try:
        check_length(words)
        report = lifecycle.move(report, "contest", by=None, words=words)
    except ValidationError as error:
        return _answer(request, report, number, contest=Typed(words, str(error.message)))
    except lifecycle.TransitionNotAllowed:
        # Sent twice, or somebody took the report up again meanwhile: the page tells which.
        report.refresh_from_db()
    except OUT_OF_ORDER:
        return _answer(request, report, number, contest=Typed(words), is_out_of_order=True)
    return _answer(request, report, number)


def _reply(
    request: HttpRequest, report: Report, number: str, words: str, *, token: str
) -> HttpResponse:
    """Keeps an answer. One that cannot be kept stays on the page."""
    try:
        if not words.strip():
            raise ValidationError(_("Please write something first."))
        check_length(words)
        report = dialogue.reply(report, words, token=token)
    except ValidationError as error:
        return _answer(request, report, number, reply=Typed(words, str(error.message), token))
    except lifecycle.TransitionNotAllowed as refusal:
        report.refresh_from_db()
        if not _may_contest(report):
            return _answer(request, report, number, reply=Typed(words, str(refusal), token))
        problem = _(
            "The work on your report was finished in the meantime, so what you wrote was not kept. "
            "You can ask for a review with the same words."
        )
        return _answer(request, report, number, contest=Typed(words, problem))
    except OUT_OF_ORDER:
        kept = Typed(words, token=token)
        return _answer(request, report, number, reply=kept, is_out_of_order=True)
    return _answer(request, report, number, is_answered=True)


def _may_contest(report: Report) -> bool:
    return lifecycle.obstacle(report, "contest", by=None) is None


def _answer(
    request: HttpRequest,
    report: Report,
    number: str,
    *,
    contest: Typed | None = None,
    reply: Typed | None = None,
    is_answered: bool = False,
    is_out_of_order: bool = False,
) -> HttpResponse:
    lines = dialogue.lines(report, number)
    is_asked = bool(lines) and not lines[-1].is_own
    heading, sentence = status_words.words_for(report)
    context: dict[str, Any] = {
        "heading": heading,
        # "There is nothing you need to do" is not said beside a question.
        "sentence": "" if is_asked and report.is_open else sentence,
        "timeline": status_words.timeline(report),
        "lines": lines,
        "is_asked": is_asked,
        "may_contest": _may_contest(report),
        "contest": contest or Typed(),
        "no_reply_because": dialogue.obstacle_to_reply(report),
        "reply": reply or Typed(),
        "number": receipts.grouped(number),
        "proof": receipts.proof(number),
        "files": file_words.section(report),
        "is_answered": is_answered,
        "is_out_of_order": is_out_of_order,
    }
    code = 503 if is_out_of_order else 200
    response = render(request, "reporting/status_answer.html", context, status=code)
    if is_out_of_order:
        response["Retry-After"] = RETRY_AFTER
    return response
