"""Files that follow a report, under its receipt: as a plain form, or in pieces with JavaScript.

Like the status page: no session, no cookie, the receipt in the body alone. A file is sealed as it
comes out of the line; its name is not read.
"""

import logging
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from reporting import buckets, evidence, file_words, lookup, receipts
from reporting.evidence import NotTaken
from reporting.models import Report
from reporting.posted import Unreadable, posted_with_files
from reporting.views.public import RETRY_AFTER, leaves_no_trace, loses_nothing
from reporting.views.status import OUT_OF_ORDER, question_page

logger = logging.getLogger(__name__)
NOT_FOUND, REFUSED = 404, 400
MOST_DIGITS = 12  # of a number that a program sends


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@leaves_no_trace
@loses_nothing("files")
def files(request: HttpRequest) -> HttpResponse:
    """The files of a report; and takes those that a form sent along."""
    if request.method != "POST":
        return redirect("report_status")
    response = _files(request)
    response["X-Robots-Tag"] = "noindex"
    return response


def _files(request: HttpRequest) -> HttpResponse:
    limits = settings.EVIDENCE
    try:
        data, sent = posted_with_files(request, piece=limits["piece"], at_once=limits["at_once"])
    except Unreadable as reason:
        return _not_read(request, reason)
    try:
        report, number = lookup.find(data, network=buckets.network(request))
    except lookup.Asked as asked:
        return question_page(request, asked.question)
    problems, is_out_of_order = _take_all(report, sent, data.get("token", ""))
    context = {
        "files": file_words.section(report),
        "number": receipts.grouped(number),
        "proof": receipts.proof(number),
        "problems": problems,
        "has_arrived": "done" in data or len(sent) > len(problems),
        "is_out_of_order": is_out_of_order,
        "nothing_chosen": "token" in data and "done" not in data and not sent,
    }
    code = 503 if is_out_of_order else 200
    response = render(request, "reporting/files.html", context, status=code)
    if is_out_of_order:
        response["Retry-After"] = RETRY_AFTER
    return response


def _take_all(report: Report, sent: list[list[bytes]], token: str) -> tuple[list[str], bool]:
    """Keeps what can be kept; what cannot be is told, and keeps none of the others out."""
    problems: list[str] = []
    for number, content in enumerate(sent, start=1):
        try:
            _check_is_open(report)
            evidence.take(report, content, token=token)
        except NotTaken as refusal:
            problems.append(_numbered(number, len(sent), str(refusal)))
        except OUT_OF_ORDER as error:
            logger.error("A file could not be kept: %s", type(error).__name__)
            return problems, True
    return problems, False


def _numbered(number: int, count: int, problem: str) -> str:
    if count == 1:
        return problem
    return _("File %(number)s of those you chose: %(problem)s") % {
        "number": number,
        "problem": problem,
    }


def _not_read(request: HttpRequest, reason: Unreadable) -> HttpResponse:
    context = {"reason": reason, "megabytes": settings.EVIDENCE["at_once"] // settings.MB}
    return render(request, "reporting/files_not_read.html", context, status=reason.status)


def _check_is_open(report: Report) -> None:
    if not report.is_open:
        raise NotTaken(
            _("The work on this report is finished. Please send the file with a new report.")
        )


# --- Piece by piece -----------------------------------------------------------------------------


@csrf_exempt
@require_POST
@leaves_no_trace
@loses_nothing("files")
def piece(request: HttpRequest) -> HttpResponse:
    """Keeps a piece of a file, and answers which are there. Without a piece it only answers.

    Whoever lost the line asks, and goes on with the next: a broken connection costs one piece.
    """
    size = settings.EVIDENCE["piece"]
    try:
        data, sent = posted_with_files(request, piece=size, at_once=size)
        report = lookup.find(data, network=buckets.network(request)).report
        _check_is_open(report)
        attachment = evidence.begin(
            report, token=data.get("token", ""), size=_whole(data.get("size", ""))
        )
        if sent:
            content = sent[0][0] if sent[0] else b""
            evidence.keep(attachment, _whole(data.get("number", "")), content)
    except Unreadable as reason:
        return _answer({"problem": _("A piece of the file was cut off.")}, reason.status)
    except lookup.Asked as asked:
        return _answer({"problem": asked.question.problem}, NOT_FOUND)
    except NotTaken as refusal:
        return _answer({"problem": str(refusal)}, REFUSED)
    except OUT_OF_ORDER as error:
        logger.error("A piece could not be kept: %s", type(error).__name__)
        return _answer({"problem": ""}, 503)
    there = evidence.arrived(attachment)
    whole = evidence.pieces_of(attachment.size)
    return _answer({"missing": [number for number in range(whole) if number not in there]}, 200)


def _whole(typed: str) -> int:
    """The number in a field. Raises NotTaken."""
    if not (typed.isascii() and typed.isdigit() and len(typed) <= MOST_DIGITS):
        raise NotTaken(_("The form was incomplete. Please send it once more."))
    return int(typed)


def _answer(words: dict[str, Any], status: int) -> JsonResponse:
    response = JsonResponse(words, status=status)
    response["X-Robots-Tag"] = "noindex"
    if status == 503:
        response["Retry-After"] = RETRY_AFTER
    return response
