"""A list shown some rows at a time, without counting how many there are.

A count reads every row, so that a page would grow slower with each thing published.
"""

from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.http import urlencode

FURTHEST = 10_000  # the database walks over all rows before a page


class Slice:
    """Some rows of a list, read when somebody looks, with what the paging partial asks of pages."""

    def __init__(self, rows: QuerySet, number: int, size: int) -> None:
        self._all, self.number, self._size = rows, number, size

    @cached_property
    def _found(self) -> list:
        start = (self.number - 1) * self._size
        return list(self._all[start : start + self._size + 1])  # one more: is there a next page?

    @property
    def rows(self) -> list:
        return self._found[: self._size]

    @property
    def has_next(self) -> bool:
        return len(self._found) > self._size

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def has_other_pages(self) -> bool:
        return self.has_previous or self.has_next

    @property
    def previous_page_number(self) -> int:
        return self.number - 1

    @property
    def next_page_number(self) -> int:
        return self.number + 1

    def __bool__(self) -> bool:
        return bool(self.rows)

    def __iter__(self):
        return iter(self.rows)


def slice_of(rows: QuerySet, asked: str | None, *, size: int) -> Slice:
    """The rows of the page asked for; of the first one when what was asked is no number of
    up to five digits.

    Beyond the end it is empty.
    """
    number = int(asked) if asked and asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    number = min(max(number, 1), FURTHEST)
    return Slice(rows, number, size)


def canonical_query(page: Slice, **chosen: str) -> str | None:
    """How the address of a filtered list ends, as its own links write it; None beyond its end.

    The first page carries no number, and a filter that is not set is not named.
    """
    if page.has_previous and not page:
        return None
    number = {"page": str(page.number)} if page.has_previous else {}
    return urlencode({name: value for name, value in chosen.items() if value} | number)
