"""Writing a new report with its text, the first line of its log and the work that it asks for.

This is the one place that writes rows without the ORM. It would take nine trips to the database
and ten times as long; here PostgreSQL gets the four rows in one statement that it knows already,
and they are durable when it answers. The values travel apart from the words, so a log of the
database that quotes a statement quotes them only where log_parameter_max_length lets it
(compose.yaml does not).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from reporting.models import LogEntry, Report, SealedText
from work.models import Job

UNLESS_THERE = "ON CONFLICT DO NOTHING RETURNING id"
# Fields whose values every database takes as they are.
PLAIN = (models.CharField, models.BooleanField, models.ForeignKey)
MOST_RESERVED = 512  # ids at a time


@dataclass
class Reserved:
    """Ids that are ours: one at first, then twice as many each time, as they are used up."""

    ids: list[int] = field(default_factory=list)
    next_time: int = 1


# By connection to PostgreSQL, so each is one thread's own and goes with it. Ids that are never used
# leave a gap, and nobody counts reports by their ids.
_reserved: WeakKeyDictionary[Any, Reserved] = WeakKeyDictionary()


@contextmanager
def all_or_none() -> Iterator[None]:
    """What is reserved and written inside is kept whole or not at all.

    PostgreSQL keeps one statement so by itself, and needs no transaction around it.
    """
    if _database().vendor == "postgresql":
        yield
    else:
        with transaction.atomic(savepoint=False):
            yield


def reserve_id() -> int:
    """An id that no other report has or gets.

    On SQLite that holds inside the transaction that writes the row: its writers take turns.
    """
    database, table = _database(), Report._meta.db_table
    if database.vendor == "postgresql":
        ours = _reserved.setdefault(_connected(database), Reserved())
        if not ours.ids:
            with database.cursor() as cursor:
                cursor.execute(
                    "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                    [table, ours.next_time],
                )
                ours.ids = [row[0] for row in reversed(cursor.fetchall())]
            ours.next_time = min(2 * ours.next_time, MOST_RESERVED)
        return ours.ids.pop()
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = %s", [table]
        )
        return cursor.fetchone()[0]


def write(report: Report, text: SealedText, entry: LogEntry, job: Job) -> bool:
    """Writes four rows that are new; False when its token or its receipt is taken, and then none.

    No exception and no savepoint: what a database says about a row that it refuses would stand in
    its own log.
    """
    database = _database()
    first, second, third, fourth = (_Insert.of(type(row)) for row in (report, text, entry, job))
    if database.vendor == "postgresql":
        statement = (
            f"WITH filed AS ({first.values} {UNLESS_THERE}), "
            f"sealed AS ({second.select} FROM filed), asked AS ({fourth.select} FROM filed) "
            f"{third.select} FROM filed"
        )
        values = [*first.row(report), *second.row(text), *fourth.row(job), *third.row(entry)]
        is_new = _write_prepared(database, statement, values) == 1
        if not is_new:
            # Mostly somebody's second send. But of ids that were reserved before the database was
            # restored all may be taken, and a report is tried only so often.
            _reserved.pop(database.connection, None)
    else:
        with database.cursor() as cursor:
            cursor.execute(f"{first.values} {UNLESS_THERE}", first.row(report))
            is_new = cursor.fetchone() is not None
            if is_new:
                cursor.execute(second.values, second.row(text))
                cursor.execute(third.values, third.row(entry))
                cursor.execute(fourth.values, fourth.row(job))
    report._state.adding = not is_new
    report._state.db = database.alias
    return is_new


def _database() -> BaseDatabaseWrapper:
    return connections[DEFAULT_DB_ALIAS]


def _connected(database: Any) -> Any:
    """psycopg's own connection, alive, as Django would use it for a cursor of its own."""
    database.close_if_health_check_failed()
    database.ensure_connection()
    return database.connection


def _write_prepared(database: Any, statement: str, values: Sequence[Any]) -> int:
    """How many rows a statement wrote that PostgreSQL parses and plans once for a connection.

    Django's own cursors write the values into the statement, which is a new one each time.
    """
    connection = _connected(database)
    connection.prepare_threshold = 0  # at its first use; Django's cursors never prepare
    with database._prepare_cursor(database.Database.Cursor(connection)) as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


class _Insert:
    """The words of an INSERT into a model's table, put together once."""

    def __init__(self, model: type[models.Model]) -> None:
        quote = _database().ops.quote_name
        # A report brings the id that its log was made with; the others are given theirs.
        fields = [
            one for one in model._meta.concrete_fields if model is Report or not one.primary_key
        ]
        self.fields = [
            (one.attname, None if isinstance(one, PLAIN) else one.get_db_prep_save)
            for one in fields
        ]
        columns = ", ".join(quote(str(one.column)) for one in fields)
        places = ", ".join(["%s"] * len(fields))
        into = f"INSERT INTO {quote(model._meta.db_table)} ({columns})"
        self.values = f"{into} VALUES ({places})"
        self.select = f"{into} SELECT {places}"

    @classmethod
    @cache
    def of(cls, model: type[models.Model]) -> "_Insert":
        return cls(model)

    def row(self, row: models.Model) -> list:
        database = _database()
        return [
            getattr(row, name) if prepared is None else prepared(getattr(row, name), database)
            for name, prepared in self.fields
        ]
