"""Logs whose entries hold each other: each names the digest of the one before.

Whoever changes, moves or takes out an entry breaks the chain at that place. A digest with a key
can be made by nobody who has the database alone.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, Protocol

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

FIRST = "0" * 64  # what the first entry names as the digest before it
LOST = "f" * 64  # what an entry names when nobody can say where the log ended: a break for ever


class Chained(Protocol):
    """An entry of such a log; numbers begin with 1."""

    number: Any
    previous: Any
    digest: Any

    def has_own_digest(self) -> bool:
        """Whether the digest is that of what the entry says now."""


class Break(NamedTuple):
    """The entry at which a log does not read as it was written, and why."""

    number: int
    reason: str


def digest(fields: list[Any]) -> str:
    """SHA-256 over what an entry says, as 64 hexadecimal digits."""
    return hashlib.sha256(_said(fields)).hexdigest()


def keyed_digest(fields: list[Any], *, purpose: str, key: str | bytes | None = None) -> str:
    """The same, as only a holder of SECRET_KEY can make it."""
    return salted_hmac(purpose, _said(fields), secret=key, algorithm="sha256").hexdigest()


def is_keyed_digest(claimed: str, fields: list[Any], *, purpose: str) -> bool:
    """Whether our SECRET_KEY, or one before it, made this digest of these fields."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(
        constant_time_compare(claimed, keyed_digest(fields, purpose=purpose, key=key))
        for key in keys
    )


def breaks(entries: Iterable[Chained]) -> Iterator[Break]:
    """Where the entries, by number, do not read as they were written. Each break is told once."""
    number, previous = 0, FIRST
    for entry in entries:
        if entry.number != number + 1:
            yield Break(entry.number, "entries before it are missing")
        elif entry.previous != previous:
            yield Break(entry.number, "it does not follow the entry before it")
        if not entry.has_own_digest():
            yield Break(entry.number, "it was changed, or SECRET_KEY is not the one that made it")
        number, previous = entry.number, entry.digest


def _said(fields: list[Any]) -> bytes:
    return json.dumps(fields, sort_keys=True).encode()
