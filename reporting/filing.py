"""Writing a new report with its text, the first line of its log and the work that it asks for.

This is the one place that writes rows without the ORM. It would take nine trips to the database
and ten times as long; here PostgreSQL gets the four rows in one statement, which is durable when
it answers.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.db import connection, models, transaction

from reporting.models import LogEntry, Report, SealedText
from work.models import Job

UNLESS_THERE = "ON CONFLICT DO NOTHING RETURNING id"


@contextmanager
def all_or_none() -> Iterator[None]:
    """What is reserved and written inside is kept whole or not at all.

    PostgreSQL keeps one statement so by itself, and needs no transaction around it.
    """
    if connection.vendor == "postgresql":
        yield
    else:
        with transaction.atomic(savepoint=False):
            yield


def reserve_id() -> int:
    """An id that no other report has or gets.

    On SQLite that holds inside the transaction that writes the row: its writers take turns.
    """
    table = Report._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [table])
        else:
            cursor.execute(
                "SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = %s", [table]
            )
        return cursor.fetchone()[0]


def write(report: Report, text: SealedText, entry: LogEntry, job: Job) -> bool:
    """Writes four rows that are new; False when its token or its receipt is taken, and then none.

    No exception and no savepoint: what a database says about a row that it refuses would stand in
    its own log.
    """
    first, second, third, fourth = (_Insert.of(type(row)) for row in (report, text, entry, job))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"WITH filed AS ({first.values} {UNLESS_THERE}), "
                f"sealed AS ({second.select} FROM filed), asked AS ({fourth.select} FROM filed) "
                f"{third.select} FROM filed",
                [*first.row(report), *second.row(text), *fourth.row(job), *third.row(entry)],
            )
            is_new = cursor.rowcount == 1
        else:
            cursor.execute(f"{first.values} {UNLESS_THERE}", first.row(report))
            is_new = cursor.fetchone() is not None
            if is_new:
                cursor.execute(second.values, second.row(text))
                cursor.execute(third.values, third.row(entry))
                cursor.execute(fourth.values, fourth.row(job))
    report._state.adding = not is_new
    report._state.db = connection.alias
    return is_new


class _Insert:
    """The words of an INSERT into a model's table, put together once."""

    def __init__(self, model: type[models.Model]) -> None:
        quote = connection.ops.quote_name
        # A report brings the id that its log was made with; the others are given theirs.
        self.fields = [
            field
            for field in model._meta.concrete_fields
            if model is Report or not field.primary_key
        ]
        columns = ", ".join(quote(str(field.column)) for field in self.fields)
        places = ", ".join(["%s"] * len(self.fields))
        into = f"INSERT INTO {quote(model._meta.db_table)} ({columns})"
        self.values = f"{into} VALUES ({places})"
        self.select = f"{into} SELECT {places}"

    @classmethod
    @cache
    def of(cls, model: type[models.Model]) -> "_Insert":
        return cls(model)

    def row(self, row: models.Model) -> list:
        return [
            field.get_db_prep_save(getattr(row, field.attname), connection) for field in self.fields
        ]
