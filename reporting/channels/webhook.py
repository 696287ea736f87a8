"""Signed webhooks: a program is told that something came in, and in which hour.

    POST <address>
    Content-Type: application/json
    X-Mekong-Timestamp: 1798282800          seconds since 1970, of this attempt
    X-Mekong-Signature: sha256=<hex>        HMAC-SHA256 over "<timestamp>.<body>" with the secret

    {"event": "something_new", "at": "2026-12-26T07:00:00Z"}

The receiver checks the signature and refuses timestamps older than five minutes. It answers 2xx;
410 when it wants no more. What it gets twice it may ignore: there is nothing in it.
"""

import hashlib
import hmac
import json
import secrets
from datetime import UTC, datetime

from django.utils import timezone

from reporting import history, sealing
from reporting.channels import Result, https, result_of
from reporting.models.endpoint import Endpoint


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def sealed(secret: str) -> dict[str, object]:
    """The fields of an endpoint that hold its secret. Raises sealing.SealingUnavailable."""
    sealed_secret, sealed_to = sealing.seal(secret.encode(), to=[])
    return {"sealed_secret": sealed_secret, "sealed_to": sealed_to}


def send(address: Endpoint, sentence: str, url: str) -> Result:
    """Posts once. A program is given neither the sentence nor the address to sign in."""
    now = timezone.now()
    body = json.dumps({"event": "something_new", "at": _hour(now)}).encode()
    try:
        secret = sealing.open_sealed(address.sealed_secret, sealed_to=address.sealed_to)
        status = https.post(address.url, body, _headers(secret, body, now))
    except https.Refused:
        return Result.GONE
    except (OSError, sealing.SealingUnavailable):
        return Result.RETRY
    return result_of(status)


def _headers(secret: bytes, body: bytes, now: datetime) -> dict[str, str]:
    timestamp = str(int(now.timestamp()))
    return {
        "Content-Type": "application/json",
        "User-Agent": "NTS-Mekong-Watch",
        "X-Mekong-Timestamp": timestamp,
        "X-Mekong-Signature": f"sha256={signature(secret, timestamp, body)}",
    }


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    return hmac.new(secret, f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def _hour(moment: datetime) -> str:
    return f"{history.to_the_hour(moment).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
