"""Pages that go on from the last row seen: as quick at row one million as at row one."""

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeVar

from django.db import models

Rows = TypeVar("Rows", bound=models.QuerySet)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TOKEN = re.compile(r"(-|[0-9]{1,17})\.([0-9]{1,18})")


class Order(NamedTuple):
    """An order by a time, with the id to break ties; rows without that time come last."""

    column: str
    is_descending: bool = False

    def sort(self, rows: Rows) -> Rows:
        column = models.F(self.column)
        if self.is_descending:
            return rows.order_by(column.desc(), "-pk")
        return rows.order_by(column.asc(nulls_last=True), "pk")

    def token(self, row: models.Model) -> str:
        """Where the list goes on after this row."""
        at: datetime | None = getattr(row, self.column)
        value = "-" if at is None else (at - EPOCH) // timedelta(microseconds=1)
        return f"{value}.{row.pk}"

    def after(self, rows: Rows, token: str) -> Rows:
        """Rows beyond a token; all of them when it is none of ours."""
        position = _position(token)
        if position is None:
            return rows
        at, pk = position
        side = "lt" if self.is_descending else "gt"
        beyond = {f"pk__{side}": pk}
        if at is None:
            return rows.filter(**{f"{self.column}__isnull": True}, **beyond)
        following = models.Q(**{f"{self.column}__{side}": at}) | models.Q(
            **{self.column: at}, **beyond
        )
        if self.is_descending:
            # Said twice for the database's sake: this bound alone lets it start in its index.
            return rows.filter(following, **{f"{self.column}__lte": at})
        return rows.filter(following | models.Q(**{f"{self.column}__isnull": True}))


def _position(token: str) -> tuple[datetime | None, int] | None:
    match = TOKEN.fullmatch(token)
    if match is None:
        return None
    value, pk = match.groups()
    return (None if value == "-" else EPOCH + timedelta(microseconds=int(value))), int(pk)
