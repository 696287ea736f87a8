"""Machines for backup and restore: a database and a place for files, worked by `manage.py`."""

import hashlib
import os
import secrets
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import connection

from config import environment
from home.files import SealedInFolder
from operations.stored_files import Bucket, Folder, StoredFiles, Together

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Place:
    """One machine. Its files lie in `folder`, or in the bucket of `storage_url`."""

    folder: Path
    database_url: str = ""
    storage_url: str = ""
    keys: tuple[str, str] = ("", "")

    def manage(self, *words: str, check: bool = True, **variables: str):
        """`manage.py` as an operator runs it."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env={
                "PATH": os.environ["PATH"],
                "DJANGO_SETTINGS_MODULE": "config.settings.demo",
                "DEMO_FOLDER": str(self.folder),
                "SECRET_KEY": settings.SECRET_KEY,
                "DATABASE_URL": self.database_url,
                "STORAGE_URL": self.storage_url,
                "REPORT_PUBLIC_KEYS": self.keys[0],
                "REPORT_PRIVATE_KEYS": self.keys[1],
                **variables,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    def tables(self) -> dict[str, list]:
        """Every row of every table, search indexes' insides aside."""
        return rows_of(self.database_url, self.folder / "db.sqlite3")

    def numbering(self) -> dict[str, tuple]:
        if not self.database_url:
            with closing(sqlite3.connect(self.folder / "db.sqlite3")) as database:
                return dict(database.execute("SELECT name, seq FROM sqlite_sequence"))
        query = (
            "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema()"
        )
        with psycopg.connect(self.database_url) as database:
            return dict(database.execute(query).fetchall())

    def schema(self) -> set[tuple]:
        """Columns, indexes and constraints."""
        if not self.database_url:
            with closing(sqlite3.connect(self.folder / "db.sqlite3")) as database:
                return set(database.execute("SELECT type, name, sql FROM sqlite_master"))
        queries = (
            "SELECT table_name, column_name, data_type, is_nullable, column_default, is_identity"
            " FROM information_schema.columns WHERE table_schema = current_schema()",
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()",
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
            " FROM pg_constraint WHERE connamespace = current_schema()::regnamespace",
        )
        with psycopg.connect(self.database_url) as database:
            return {row for query in queries for row in database.execute(query)}

    def stored(self) -> StoredFiles:
        return store(self.storage_url, self.folder / "media")

    def files(self) -> dict[str, str]:
        """Name and digest of every file, what a restore might have left behind included."""
        return sums(self.stored())


def store(storage_url: str, folder: Path) -> StoredFiles:
    if not storage_url:
        evidence = SealedInFolder(location=folder.with_name("evidence"))
        return Together(Folder(FileSystemStorage(folder)), Folder(evidence))
    from home.bucket import OriginalsInBucket  # half a second, where it is needed

    with patch.dict(os.environ, {"STORAGE_URL": storage_url}):
        return Bucket(OriginalsInBucket(**environment.bucket("STORAGE_URL")))


def sums(files: StoredFiles) -> dict[str, str]:
    found = {}
    for name in files._all():
        _, stream = files.open(name)
        with closing(stream):
            found[name] = hashlib.sha256(stream.read()).hexdigest()
    return found


def rows_of(database_url: str, path: Path) -> dict[str, list]:
    if not database_url:
        with closing(sqlite3.connect(path)) as database:
            names = [
                name
                for _, name, kind, *_ in database.execute("PRAGMA table_list").fetchall()
                if kind == "table" and not name.startswith("sqlite_")
            ]
            return {
                name: sorted(database.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)
                for name in names
            }
    with psycopg.connect(database_url) as database:
        names = database.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        ).fetchall()
        found = {}
        for (name,) in names:
            with database.cursor().copy(f'COPY "{name}" TO STDOUT') as copy:
                found[name] = sorted(bytes(row) for row in copy)
        return found


@contextmanager
def new_database():
    """The address of an empty database of the suite's kind; "" stands for SQLite in the folder."""
    if connection.vendor == "sqlite":
        yield ""
        return
    server = os.environ["DATABASE_URL"]
    name = f"place_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as maintenance:
        maintenance.execute(f"CREATE DATABASE {name}")
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(server, autocommit=True) as maintenance:
            maintenance.execute(f"DROP DATABASE {name} WITH (FORCE)")
