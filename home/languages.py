"""Which languages speak how much, and words that a row keeps side by side in several of them."""

from typing import Any

from django.utils.translation import get_language

FALLBACK = "th"
# The whole site. The others speak the report path, the safety pages and a start page, no more.
WHOLE = ("th", "en")


def reader_language() -> str:
    """The reader's language without its region, such as th or en."""
    return (get_language() or FALLBACK).split("-")[0]


def speaks_whole_site() -> bool:
    """Whether the reader's language has more than the report path and the safety pages."""
    return reader_language() in WHOLE


def localised(row: Any, field: str) -> str:
    """The row's field in the reader's language; in Thai when it has no words in that language."""
    return getattr(row, f"{field}_{reader_language()}", "") or getattr(row, f"{field}_{FALLBACK}")
