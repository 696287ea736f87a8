"""Counting what comes from one network in some minutes, without knowing which network it is.

A network is a /24 of IPv4 or a /48 of IPv6: as coarse as a village or a carrier's gateway, never
one phone. It is turned into an HMAC under a key that is drawn anew each hour and lies only where
the counts lie, in the cache: when key and counts have expired, within the hour, nobody can tell
any more which network it was, not even with SECRET_KEY. Nothing is written to the database or to
a log. Where the cache is away or wrong, nothing is counted and nobody is kept from reporting.
"""

import hmac
import logging
import secrets
import time
from enum import StrEnum

from django.core.cache import cache
from django.http import HttpRequest

from home.networks import address_of, network_of

logger = logging.getLogger(__name__)

WINDOW = 10 * 60  # seconds
HOUR = 60 * 60
EVERYBODY = "everybody"  # in place of a network: all of them together


class Kind(StrEnum):
    """What is counted."""

    REPORT = "report"
    GUESS = "guess"


def network(request: HttpRequest) -> str:
    """The network that a request comes from, for the functions of this module and nothing else."""
    return network_of(address_of(request), v4=24, v6=48)


def count(kind: Kind, network: str) -> None:
    """Counts one more."""
    try:
        now = time.time()
        bucket = _bucket(kind, network, now, window=0)
        # Counted up in this window alone and gone one window later, so a count that was just asked
        # for cannot expire and come back without an end.
        cache.add(bucket, 0, 2 * WINDOW - int(now % WINDOW))
        cache.incr(bucket)
    except Exception as error:  # noqa: BLE001 - a report that was filed has its receipt to show
        logger.error("Something could not be counted: %s", type(error).__name__)


def recent(kind: Kind, network: str) -> int:
    """How many were counted in this window of ten minutes and in the one before.

    The turn of the hour forgets everything.
    """
    try:
        now = time.time()
        buckets = [_bucket(kind, network, now, window=window) for window in (0, 1)]
        found = cache.get_many(buckets).values()
        return sum(number for number in found if isinstance(number, int))
    except Exception as error:  # noqa: BLE001 - what cannot be counted keeps nobody out
        logger.error("Something that was counted could not be read: %s", type(error).__name__)
        return 0


def _bucket(kind: Kind, network: str, now: float, *, window: int) -> str:
    number = int(now // WINDOW) - window
    said = f"{kind}:{number}:{network}"
    digest = hmac.digest(_key(int(now // HOUR)).encode(), said.encode(), "sha256").hex()
    return f"reporting.bucket:{digest}"


def _key(hour: int) -> str:
    """The key of an hour, the same for all processes that share a cache."""
    name = "reporting.bucket-key:{}"
    if key := cache.get(name.format(hour)):
        return str(key)
    # A process's own memory forgets what has expired only when it is asked for it.
    cache.delete(name.format(hour - 1))
    fresh = secrets.token_hex(32)
    is_first = cache.add(name.format(hour), fresh, HOUR - int(time.time() % HOUR))
    return fresh if is_first else str(cache.get(name.format(hour)) or fresh)
