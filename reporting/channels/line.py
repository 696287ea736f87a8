"""LINE, by the Messaging API: one text to one person, who linked their account (line_links.py).

    POST <LINE_API_URL>/v2/bot/message/push
    Authorization: Bearer <LINE_CHANNEL_ACCESS_TOKEN>
    X-Line-Retry-Key: <UUID>                the same for each attempt: told twice, shown once

    {"to": "U...", "messages": [{"type": "text", "text": "..."}]}

https://developers.line.biz/en/reference/messaging-api/#send-push-message
"""

import http.client
import json
import logging
import uuid
from urllib.parse import urlsplit

from django.conf import settings

from reporting.channels import TIMEOUT, Result, result_of

logger = logging.getLogger(__name__)
PUSH = "/v2/bot/message/push"
# "The retry key is already accepted": an earlier attempt arrived, and only its answer was lost.
ACCEPTED_BEFORE = 409


def can_send() -> bool:
    return bool(settings.LINE_CHANNEL_ACCESS_TOKEN)


def send(address: str, sentence: str, url: str, *, retry_key: uuid.UUID | None = None) -> Result:
    """Posts once. A refusal is said in the log by its number: the token may have run out."""
    body = {"to": address, "messages": [{"type": "text", "text": f"{sentence}\n{url}"}]}
    try:
        status = _post(json.dumps(body).encode(), retry_key or uuid.uuid4())
    except (OSError, http.client.HTTPException):
        return Result.RETRY
    result = Result.OK if status == ACCEPTED_BEFORE else result_of(status)
    if result is Result.GONE:
        logger.warning("LINE refused a message: %d.", status)
    return result


def _post(body: bytes, retry_key: uuid.UUID) -> int:
    """The status of the answer. No redirect is followed: the token goes to LINE alone."""
    server = urlsplit(settings.LINE_API_URL)
    kind = http.client.HTTPSConnection if server.scheme == "https" else http.client.HTTPConnection
    connection = kind(server.hostname or "", server.port, timeout=TIMEOUT)
    headers = {
        "Authorization": f"Bearer {settings.LINE_CHANNEL_ACCESS_TOKEN}",
        "Content-Type": "application/json",
        "X-Line-Retry-Key": str(retry_key),
    }
    try:
        connection.request("POST", server.path.rstrip("/") + PUSH, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()
