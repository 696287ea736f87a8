"""Killed at random points: every receipt that was shown has its report, once and whole.

KILL_INTAKES sets how many reports are filed in each test (`make kill-test N=1000`), KILL_SEED
repeats a run: the points at which something is killed follow from it.
"""

import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random, randrange

import pytest

from services import PostgreSQL, postgresql
from tests.kill.audit import assert_all_is_kept
from tests.kill.reporters import Crowd, send
from tests.processes import GUNICORN, Group, Installation

INTAKES = int(os.environ.get("KILL_INTAKES", "200"))
SEED = int(os.environ.get("KILL_SEED") or randrange(10**6))
# Everything else as shipped: a commit that was acknowledged is on the disk.
DURABLE = ["jit=off"]

pytestmark = [
    pytest.mark.kill,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(
        not os.environ.get("DATABASE_URL"), reason="once, in the run on PostgreSQL: make test"
    ),
]


class Chaos:
    """Does something bad each time that so many more receipts were shown, at a random moment."""

    def __init__(self, deeds: list, *, every: int) -> None:
        self._chance = Random(SEED)
        self._deeds, self._every = deeds, every
        self._next = self._interval()
        self.done = 0

    def _interval(self) -> int:
        return self._chance.randint(self._every // 2, self._every * 3 // 2)

    def meanwhile(self, count: int) -> None:
        if count < self._next:
            return
        time.sleep(self._chance.uniform(0, 0.15))
        self._deeds[self.done % len(self._deeds)](self._chance)
        self._next = count + self._interval()
        self.done += 1


def file_reports(site: Installation, deeds: list, *, every: int, total: int = INTAKES) -> Crowd:
    chaos = Chaos(deeds, every=every)
    crowd = Crowd(site.address, total=total, seed=SEED, meanwhile=chaos.meanwhile)
    crowd.run()
    assert not crowd.failures, f"seed {SEED}: {crowd.failures}"
    assert len(crowd.told) == total
    assert chaos.done, "nothing was killed, so nothing was tested"
    return crowd


def killing_one_process(web: Group):
    def deed(chance: Random) -> None:
        if workers := web.children():
            with suppress(ProcessLookupError):
                os.kill(chance.choice(workers), signal.SIGKILL)

    return deed


def killing_all_processes(web: Group):
    def deed(chance: Random) -> None:
        web.kill()
        web.start()

    return deed


@pytest.fixture(scope="module")
def database() -> Iterator[PostgreSQL]:
    with postgresql(DURABLE) as server:
        yield server


@pytest.fixture(scope="module")
def site(database, tmp_path_factory) -> Installation:
    site = Installation(tmp_path_factory.mktemp("kill"), database.url)
    site.prepare(with_demo=False)
    # The whole crowd comes from one address: nobody is asked to wait.
    site.python(
        "from reporting.models import ReportingSettings\n"
        "limits = ReportingSettings.load()\n"
        "limits.pause_above = 10**6\n"
        "limits.save()"
    )
    return site


@pytest.fixture
def empty(site) -> Installation:
    """The installation without the reports of the test before."""
    site.python(
        "from reporting.models import Report, LogEntry\n"
        "from django.db import connection\n"
        "connection.cursor().execute('TRUNCATE reporting_report CASCADE')"
    )
    return site


@pytest.fixture
def web(empty) -> Iterator[Group]:
    group = empty.run(GUNICORN)
    try:
        empty.wait_until_up()
        yield group
    finally:
        group.stop()


def test_the_web_process_is_killed_at_random_points(empty, web):
    deeds = [killing_one_process(web), killing_one_process(web), killing_all_processes(web)]
    crowd = file_reports(empty, deeds, every=max(INTAKES // 12, 10))
    assert_all_is_kept(empty, crowd.told)
    empty.wait_until_up()
    assert_status_answers(empty, crowd)


def test_the_database_is_stopped_and_killed_and_comes_back(empty, web, database):
    def stop_in_order(chance: Random) -> None:
        database.stop()
        time.sleep(0.5)
        database.start()

    def cut_the_power(chance: Random) -> None:
        database.stop(signal.SIGQUIT)  # no checkpoint, nothing flushed: recovery from the log
        time.sleep(0.5)
        database.start()

    crowd = file_reports(empty, [cut_the_power, stop_in_order], every=max(INTAKES // 6, 10))
    assert crowd.kept_pages, "nobody met the page that keeps what was typed"
    assert_all_is_kept(empty, crowd.told)
    assert_status_answers(empty, crowd)


def test_on_sqlite_the_web_process_is_killed_in_the_middle_of_a_write(tmp_path):
    site = Installation(tmp_path)
    site.prepare(with_demo=False)
    web = site.run(GUNICORN)
    try:
        site.wait_until_up()
        deeds = [killing_all_processes(web), killing_one_process(web)]
        total = INTAKES // 2
        crowd = file_reports(site, deeds, every=max(total // 6, 10), total=total)
        assert_all_is_kept(site, crowd.told)
    finally:
        web.stop()
    with sqlite3.connect(Path(tmp_path) / "db.sqlite3") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def assert_status_answers(site: Installation, crowd: Crowd) -> None:
    """Whoever holds a receipt reads what has become of their report."""
    for told in Random(SEED).sample(crowd.told, 20):
        page = send(f"{site.address}/th/report/status/", {"receipt": told.receipt})
        assert 'class="timeline' in page
