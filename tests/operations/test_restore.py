"""A restore that fails half-way leaves the database and the files as they were."""

import os
import signal
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from operations import age, backup, restore
from operations.databases import base, database
from operations.stored_files import Prepared, stored_files
from tests.factories import file_report
from tests.operations.places import rows_of, sums

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.both_databases,
    pytest.mark.xdist_group("backup"),
]


migrate_to = restore._migrate_to


@pytest.fixture(autouse=True)
def quick_tables(monkeypatch):
    """The tables without the forty seconds of their migrations; the drill takes those."""

    def make(migrations):
        recorder = MigrationRecorder(connection)
        recorder.ensure_schema()
        with connection.schema_editor() as editor:
            for model in apps.get_models():
                # The inside of SQLite's search index makes itself.
                if (
                    model._meta.managed
                    and not model._meta.proxy
                    and "fts" not in model._meta.db_table
                ):
                    editor.create_model(model)
        for app, name in migrations:
            recorder.record_applied(app, name)

    monkeypatch.setattr(restore, "_migrate_to", make)


@pytest.fixture
def archive(tmp_path, settings, recipient):
    """Of this site, on which more has happened since."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    file_report(district=None)
    default_storage.save("documents/a.txt", ContentFile(b"then"))
    backup.backup(tmp_path / "a", to=age.recipients([recipient]), say=lambda words: None)
    file_report(district=None)
    default_storage.delete("documents/a.txt")
    default_storage.save("documents/a.txt", ContentFile(b"now"))
    default_storage.save("documents/b.txt", ContentFile(b"now too"))
    return tmp_path / "a"


def everything() -> tuple[dict, dict, set]:
    parameters = connection.get_connection_params()
    if connection.vendor == "postgresql":
        url = "postgres://{user}:{password}@{host}:{port}/{dbname}".format(**parameters)
        rows = rows_of(url, None)
    else:
        rows = rows_of("", parameters["database"])
    return rows, sums(stored_files()), database().tables()


def failed(archive, identity) -> str:
    words = ("restore", str(archive), "--identity", str(identity), "--replace", "--yes")
    with pytest.raises(CommandError) as refused:
        call_command(*words, stderr=StringIO())
    return str(refused.value)


def leftovers() -> list:
    """Schemas and folders in which a restore is prepared."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE '%_restoring'")
            return cursor.fetchall()
    return list(Path(connection.settings_dict["NAME"]).parent.glob(".restoring-*"))


class Broken:
    """Fails as the parts of a restore fail."""

    def rows(self, monkeypatch):
        def spoilt(file, keys, say, **options):
            proved = self.prove(file, keys, say, **options)
            proved.manifest["rows"]["reporting_report"] += 1
            return proved

        self.prove = restore.prove
        monkeypatch.setattr("operations.management.commands.restore.prove", spoilt)

    def references(self, monkeypatch):
        """Rows that speak of rows that are not there."""
        load = type(self).loader()

        def lossy(beside, table, columns, stream):
            rows = load(beside, table, columns, stream)
            if table == "reporting_report":
                with connection.cursor() as cursor:
                    cursor.execute("DELETE FROM reporting_report")
            return rows

        monkeypatch.setattr(type(self).beside(), "load", lossy)

    def files(self, monkeypatch):
        monkeypatch.setattr(Prepared, "write", self._fail)

    def switch_of_files(self, monkeypatch):
        monkeypatch.setattr(Prepared, "_move", self._fail)

    def switch_of_tables(self, monkeypatch):
        monkeypatch.setattr(type(self).beside(), "take_over", self._fail)

    def _fail(self, *args):
        raise base.DoesNotFit("Broken on purpose.")

    @staticmethod
    def beside():
        if connection.vendor == "postgresql":
            from operations.databases.postgresql import PostgreSQLBeside

            return PostgreSQLBeside
        from operations.databases.sqlite import SQLiteBeside

        return SQLiteBeside

    @classmethod
    def loader(cls):
        return cls.beside().load


@pytest.mark.parametrize(
    "part", ["rows", "references", "files", "switch_of_files", "switch_of_tables"]
)
def test_whatever_fails_the_old_site_is_whole(archive, identity, monkeypatch, part):
    before = everything()
    getattr(Broken(), part)(monkeypatch)
    assert "Nothing was changed" in failed(archive, identity)
    assert everything() == before
    assert not leftovers()


def test_an_archive_that_changes_between_proof_and_loading_is_refused(
    archive, identity, monkeypatch, recipient, tmp_path
):
    before = everything()
    other = tmp_path / "other"
    backup.backup(other, to=age.recipients([recipient]), say=lambda words: None)

    def exchange(migrations):
        make(migrations)
        other.replace(archive)

    make = restore._migrate_to
    monkeypatch.setattr(restore, "_migrate_to", exchange)
    failed(archive, identity)
    assert everything() == before


def test_what_others_built_on_our_tables_is_not_dropped(archive, identity):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite's file is ours alone.")
    with connection.cursor() as cursor:
        cursor.execute("CREATE VIEW theirs AS SELECT id FROM home_province")
    try:
        before = everything()
        assert "depend on them" in failed(archive, identity)
        assert everything() == before
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP VIEW theirs")


def test_rows_of_an_older_release_are_taken_on_to_this_one():
    latest = ("reporting", "0004_log_latest_index")
    graph = MigrationLoader(connection).graph
    older = set(MigrationRecorder(connection).applied_migrations())
    older -= set(graph.backwards_plan(latest))  # it, and all that came to stand on it
    said: list[str] = []

    def indexes() -> set[str]:
        with connection.cursor() as cursor:
            return set(connection.introspection.get_constraints(cursor, "reporting_logentry"))

    with database().beside():
        migrate_to(older)
        assert "log_entry_latest" not in indexes()
        restore._migrate_on(older, said.append)
        assert "log_entry_latest" in indexes()
        said_again: list[str] = []
        restore._migrate_on(older, said_again.append)
    assert "older release: applying" in said[0]
    assert not said_again


def test_a_restore_that_is_told_to_stop_leaves_nothing_prepared(archive, identity, monkeypatch):
    before = everything()
    monkeypatch.setattr(Prepared, "write", lambda *args: os.kill(os.getpid(), signal.SIGTERM))
    words = ("restore", str(archive), "--identity", str(identity), "--replace", "--yes")
    with pytest.raises(SystemExit):
        call_command(*words, stderr=StringIO())
    assert everything() == before
    assert not leftovers()


def test_a_restored_site_stays_restored_when_search_is_out_of_order(archive, identity, monkeypatch):
    def unreachable(*args, **options):
        raise ConnectionError("https://user:secret@search.example")

    monkeypatch.setattr(restore, "call_command", unreachable)
    monkeypatch.setattr(Broken.beside(), "take_over", lambda beside: None)
    err = StringIO()
    words = ("restore", str(archive), "--identity", str(identity), "--replace", "--yes")
    call_command(*words, stderr=err)
    assert "no search index (ConnectionError)" in err.getvalue()
    assert "secret" not in err.getvalue()
