"""Putting an archive back: everything is proved before anything is changed.

The archive is read twice, because nothing of it may lie on disk in the clear: once to prove all of
it, once to load it into a database and a place for files beside the live ones. Only when both are
whole do they take over; until then every failure leaves what was there.
"""

import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from operations import age, archive, fingerprints
from operations.archive import ArchiveRefused
from operations.databases import database
from operations.databases.base import Beside, DoesNotFit, known_tables
from operations.stored_files import Prepared, StoredFiles, stored_files

Say = Callable[[str], None]
Migrations = set[tuple[str, str]]


@dataclass(frozen=True)
class Proved:
    """What an archive holds, after every byte of it was checked."""

    file: Path
    keys: list[Any] = field(repr=False)
    header: dict[str, Any] = field(repr=False)
    manifest: dict[str, Any] = field(repr=False)
    warnings: list[str]

    @property
    def migrations(self) -> Migrations:
        return {(app, name) for app, name in self.header["migrations"]}


def prove(file: Path, keys: list[Any], say: Say, *, takes_unproved: bool = False) -> Proved:
    """Reads the archive to its end and changes nothing.

    Anybody can encrypt to a public key: that this site made it, only its SECRET_KEY proves.

    Raises ArchiveRefused or age.Undecipherable.
    """
    say("Checking the archive")
    header: dict[str, Any] = {}
    manifest: dict[str, Any] = {}
    seen: dict[str, list[Any]] = {}
    with _opened(file, keys) as content:
        for name, member in content:
            if bool(header) == (name == archive.HEADER) or manifest or name in seen:
                raise ArchiveRefused("The archive's parts are not in the order they were written.")
            if name == archive.HEADER:
                header = archive.read_header(member)
                _refuse_what_does_not_fit(header)
            elif name == archive.MANIFEST:
                manifest = archive.read_manifest(member, seen)
            else:
                member.drain()
            seen[name] = [member.size, member.digest()]
    if not manifest:
        raise ArchiveRefused("The archive has no end: its backup was not finished.")
    warnings = fingerprints.warnings(header["keys"])
    if not (manifest["is_ours"] or takes_unproved):
        raise ArchiveRefused(
            "The archive was not made by this site: SECRET_KEY does not prove it. Where the one "
            "that made it is lost, and you know where the archive lay, see --unproved."
        )
    return Proved(file, keys, header, manifest, warnings)


def occupied(files: StoredFiles) -> str:
    """What is in the way on this machine, in words; empty when nothing is."""
    tables, names = len(database().tables()), len(files.names())
    return f"{tables} tables and {names} files" if tables or names else ""


def restore(proved: Proved, *, replace: bool, say: Say) -> None:
    """Makes the database and the files those of the archive.

    Raises ArchiveRefused, DoesNotFit or age.Undecipherable, and then nothing has changed.
    """
    files = stored_files()
    if not replace and (there := occupied(files)):
        raise ArchiveRefused(f"This machine is not empty: it holds {there}. See --replace.")
    with database().beside() as tables, files.beside() as prepared:
        say("Preparing the tables")
        _migrate_to(proved.migrations)
        _load(proved, tables, prepared, say)
        _migrate_on(proved.migrations, say)
        say("Switching over")
        prepared.take_over()
        try:
            tables.take_over()
        except BaseException:
            prepared.undo()
            raise
        prepared.keep()
    cache.clear()
    ContentType.objects.clear_cache()
    say("Making the search index")
    try:
        call_command("wagtail_update_index", verbosity=0)
    except Exception as error:  # noqa: BLE001 - the site is restored, whatever search says
        say(f"Warning: no search index ({type(error).__name__}). Run: manage.py update_index")


def _refuse_what_does_not_fit(header: dict[str, Any]) -> None:
    kind = database().kind
    if header["database"] != kind:
        raise ArchiveRefused(
            f"The archive comes from {header['database']} and DATABASE_URL names {kind}: rows "
            "travel in the form of their database."
        )
    migrations = {(app, name) for app, name in header["migrations"]}
    if unknown := sorted(migrations - _known_migrations()):
        raise ArchiveRefused(
            "The archive was made by a newer release, or by one with other parts. Migrations that "
            f"are not here: {', '.join('.'.join(pair) for pair in unknown[:5])}"
            f"{' and more' if len(unknown) > 5 else ''}. Install the release that made it."
        )


def _known_migrations() -> Migrations:
    """What this release can have applied, older names of squashed migrations included."""
    known = MigrationLoader(None).disk_migrations
    replaced = {pair for migration in known.values() for pair in migration.replaces}
    return set(known) | replaced


def _migrate_to(migrations: Migrations) -> None:
    """Makes the schema of the release that made the archive."""
    executor = MigrationExecutor(connection)
    nodes = executor.loader.graph.node_map
    wanted = migrations & nodes.keys()
    # Only the last ones: a target that another has brought along would be undone again.
    brought = {parent.key for key in wanted for parent in nodes[key].parents}
    executor.migrate(sorted(wanted - brought))


def _migrate_on(migrations: Migrations, say: Say) -> None:
    """Takes the rows on to the schema of this release."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        say(f"The archive is of an older release: applying {len(plan)} migrations")
        call_command("migrate", verbosity=0, interactive=False)


def _load(proved: Proved, tables: Beside, prepared: Prepared, say: Say) -> None:
    """Fills both places, and compares every byte with what was proved."""
    columns = proved.header["columns"]
    for table, names in columns.items():
        if set(tables.columns(table)) != set(names):
            raise DoesNotFit(f"The archive's table {table} has other columns than this release's.")
    rows = dict.fromkeys(columns, 0)
    emptied = sorted(known_tables() & database().tables())
    with _opened(proved.file, proved.keys) as content, tables.loading(emptied):
        for name, member in content:
            if name.startswith(archive.TABLES):
                table = name.split("/")[1]
                rows[table] += tables.load(table, columns[table], member)
            elif name.startswith(archive.FILES):
                prepared.write(name.removeprefix(archive.FILES), member)
            member.drain()
            expected = proved.manifest["members"].get(name)
            if name != archive.MANIFEST and expected != [member.size, member.digest()]:
                raise ArchiveRefused("The archive changed while it was read.")
        if rows != proved.manifest["rows"]:
            raise DoesNotFit("Not every row of the archive could be loaded.")
        say(f"{sum(rows.values())} rows and {proved.manifest['files']} files are loaded")
        tables.set_sequences(proved.manifest["sequences"])


@contextmanager
def _opened(file: Path, keys: list[Any]) -> Iterator[Iterator[tuple[str, archive.Summed]]]:
    try:
        with file.open("rb") as encrypted, age.decrypting(encrypted, keys) as plain:
            yield archive.members(plain)
    except FileNotFoundError:
        raise ArchiveRefused("There is no such file.") from None
    except tarfile.TarError:
        raise ArchiveRefused(archive.NO_BACKUP) from None
