"""PostgreSQL: rows by COPY out of one repeatable-read transaction; a schema beside the live one.

Tables move between schemas with their indexes, constraints and numbering, so the live schema keeps
its name, its extensions and the rights given on it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper

from operations.archive import Readable
from operations.databases.base import (
    MIGRATIONS,
    Beside,
    Database,
    DoesNotFit,
    Snapshot,
    known_tables,
    quote,
)

PATIENCE = "15s"  # for a lock that another process holds while we take over
BLOCK = 1 << 18


class PostgreSQL(Database):
    kind = "postgresql"

    def tables(self) -> set[str]:
        return _tables(_current_schema())

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield PostgreSQLSnapshot(cursor)

    @contextmanager
    def beside(self) -> Iterator[Beside]:
        live = _current_schema()
        schema = f"{live}_restoring"
        with connection.cursor() as cursor:
            # What a restore left that was killed.
            cursor.execute(f"DROP SCHEMA IF EXISTS {quote(schema)} CASCADE")
            try:
                cursor.execute(f"CREATE SCHEMA {quote(schema)}")
            except DatabaseError:
                raise DoesNotFit(
                    "The database's user may not create a schema, in which a restore is prepared: "
                    "GRANT CREATE ON DATABASE."
                ) from None
            cursor.execute(f"SET search_path TO {quote(schema)}")
        try:
            yield PostgreSQLBeside(live, schema)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET search_path")
                cursor.execute(f"DROP SCHEMA IF EXISTS {quote(schema)} CASCADE")


class PostgreSQLSnapshot(Snapshot):
    def __init__(self, cursor: CursorWrapper) -> None:
        self._cursor = cursor

    def columns(self, table: str) -> list[str]:
        return _columns(table)

    def rows(self, table: str, columns: list[str]) -> Iterator[bytes]:
        names = ", ".join(map(quote, columns))
        with self._cursor.copy(f"COPY {quote(table)} ({names}) TO STDOUT") as copy:
            for row in copy:
                yield bytes(row)

    def sequences(self) -> dict[str, Any]:
        # They stand outside the snapshot, and so at or after its last number: never before it.
        return {
            f"{table}.{column}": list(_one(f"SELECT last_value, is_called FROM {sequence}"))  # noqa: S608
            for table, column, sequence in _sequences()
        }

    def migrations(self) -> list[tuple[str, str]]:
        query = f"SELECT app, name FROM {quote(MIGRATIONS)} ORDER BY app, name"  # noqa: S608
        self._cursor.execute(query)
        return self._cursor.fetchall()


class PostgreSQLBeside(Beside):
    def __init__(self, live: str, schema: str) -> None:
        self._live, self._schema = live, schema

    def columns(self, table: str) -> list[str]:
        return _columns(table)

    @contextmanager
    def loading(self, tables: list[str]) -> Iterator[None]:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"TRUNCATE {', '.join(map(quote, tables))}")
                yield
        except DatabaseError:  # without the cause: it quotes the row
            raise DoesNotFit("The rows of the archive do not fit together.") from None

    def load(self, table: str, columns: list[str], stream: Readable) -> int:
        names = ", ".join(map(quote, columns))
        rows = 0
        with connection.cursor() as cursor:
            try:
                with cursor.copy(f"COPY {quote(table)} ({names}) FROM STDIN") as copy:
                    while block := stream.read(BLOCK):
                        copy.write(block)
                        rows += block.count(b"\n")  # a line break inside a value is written \n
            except psycopg.Error:  # past Django's cursor, and so its own; it quotes the row
                raise DoesNotFit(f"Rows of {table} do not fit its columns.") from None
        return rows

    def set_sequences(self, sequences: dict[str, Any]) -> None:
        with connection.cursor() as cursor:
            for table, column, sequence in _sequences():
                if standing := sequences.get(f"{table}.{column}"):
                    cursor.execute("SELECT setval(%s::regclass, %s, %s)", [sequence, *standing])

    def take_over(self) -> None:
        live, schema = quote(self._live), quote(self._schema)
        names = _tables(self._schema)
        old = (known_tables() | names) & _tables(self._live)
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout TO '{PATIENCE}'")
                if old:
                    # Without CASCADE: what somebody else built on them is not ours to drop.
                    places = ", ".join(f"{live}.{quote(name)}" for name in sorted(old))
                    cursor.execute(f"DROP TABLE {places}")
                for name in sorted(names):
                    cursor.execute(f"ALTER TABLE {schema}.{quote(name)} SET SCHEMA {live}")
                # Fails, and undoes all of it, when a migration made more than tables.
                cursor.execute(f"DROP SCHEMA {schema}")
        except DatabaseError as error:
            raise DoesNotFit(
                "The restored tables could not take the place of the old ones: "
                f"{type(error.__cause__ or error).__name__}. Is the site still running, or does "
                "something else in the database depend on them?"
            ) from None


def _one(query: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()


def _current_schema() -> str:
    return _one("SELECT current_schema()")[0]


def _tables(schema: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
        return {name for (name,) in cursor.fetchall()}


def _columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s"
            " AND table_schema = current_schema() AND is_generated = 'NEVER'"
            " ORDER BY ordinal_position",
            [table],
        )
        return [name for (name,) in cursor.fetchall()]


def _sequences() -> list[tuple[str, str, str]]:
    """Table, column and the sequence that numbers it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM (SELECT table_name, column_name, pg_get_serial_sequence("
            "quote_ident(table_schema) || '.' || quote_ident(table_name), column_name) AS sequence"
            " FROM information_schema.columns JOIN pg_tables"
            " ON tablename = table_name AND schemaname = table_schema"
            " WHERE table_schema = current_schema()) AS numbered WHERE sequence IS NOT NULL"
        )
        return cursor.fetchall()
