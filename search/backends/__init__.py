"""Search in the project's own database, with the same answers on SQLite and PostgreSQL."""

from typing import Any

from django.db import NotSupportedError, connection


def SearchBackend(params: dict[str, Any]) -> Any:  # noqa: N802  (the name that Wagtail looks for)
    """Return the search backend for the default database."""
    # Imported here because the index model has other columns on the other database.
    if connection.vendor == "sqlite":
        from .sqlite import SegmentedSQLiteBackend

        return SegmentedSQLiteBackend(params)
    if connection.vendor == "postgresql":
        from .postgres import SegmentedPostgresBackend

        return SegmentedPostgresBackend(params)
    raise NotSupportedError("Search works on SQLite and PostgreSQL.")
