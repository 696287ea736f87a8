"""SQLite: rows out of one read transaction, which a write-ahead log lets run beside writers.

A copy is built in a folder beside the database and written over it by SQLite's own backup, which
is one transaction: other processes wait for it, and a crash in the middle rolls it back.
"""

import base64
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, transaction

from operations.archive import Readable
from operations.databases.base import MIGRATIONS, Beside, Database, DoesNotFit, Snapshot, quote

PATIENCE = 20  # seconds for a lock that another process holds
SEQUENCES = "sqlite_sequence"
PREFIX = ".restoring-"


class SQLite(Database):
    kind = "sqlite"

    def tables(self) -> set[str]:
        if not _path().exists():
            return set()
        with closing(_open(_path())) as database:
            return _tables(database)

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        # A connection of our own: Django's turns values into Python's, and not all of them back.
        with closing(_open(_path())) as database:
            database.execute("PRAGMA query_only = ON")
            database.execute("BEGIN")
            _tables(database)  # the first reading fixes the moment
            yield SQLiteSnapshot(database)

    @contextmanager
    def beside(self) -> Iterator[Beside]:
        live = _path()
        live.parent.mkdir(parents=True, exist_ok=True)
        for left in live.parent.glob(PREFIX + "*"):  # by a restore that was killed
            shutil.rmtree(left)
        # The owner's alone (0700), and on the disk where the database will be.
        with tempfile.TemporaryDirectory(prefix=PREFIX, dir=live.parent) as folder:
            name = connection.settings_dict["NAME"]
            connection.close()
            connection.settings_dict["NAME"] = str(Path(folder) / "db.sqlite3")
            try:
                yield SQLiteBeside(live)
            finally:
                connection.close()
                connection.settings_dict["NAME"] = name


class SQLiteSnapshot(Snapshot):
    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def columns(self, table: str) -> list[str]:
        return _columns(self._database.execute(f"PRAGMA table_info({quote(table)})").fetchall())

    def rows(self, table: str, columns: list[str]) -> Iterator[bytes]:
        names = ", ".join(map(quote, columns))
        for row in self._database.execute(f"SELECT {names} FROM {quote(table)}"):  # noqa: S608
            yield json.dumps(row, ensure_ascii=False, default=_bytes).encode() + b"\n"

    def sequences(self) -> dict[str, Any]:
        return dict(self._database.execute(f"SELECT name, seq FROM {SEQUENCES}"))  # noqa: S608

    def migrations(self) -> list[tuple[str, str]]:
        query = f"SELECT app, name FROM {MIGRATIONS} ORDER BY app, name"  # noqa: S608
        return self._database.execute(query).fetchall()


class SQLiteBeside(Beside):
    def __init__(self, live: Path) -> None:
        self._live = live

    def columns(self, table: str) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA table_info({quote(table)})")
            return _columns(cursor.fetchall())

    @contextmanager
    def loading(self, tables: list[str]) -> Iterator[None]:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("PRAGMA defer_foreign_keys = ON")
                for table in tables:
                    cursor.execute(f"DELETE FROM {quote(table)}")  # noqa: S608
                yield
        except DatabaseError:  # without the cause: it quotes the row
            raise DoesNotFit("The rows of the archive do not fit together.") from None

    def load(self, table: str, columns: list[str], stream: Readable) -> int:
        names = ", ".join(map(quote, columns))
        marks = ", ".join("?" * len(columns))
        insert = f"INSERT INTO {quote(table)} ({names}) VALUES ({marks})"  # noqa: S608
        rows = 0
        # Past Django's cursor, which would read % and ? in its own way.
        cursor = connection.connection.cursor()
        try:
            for line in _lines(stream):
                sqlite3.Cursor.execute(
                    cursor, insert, [_value(value) for value in json.loads(line)]
                )
                rows += 1
        except (sqlite3.Error, ValueError, TypeError):
            raise DoesNotFit(f"Rows of {table} do not fit its columns.") from None
        return rows

    def set_sequences(self, sequences: dict[str, Any]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {SEQUENCES}")  # noqa: S608
            for standing in sequences.items():
                cursor.execute(f"INSERT INTO {SEQUENCES} VALUES (%s, %s)", standing)  # noqa: S608

    def take_over(self) -> None:
        prepared = Path(connection.settings_dict["NAME"])
        connection.close()
        try:
            with closing(_open(prepared)) as source, closing(_open(self._live)) as target:
                source.backup(target)
        except sqlite3.Error as error:
            raise DoesNotFit(f"The restored database could not be written: {error}.") from None


def _path() -> Path:
    return Path(connection.settings_dict["NAME"])


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)


def _tables(database: sqlite3.Connection) -> set[str]:
    """Tables that rows can be written to: neither SQLite's own nor the inside of a search index."""
    listed = database.execute("PRAGMA table_list").fetchall()
    return {
        name
        for schema, name, kind, *_ in listed
        if schema == "main" and kind == "table" and not name.startswith("sqlite_")
    }


def _columns(described: list[tuple]) -> list[str]:
    return [name for _, name, *_ in described]


def _bytes(value: Any) -> dict[str, str]:
    return {"bytes": base64.b64encode(value).decode()}


def _value(value: Any) -> Any:
    return base64.b64decode(value["bytes"]) if isinstance(value, dict) else value


def _lines(stream: Readable) -> Iterator[bytes]:
    """Lines of a stream that can only be read on."""
    rest = b""
    while block := stream.read(1 << 22):
        *lines, rest = (rest + block).split(b"\n")
        yield from lines
    if rest:
        yield rest
