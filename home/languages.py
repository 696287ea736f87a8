"""Words that a row keeps side by side in several languages."""

from typing import Any

from django.utils.translation import get_language

FALLBACK = "th"


def reader_language() -> str:
    """The reader's language without its region, such as th or en."""
    return (get_language() or FALLBACK).split("-")[0]


def localised(row: Any, field: str) -> str:
    """The row's field in the reader's language; in Thai when it has no words in that language."""
    return getattr(row, f"{field}_{reader_language()}", "") or getattr(row, f"{field}_{FALLBACK}")
