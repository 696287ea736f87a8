"""The release before, upgraded with its data: the demo as scripts/freeze_release.py froze it."""

import gzip
import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest

import freeze_release as frozen
from tests.processes import ROOT, fresh_database
from tests.upgrades.walk import PAGES

pytestmark = [pytest.mark.both_databases, pytest.mark.xdist_group("upgrade")]
ABOUT = json.loads((frozen.RELEASE / "release.json").read_text())


class Site:
    """The frozen release's data in a database of its own, on which any version can be put."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder, self.database_url = folder, database_url
        keys = folder / "keys"
        keys.mkdir()
        for name in ("public", "private"):
            (keys / f"{name}.json").write_text(json.dumps(ABOUT[f"{name}_keys"]))

    def environment(self, code: Path, **more: str) -> dict[str, str]:
        return frozen.environment_of(code, self.folder, self.database_url) | more

    def manage(self, *words: str, check: bool = True, **more: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.environment(ROOT, **more),
            check=check,
            capture_output=True,
            text=True,
        )

    def walk(self, code: Path, verb: str, word: str) -> Any:
        return frozen.walk(self.environment(code), verb, word)


def unpack(name: str) -> bytes:
    return gzip.decompress((frozen.RELEASE / name).read_bytes())


def restore(folder: Path, stack: ExitStack) -> str:
    """The address of a new database of the kind under test, filled with the frozen rows."""
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        (folder / "db.sqlite3").write_bytes(unpack("sqlite.db.gz"))
        return f"sqlite:///{folder}/db.sqlite3"
    url = stack.enter_context(fresh_database(server))
    with psycopg.connect(url) as connection:
        connection.execute(unpack("postgresql.sql.gz"))  # type: ignore[arg-type]
    return url


@pytest.fixture
def release(tmp_path):
    """A site as the frozen release left it, not yet upgraded."""
    with ExitStack() as stack:
        yield Site(tmp_path, restore(tmp_path, stack))


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory):
    """The same after the steps of an upgrade (docs/operations.md)."""
    folder = tmp_path_factory.mktemp("upgraded")
    with ExitStack() as stack:
        site = Site(folder, restore(folder, stack))
        site.manage("migrate", "--noinput", "--verbosity", "0")
        site.manage("load_reference_data")
        yield site


def assert_works(seen: dict) -> None:
    assert seen["pages"] == dict.fromkeys(PAGES, 200)
    assert seen["stages"] == 2
    assert (seen["queue"], seen["report"], seen["is_readable"]) == (200, 200, True)


def test_what_was_reported_before_the_upgrade_is_read_and_answered_after_it(upgraded):
    seen = upgraded.walk(ROOT, "look", ABOUT["receipt"])
    assert_works(seen)
    assert seen["reports"] >= 41


def test_an_upgraded_site_receives_reports(upgraded):
    receipt = upgraded.walk(ROOT, "file", "of-a-report-that-comes-after-the-upgrade-x")
    assert_works(upgraded.walk(ROOT, "look", receipt))


def test_the_version_before_still_serves_on_the_upgraded_database(upgraded, tmp_path):
    """Processes are replaced one by one: until the last, old and new serve the same rows."""
    code = tmp_path / "code"
    try:
        frozen.take_out(ABOUT["commit"], code)
    except (subprocess.CalledProcessError, OSError):
        pytest.skip(f"Needs git and the commit {ABOUT['commit'][:12]} in this clone.")
    assert_works(upgraded.walk(code, "look", ABOUT["receipt"]))
    receipt = upgraded.walk(code, "file", "of-a-report-that-the-old-version-takes-xx")
    assert_works(upgraded.walk(code, "look", receipt))
    assert_works(upgraded.walk(ROOT, "look", receipt))


@pytest.mark.parametrize("breaks", ["1", ""], ids=["broken", "sound"])
def test_a_migration_that_existing_rows_break_is_noticed(release, breaks):
    """The frozen rows are there: a rule that they break stops the upgrade."""
    settings = {"DJANGO_SETTINGS_MODULE": "tests.upgrades.breaking", "BREAKS": breaks}
    said = release.manage("migrate", "breaking_app", "--noinput", check=False, **settings)
    assert said.returncode == (1 if breaks else 0), said.stderr
    assert ("IntegrityError" in said.stderr) is bool(breaks)
