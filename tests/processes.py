"""The site as it is shipped, as processes of its own: gunicorn and a worker on a database.

For tests that need a real server: one that a browser visits, one that is killed.
"""

import os
import re
import secrets
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from services import die_with_parent, free_port

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "mekong-demo"
GUNICORN = [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn"]
WORKER = [sys.executable, "manage.py", "work"]


class Installation:
    """A demo in a folder of its own: settings, keys, data. Its processes are started by `run`."""

    def __init__(self, folder: Path, database_url: str = "", **environment: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings.demo",
            "PYTHONPATH": f"{ROOT}:{ROOT / 'site'}",
            "DATABASE_URL": database_url,
            "SECRET_KEY": secrets.token_urlsafe(50),
            "REPORT_PUBLIC_KEYS": str(folder / "keys" / "public.json"),
            "REPORT_PRIVATE_KEYS": str(folder / "keys" / "private.json"),
            "DEMO_PASSWORD": PASSWORD,
            "DEMO_FOLDER": str(folder),
            "CAPTCHA_TEST_MODE": "1",
            "BIND": f"127.0.0.1:{self.port}",
            "ROLE": "all",
            **environment,
        }

    def manage(self, *words: str) -> None:
        command = [sys.executable, "manage.py", *words]
        subprocess.run(command, cwd=ROOT, env=self.environment, check=True)

    def prepare(self, *, with_demo: bool) -> None:
        """Makes the database, the reference data, the keys and, if asked, the demo's content."""
        self.manage("migrate", "--noinput", "--verbosity", "0")
        self.manage("load_reference_data")
        self.manage("keys", "create", "--out", str(self.folder / "keys"))
        if with_demo:
            self.manage("load_demo")
        self.manage("collectstatic", "--noinput", "--verbosity", "0")

    def run(self, command: list[str], log: Path | None = None) -> "Group":
        """Starts a command; what it says goes to the file, or where the test's own words go."""
        return Group(command, self.environment, log)

    def python(self, code: str, *arguments: str) -> str:
        """What a few lines of Python print in the installation's own settings."""
        said = subprocess.run(
            [sys.executable, "-c", f"import django; django.setup()\n{code}", *arguments],
            cwd=ROOT,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return said.stdout

    def wait_until_up(self) -> None:
        wait_for(f"{self.address}/healthz")


class Group:
    """A command and all that it starts, in a process group that ends as one.

    Start it from the test's own thread: it ends with the thread that started it.
    """

    def __init__(
        self, command: list[str], environment: dict[str, str], log: Path | None = None
    ) -> None:
        self._command, self._environment, self._log = command, environment, log
        self.start()

    def start(self) -> None:
        output = self._log.open("a") if self._log else None
        self.head = subprocess.Popen(
            self._command,
            cwd=ROOT,
            env=self._environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        if output:
            output.close()

    def children(self) -> list[int]:
        """What the head has started and what still runs, by number."""
        listed = Path(f"/proc/{self.head.pid}/task/{self.head.pid}/children")
        try:
            return [int(number) for number in listed.read_text().split()]
        except OSError:
            return []

    def kill(self) -> None:
        """Ends everything at once, in the middle of whatever it does."""
        with suppress(ProcessLookupError):
            os.killpg(self.head.pid, signal.SIGKILL)
        self.head.wait()

    def stop(self) -> None:
        """Asks the head to stop, waits a little, and ends what is left."""
        self.head.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.head.wait(timeout=10)
        self.kill()


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """The address of an empty database on a PostgreSQL server, dropped at the end."""
    name = f"live_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
    try:
        yield re.sub(r"/[^/?]*(\?|$)", rf"/{name}\1", server)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
