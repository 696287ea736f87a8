"""What both kinds of database have in common."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from operations.archive import Readable

MIGRATIONS = MigrationRecorder.Migration._meta.db_table

# What is not in an archive, and why.
LEFT_OUT = {
    "django_session": "whoever was signed in signs in again; a stolen archive opens no session",
    "captcha_captchastore": "questions of a few minutes",
    "reporting_draft": "what staff typed and did not send; it is deleted after a day",
    "reporting_slip": "what holds for some minutes after a report was written down",
    "wagtailadmin_editingsession": "who has a page open at this moment",
    "wagtailsearch_indexentry": "made from the rows again, by the release that restores",
    "axes_accessattempt": "addresses of who mistyped a password; forgotten in time anyway",
    "axes_accessattemptexpiration": "the same",
    "axes_accessfailurelog": "the same",
    "axes_accesslog": "the same",
}


class DoesNotFit(Exception):
    """Rows or tables that the schema here has no place for."""


class Database(ABC):
    """One database: its rows at one moment, and a copy that takes its place."""

    kind: str

    @abstractmethod
    def tables(self) -> set[str]:
        """Every table that is there; empty where nobody has worked yet."""

    @abstractmethod
    def snapshot(self) -> AbstractContextManager["Snapshot"]:
        """The rows as they are now, whatever is written in the meantime. Nobody waits for it."""

    @abstractmethod
    def beside(self) -> AbstractContextManager["Beside"]:
        """An empty database that Django's connection speaks to inside the block.

        Unless it took over, nothing of it is left after the block, and nothing else has changed.
        """


class Snapshot(ABC):
    @abstractmethod
    def columns(self, table: str) -> list[str]:
        """The columns that are stored, in order."""

    @abstractmethod
    def rows(self, table: str, columns: list[str]) -> Iterator[bytes]:
        """The rows in the database's own form, one a line, never parting a line."""

    @abstractmethod
    def sequences(self) -> dict[str, Any]:
        """Where the numbering of each table stands."""

    @abstractmethod
    def migrations(self) -> list[tuple[str, str]]:
        """The migrations that made the schema."""


class Beside(ABC):
    @abstractmethod
    def columns(self, table: str) -> list[str]:
        """The columns to fill; empty when there is no such table."""

    @abstractmethod
    def loading(self, tables: list[str]) -> AbstractContextManager[None]:
        """Empties the tables; at the end of the block everything loaded is kept, or nothing.

        Raises DoesNotFit when rows refer to rows that are not there.
        """

    @abstractmethod
    def load(self, table: str, columns: list[str], stream: Readable) -> int:
        """Adds rows as Snapshot.rows() gave them; returns how many. Raises DoesNotFit."""

    @abstractmethod
    def set_sequences(self, sequences: dict[str, Any]) -> None: ...

    @abstractmethod
    def take_over(self) -> None:
        """Takes the place of the live database in one step, or raises DoesNotFit."""


def known_tables() -> set[str]:
    """Tables that belong to this program: those of its models, and that of its migrations."""
    names = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }
    return names | {MIGRATIONS}


def quote(name: str) -> str:
    return connection.ops.quote_name(name)
