"""Quarters of the calendar year, as the offices count them. A day of them is a day in Thailand."""

from datetime import date
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from home.dates import MONTHS, format_year

MONTHS_OF_A_QUARTER = 3


class Quarter(NamedTuple):
    year: int
    number: int

    @property
    def first_day(self) -> date:
        """How a row names the quarter."""
        return date(self.year, (self.number - 1) * MONTHS_OF_A_QUARTER + 1, 1)

    def __str__(self) -> str:
        first = self.first_day
        return _("%(first)s to %(last)s %(year)s") % {
            "first": MONTHS[first.month],
            "last": MONTHS[first.month + MONTHS_OF_A_QUARTER - 1],
            "year": format_year(first),
        }


def quarter_of(day: date) -> Quarter:
    return Quarter(day.year, (day.month - 1) // MONTHS_OF_A_QUARTER + 1)


def today_in_thailand() -> date:
    """The calendar day there, whatever zone the request or the task runs in."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


def running_quarter() -> Quarter:
    return quarter_of(today_in_thailand())
