"""Slowing down whoever guesses, without keeping where anybody comes from.

Failures are counted in the cache under keyed hashes that change every day. Nothing of it is
written to the database or to a log.
"""

from typing import Any

from axes.handlers.cache import AxesCacheHandler
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from home.networks import address_of, network_of


def network(request: HttpRequest) -> str:
    """The network that a request comes from, as a hash of today: it can be compared, not read."""
    # One subscriber of IPv6 owns a whole /64.
    source = f"{timezone.localdate()}:{network_of(address_of(request), v4=32, v6=64)}"
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
