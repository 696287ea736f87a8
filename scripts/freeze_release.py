"""Freezes a release's demo databases, so that the suite can upgrade them: `make freeze`.

    .venv/bin/python scripts/freeze_release.py [COMMIT]

Takes the code of a commit (HEAD when none is named) out of git, lets it load its own demo into
SQLite and PostgreSQL and file a report, and keeps both in tests/upgrades/release/ with the keys
and the receipt. All of it is demo data: the keys open nothing else, and nobody in it lives.
"""

import gzip
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from provide import find_postgresql, provide
from services import postgresql

ROOT = Path(__file__).resolve().parent.parent
RELEASE = ROOT / "tests" / "upgrades" / "release"
WALK = ROOT / "tests" / "upgrades" / "walk.py"
SECRET_KEY = "of-the-frozen-demo-and-of-nothing-else-" + "0123456789" * 3
TOKEN = "of-the-report-that-is-filed-before-freezing"  # noqa: S105 - its receipt follows from it
# Commands for psql in a dump of pg_dump 15.14 and later; everything else is SQL.
FOR_PSQL = re.compile(rb"^\\(un)?restrict \w+$", re.M)


def main(commit: str) -> None:
    provide("postgresql")
    commit = git("rev-parse", commit).decode().strip()
    with tempfile.TemporaryDirectory(prefix="mekong-freeze-") as name:
        folder = Path(name)
        code = folder / "code"
        take_out(commit, code)
        RELEASE.mkdir(exist_ok=True)
        keys = folder / "keys"
        url = f"sqlite:///{folder}/db.sqlite3"
        load(code, folder, url, keys)
        receipt = walk(environment_of(code, folder, url), "file", TOKEN)
        write("sqlite.db.gz", sqlite_copy(folder))
        with postgresql() as server:
            load(code, folder, server.url, keys)
            assert walk(environment_of(code, folder, server.url), "file", TOKEN) == receipt
            write("postgresql.sql.gz", postgresql_dump(server.url))
        about = {
            "commit": commit,
            "secret_key": SECRET_KEY,
            "receipt": receipt,
            "public_keys": json.loads((keys / "public.json").read_text()),
            "private_keys": json.loads((keys / "private.json").read_text()),
            "migrations": migrations(folder),
        }
        (RELEASE / "release.json").write_text(json.dumps(about, indent=1) + "\n")
    print(f"Frozen: {commit}.")


def git(*words: str) -> bytes:
    return subprocess.run(["git", *words], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout


def take_out(commit: str, folder: Path) -> None:
    """Writes the files of a commit into a new folder. Raises CalledProcessError if git has none."""
    archive = git("archive", "--format=tar", commit)
    folder.mkdir()
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")
    compiled = [sys.executable, folder / "scripts" / "compile_catalogues.py"]
    subprocess.run(compiled, cwd=folder, check=True, stdout=subprocess.DEVNULL)


def environment_of(code: Path, folder: Path, database_url: str) -> dict[str, str]:
    """The demo's settings, for the code and the database given."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.demo",
        "PYTHONPATH": f"{code}:{code / 'site'}",
        "DATABASE_URL": database_url,
        "DEMO_FOLDER": str(folder),
        "SECRET_KEY": SECRET_KEY,
        "REPORT_PUBLIC_KEYS": str(folder / "keys" / "public.json"),
        "REPORT_PRIVATE_KEYS": str(folder / "keys" / "private.json"),
        "CAPTCHA_TEST_MODE": "1",
        "REDIS_URL": "",
        "STORAGE_URL": "",
        "ROLE": "all",
    }


def load(code: Path, folder: Path, database_url: str, keys: Path) -> None:
    environment = environment_of(code, folder, database_url)

    def manage(*words: str) -> None:
        subprocess.run([sys.executable, "manage.py", *words], cwd=code, env=environment, check=True)

    manage("migrate", "--noinput", "--verbosity", "0")
    manage("load_reference_data")
    if not keys.exists():
        manage("keys", "create", "--out", str(keys))
    manage("load_demo")


def walk(environment: dict[str, str], verb: str, word: str) -> Any:
    """What tests/upgrades/walk.py sees on the code and the database of an environment."""
    command = [sys.executable, "-W", "ignore", str(WALK), verb, word]
    said = subprocess.run(command, cwd="/", env=environment, check=True, stdout=subprocess.PIPE)
    return json.loads(said.stdout)


def sqlite_copy(folder: Path) -> bytes:
    """The whole file: search tables of SQLite do not survive being written as SQL."""
    with sqlite3.connect(folder / "db.sqlite3") as connection:
        connection.execute("VACUUM INTO ?", [str(folder / "copy.sqlite3")])
    connection.close()
    return (folder / "copy.sqlite3").read_bytes()


def postgresql_dump(url: str) -> bytes:
    """Plain SQL that any client can run: rows as INSERT, not as COPY."""
    binaries = find_postgresql()
    program = str(binaries / "pg_dump") if binaries else shutil.which("pg_dump") or "pg_dump"
    command = [program, "--no-owner", "--no-privileges", "--inserts", "--rows-per-insert=100", url]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return FOR_PSQL.sub(b"", said)


def migrations(folder: Path) -> dict[str, list[str]]:
    """What the frozen database has been taken through, by app."""
    with sqlite3.connect(folder / "copy.sqlite3") as connection:
        rows = connection.execute("SELECT app, name FROM django_migrations ORDER BY app, id")
        found: dict[str, list[str]] = {}
        for app, name in rows:
            found.setdefault(app, []).append(name)
    connection.close()
    return found


def write(name: str, content: bytes) -> None:
    packed = gzip.compress(content, compresslevel=9, mtime=0)
    (RELEASE / name).write_bytes(packed)
    print(f"{name}: {len(packed) // 1024} kB")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "HEAD")
