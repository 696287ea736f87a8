"""Slowing down whoever guesses, without keeping where anybody comes from.

Failures are counted in the cache under keyed hashes that change every day. Nothing of it is
written to the database or to a log.
"""

import ipaddress
from typing import Any

from axes.handlers.cache import AxesCacheHandler
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac


def network(request: HttpRequest) -> str:
    """The network that a request comes from, as a hash of today: it can be compared, not read."""
    source = f"{timezone.localdate()}:{_network_of(_address(request))}"
    return salted_hmac("accounts.network", source, algorithm="sha256").hexdigest()


def nobody(*args: Any) -> str:
    """What axes may call a client in a message: it would name the person, address and browser."""
    return "somebody"


class CountInCache(AxesCacheHandler):
    """axes counts failures in the cache that all processes share (REDIS_URL).

    Without Redis, and while it is away (home.shared_cache), each process counts for itself, so a
    guesser has as many tries as there are processes. To refuse everybody instead would keep
    officers from reports for as long as Redis is away, and would be a way to do so. That is said
    in docs/operations.md and is no reason for a warning in the demo.
    """


def _address(request: HttpRequest) -> str:
    """The peer, or what the outermost of our own proxies says about its peer."""
    peer = request.META.get("REMOTE_ADDR", "")
    if not settings.TRUSTED_PROXIES:
        return peer
    header = request.headers.get("X-Forwarded-For", "")
    told = [part.strip() for part in header.split(",") if part.strip()]
    # Counted from the end: what stands before it was written by the visitor.
    return told[-settings.TRUSTED_PROXIES] if len(told) >= settings.TRUSTED_PROXIES else peer


def _network_of(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 6:  # one subscriber owns a whole /64
        return str(ipaddress.ip_network(f"{found}/64", strict=False))
    return str(found)
