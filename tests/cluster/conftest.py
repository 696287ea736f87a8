"""`make cluster` under a browser, and somebody who kills its processes meanwhile."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random, randrange

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page

from services import die_with_parent
from tests.browser import conftest as browser
from tests.processes import PASSWORD, ROOT

SEED = int(os.environ.get("KILL_SEED") or randrange(10**6))
UP = re.compile(r"The cluster is up: (http://\S+)/th/ .*\(data in (\S+)\)")
PATIENCE = 120  # seconds that somebody goes on asking while a process is started again

browser_type_launch_args = browser.browser_type_launch_args


def pytest_collection_modifyitems(items):
    for item in items:
        if "cluster" in Path(item.fspath).parts:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


class Cluster:
    def __init__(self, address: str, folder: Path) -> None:
        self.address, self._folder = address, folder
        self._chance = Random(SEED)
        self.killed: list[str] = []

    def running(self) -> dict[str, int]:
        return json.loads((self._folder / "processes.json").read_text())

    def kill(self, name: str) -> None:
        """Ends a process and all it started, in the middle of whatever it does."""
        if number := self.running().get(name):
            with suppress(ProcessLookupError):
                os.killpg(number, signal.SIGKILL)
                self.killed.append(name)

    def wait_for(self, name: str, *, other_than: int | None) -> None:
        deadline = time.monotonic() + PATIENCE
        while self.running().get(name) in {None, other_than}:
            assert time.monotonic() < deadline, f"{name} was not started again"
            time.sleep(0.1)

    def kill_by_turns(self, stop: threading.Event) -> None:
        """Public processes and workers, one after the other: each is back before the next goes."""
        names = ["public-0", "worker-0", "public-1", "worker-1"]
        turn = 0
        while not stop.wait(self._chance.uniform(1, 3)):
            name = names[turn % len(names)]
            turn += 1
            before = self.running().get(name)
            self.kill(name)
            self.wait_for(name, other_than=before)
            stop.wait(8)  # it loads the site; a proxy needs one of the two


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    if not os.environ.get("DATABASE_URL"):
        pytest.skip("once, in the run on PostgreSQL: make test")
    environment = os.environ | {"CAPTCHA_TEST_MODE": "1", "PORT": "", "DEMO_PASSWORD": PASSWORD}
    environment.pop("MAKELEVEL", None)
    process = subprocess.Popen(
        [sys.executable, "scripts/cluster.py"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=die_with_parent,
    )
    try:
        found = next((match for line in process.stdout if (match := UP.search(line))), None)
        assert found, "the cluster did not start; its words are above"
        threading.Thread(target=process.stdout.read, daemon=True).start()  # nobody waits for us
        yield Cluster(found[1], Path(found[2]))
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture
def live(cluster) -> str:
    return cluster.address


@pytest.fixture
def chaos(cluster) -> Iterator[Cluster]:
    """Somebody kills while the test goes on, and at the end everything is there again."""
    stop = threading.Event()
    killer = threading.Thread(target=cluster.kill_by_turns, args=(stop,))
    killer.start()
    yield cluster
    stop.set()
    killer.join()
    assert cluster.killed, "nothing was killed, so nothing was tested"


def patient(page: Page) -> Page:
    """A visitor who asks again while a process is started anew, as people do."""
    ask = page.goto

    def goto(url: str, **options):
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = ask(url, **options)
                if answer is None or answer.status < 500:
                    return answer
            except PlaywrightError as error:
                if "net::" not in str(error):
                    raise
            assert time.monotonic() < deadline, f"no answer at {url}"
            page.wait_for_timeout(300)

    page.goto = goto
    return page


@pytest.fixture
def page(page) -> Page:
    return patient(page)


sign_in = browser.sign_in
