"""Reading a whole database as it was at one moment, and building one beside it that takes over.

Rows travel in the database's own form, so every value comes back as it was; an archive of one kind
of database is therefore not restored into the other. The schema comes from the migrations, which
are what defines it; client programs such as pg_dump are not needed.
"""

from django.db import connection

from operations.databases.base import Database


def database() -> Database:
    """The database of the settings. The kinds are imported when used: psycopg may be missing."""
    if connection.vendor == "postgresql":
        from operations.databases.postgresql import PostgreSQL

        return PostgreSQL()
    from operations.databases.sqlite import SQLite

    return SQLite()
