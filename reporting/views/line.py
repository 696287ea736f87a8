"""What LINE posts to us: somebody's code, or that they want no more. Nothing else is looked at.

https://developers.line.biz/en/reference/messaging-api/#webhooks
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from reporting import line_links
from reporting.sealing import SealingUnavailable

MOST = 256 * 1024


@never_cache
@csrf_exempt
def hear(request: HttpRequest) -> HttpResponse:
    """Answers an empty 200 whatever was said, so that nobody learns whether a code was good.

    Without a secret there is no such address; without LINE's signature nothing is read: 403.
    """
    if not line_links.can_link():
        raise Http404
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if _length(request) > MOST or not _is_signed(request):
        return HttpResponse(status=403)
    try:
        for event in _events(request.body):
            _take(event)
    except SealingUnavailable:
        return HttpResponse(status=503)
    return HttpResponse()


def _length(request: HttpRequest) -> int:
    length = request.headers.get("Content-Length", "")
    return int(length) if length.isdecimal() else 0


def _is_signed(request: HttpRequest) -> bool:
    made = hmac.digest(settings.LINE_CHANNEL_SECRET.encode(), request.body, hashlib.sha256)
    shown = request.headers.get("X-Line-Signature", "")
    return hmac.compare_digest(base64.b64encode(made), shown.encode())


def _events(body: bytes) -> Iterator[dict[str, Any]]:
    """What is of the shape that LINE documents; anything else is passed over."""
    try:
        said = json.loads(body)
    except ValueError:
        return
    events = said.get("events") if isinstance(said, dict) else None
    for event in events if isinstance(events, list) else []:
        if isinstance(event, dict):
            yield event


def _take(event: dict[str, Any]) -> None:
    source, message = event.get("source"), event.get("message")
    # In a group everybody reads the code: only what is written to us alone counts.
    if not isinstance(source, dict) or source.get("type") != "user":
        return
    sender = source.get("userId")
    if not isinstance(sender, str) or not sender:
        return
    if event.get("type") == "unfollow":
        line_links.forget(sender)
    elif event.get("type") == "message" and isinstance(message, dict):
        words = message.get("text")
        if message.get("type") == "text" and isinstance(words, str):
            line_links.take_code(words, sender=sender)
