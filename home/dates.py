"""Days as people here write them: Buddhist-era years in Thai, common-era years elsewhere.

Machines get ISO dates: every function that makes HTML wraps its words in `<time>`.
"""

import calendar
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from home.languages import reader_language

BUDDHIST_ERA = 543
# Django has no months in Lao.
MONTHS = (
    "",
    gettext_lazy("January"),
    gettext_lazy("February"),
    gettext_lazy("March"),
    gettext_lazy("April"),
    gettext_lazy("May"),
    gettext_lazy("June"),
    gettext_lazy("July"),
    gettext_lazy("August"),
    gettext_lazy("September"),
    gettext_lazy("October"),
    gettext_lazy("November"),
    gettext_lazy("December"),
)


class Span(NamedTuple):
    """Words for a day or a month, what a machine reads, and what stands before the next span."""

    iso: str
    words: str
    joint: str = ""


def format_day(day: date) -> str:
    """17 กรกฎาคม 2566 in Thai, 17 July 2023 elsewhere."""
    return f"{day.day} {MONTHS[day.month]} {format_year(day)}"


def format_month(day: date) -> str:
    """กรกฎาคม 2566 in Thai, July 2023 elsewhere."""
    return f"{MONTHS[day.month]} {format_year(day)}"


def format_year(day: date) -> int:
    """The year of a day: Buddhist-era in Thai, common-era elsewhere."""
    return day.year + BUDDHIST_ERA if reader_language() == "th" else day.year


def format_range(start: date | None, end: date | None, certainty: str = "exact") -> str:
    """The days of an event in words, with what is not known about them."""
    return _doubt(certainty, start) % {"when": _text(_spans(start, end, certainty))}


def day_element(day: date) -> SafeString:
    """A day as a `<time>` element."""
    return _elements([Span(day.isoformat(), format_day(day))])


def range_element(start: date | None, end: date | None, certainty: str = "exact") -> SafeString:
    """The days of an event as `<time>` elements, with what is not known about them."""
    when = _elements(_spans(start, end, certainty))
    return format_html(_doubt(certainty, start).replace("%(when)s", "{}"), when)


def _doubt(certainty: str, start: date | None) -> str:
    """The sentence that a date stands in, by what is known of it."""
    if start is None or certainty == "unknown":
        return _("The date is not known")
    if certainty == "month":
        return _("%(when)s (the day is not known)")
    if certainty == "period":
        return _("%(when)s (the exact days are not known)")
    return "%(when)s"


def _spans(start: date | None, end: date | None, certainty: str) -> list[Span]:
    if start is None:
        return []
    end = end or start
    if certainty == "month" or (certainty == "period" and _is_whole_months(start, end)):
        return _months(start, end)
    return _days(start, end)


def _days(start: date, end: date) -> list[Span]:
    if start == end:
        return [Span(start.isoformat(), format_day(start))]
    if (start.year, start.month) == (end.year, end.month):
        return [
            Span(start.isoformat(), str(start.day), "–"),
            Span(end.isoformat(), format_day(end)),
        ]
    opening = format_day(start) if start.year != end.year else f"{start.day} {MONTHS[start.month]}"
    return [Span(start.isoformat(), opening, " – "), Span(end.isoformat(), format_day(end))]


def _months(start: date, end: date) -> list[Span]:
    closing = Span(f"{end:%Y-%m}", format_month(end))
    if (start.year, start.month) == (end.year, end.month):
        return [closing]
    opening = str(MONTHS[start.month])
    if start.year != end.year:
        opening = f"{opening} {format_year(start)}"
    return [Span(f"{start:%Y-%m}", opening, " – "), closing]


def _is_whole_months(start: date, end: date) -> bool:
    return start.day == 1 and end.day == calendar.monthrange(end.year, end.month)[1]


def _text(spans: Iterable[Span]) -> str:
    return "".join(span.words + span.joint for span in spans)


def _elements(spans: Iterable[Span]) -> SafeString:
    return format_html_join("", '<time datetime="{}">{}</time>{}', spans)
