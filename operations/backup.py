"""Making an archive of the whole site while it runs.

The rows are those of one moment: a report that is filed meanwhile is wholly in the archive or
wholly not. Files are read after the rows, so no row speaks of a file that came later; a file that
was deleted in between is counted. No key is in it that opens a report (REPORT_PRIVATE_KEYS), nor
SECRET_KEY: an archive and its key together must not be enough to read what villagers wrote.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.utils import timezone

from operations import age, fingerprints
from operations.archive import FILES, TABLES, Summed, Writer, is_plain
from operations.databases import database
from operations.databases.base import LEFT_OUT, Snapshot, known_tables
from operations.stored_files import stored_files

PART = 4 << 20  # bytes of a table that wait in memory
Say = Callable[[str], None]


class BackupFailed(Exception):
    """There is no archive; the message says why."""


def backup(out: Path, *, to: list[Any], say: Say) -> str:
    """Writes the archive, encrypted to the recipients, and returns its SHA-256.

    The file appears when it is whole. Raises BackupFailed.
    """
    if out.exists():
        raise BackupFailed("There is a file of this name already; an archive is never overwritten.")
    part = out.with_name(out.name + ".part")
    part.unlink(missing_ok=True)
    try:
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w+b") as file:
            with age.encrypting(file, to) as stream:
                _write(stream, say)
            file.flush()
            os.fsync(file.fileno())
            file.seek(0)
            whole = Summed(file)
            whole.drain()
        part.rename(out)
    except OSError as error:  # its text would name the file it was about
        raise BackupFailed(
            f"The archive could not be written: {error.strerror or error}."
        ) from None
    finally:
        with suppress(FileNotFoundError):
            part.unlink()
    return whole.digest()


def _write(stream: Any, say: Say) -> None:
    source, files = database(), stored_files()
    there = source.tables()
    if unknown := sorted(there - known_tables()):
        say(f"Not in the archive, because no part of this program owns them: {', '.join(unknown)}.")
    tables = sorted((there & known_tables()) - LEFT_OUT.keys())
    if not tables:
        raise BackupFailed("The database is empty: there is nothing to keep.")
    with source.snapshot() as snapshot:
        columns = {table: snapshot.columns(table) for table in tables}
        archive = Writer(
            stream,
            {
                "made_at": timezone.now().isoformat(timespec="seconds"),
                "database": source.kind,
                "migrations": snapshot.migrations(),
                "columns": columns,
                "left_out": sorted(there & LEFT_OUT.keys()),
                "keys": fingerprints.of_this_process(),
            },
        )
        rows = _write_tables(archive, snapshot, columns, say)
        sequences = snapshot.sequences()
    counts = _write_files(archive, files, say)
    archive.finish({"rows": rows, "sequences": sequences, **counts})


def _write_tables(
    archive: Writer, snapshot: Snapshot, columns: dict[str, list[str]], say: Say
) -> dict[str, int]:
    rows = {}
    for number, (table, names) in enumerate(columns.items(), start=1):
        rows[table] = 0
        for part, lines in enumerate(_parts(snapshot.rows(table, names))):
            archive.add(f"{TABLES}{table}/{part:06}", lines)
            rows[table] += lines.count(b"\n")
        say(f"Table {number} of {len(columns)}: {table}, {rows[table]} rows")
    return rows


def _parts(rows: Iterator[bytes]) -> Iterator[bytes]:
    waiting, size = [], 0
    for row in rows:
        waiting.append(row)
        size += len(row)
        if size >= PART:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def _write_files(archive: Writer, files: Any, say: Say) -> dict[str, int]:
    names = files.names()
    vanished = 0
    for number, name in enumerate(names, start=1):
        if not is_plain(name):
            raise BackupFailed("A file in storage has a name that no archive can hold.")
        try:
            size, stream = files.open(name)
        except FileNotFoundError:
            vanished += 1
            continue
        with stream:
            try:
                archive.add_stream(FILES + name, size, stream)
            except OSError as error:
                if error.strerror:
                    raise
                raise BackupFailed("A file changed while it was read: try again.") from None
        if number % 100 == 0 or number == len(names):
            say(f"File {number} of {len(names)}")
    if vanished:
        say(f"{vanished} files were deleted while the archive was made.")
    return {"files": len(names) - vanished, "vanished": vanished}
