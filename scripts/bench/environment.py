"""The machine, the servers and the data that a run stands on. All of it is gone at its end."""

import http.client
import json
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.load import UNCACHED
from services import PATIENCE, answers, die_with_parent, free_port

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
# A benchmark of intake that may lose a report in a power cut would measure something else.
DURABLE = [
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "shared_buffers=512MB",
    "max_wal_size=4GB",
    "jit=off",
]
SYNC = "--worker-class sync --threads 1 --workers 2"  # as the peers' figures were measured
TEMPLATE = "bench_template"


@dataclass(frozen=True)
class Bench:
    """What every measurement is given."""

    folder: Path
    postgresql: str  # the server's address, without a database's name
    is_small: bool
    public_keys: Path
    private_keys: Path
    databases: list[str] = field(default_factory=list)

    def size(self, full: int, small: int) -> int:
        return small if self.is_small else full

    def environment(self, database: str, **variables: str) -> dict[str, str]:
        """The production settings over a database, and nothing that the shell happens to hold."""
        elsewhere = {"REDIS_URL", "STORAGE_URL", "SEARCH_URL", "EMAIL_URL", "ROLE"}
        kept = {name: value for name, value in os.environ.items() if name not in elsewhere}
        return kept | {
            "DJANGO_SETTINGS_MODULE": "config.settings.bench",
            "PYTHONPATH": f"{ROOT}:{ROOT / 'site'}:{ROOT / 'scripts'}",
            "SECRET_KEY": "only-for-a-benchmark-" + "0123456789abcdefghijklmnopqrstuvwxyz",
            "ALLOWED_HOSTS": "127.0.0.1",
            "DATABASE_URL": self.url(database),
            "REPORT_PUBLIC_KEYS": str(self.public_keys),
            "REPORT_PRIVATE_KEYS": str(self.private_keys),
            "BENCH_FOLDER": str(self.folder),
            **variables,
        }

    def url(self, database: str) -> str:
        return database if "://" in database else f"{self.postgresql}/{database}"

    def manage(self, database: str, *words: str, **variables: str) -> str:
        return run([sys.executable, "manage.py", *words], self.environment(database, **variables))

    def inside(self, database: str, *words: str, **variables: str):
        """What a function of inside.py found, in a process of its own."""
        command = [sys.executable, "-m", "bench.inside", *words]
        said = run(command, self.environment(database, **variables))
        return json.loads(said.splitlines()[-1])

    def database(self, name: str) -> str:
        """A new database with the demo's people and pages."""
        if name not in self.databases:
            self.sql(f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}"')
            self.databases.append(name)
        return name

    def pages(self, number: int) -> str:
        """A database with so many made pages, half of them Thai."""
        name = f"pages_{number}"
        if name not in self.databases:
            self.manage(self.database(name), "make_pages", str(number))
        return name

    def make_template(self) -> None:
        self.sql(f'CREATE DATABASE "{TEMPLATE}"')
        self.fill(TEMPLATE)

    def fill(self, database: str) -> None:
        self.manage(database, "migrate", "--noinput", "--verbosity", "0")
        self.inside(database, "load")

    def sql(self, words: str) -> None:
        import psycopg

        address = f"{self.postgresql}/postgres".replace("postgres://", "postgresql://", 1)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(words)

    @contextmanager
    def served(self, database: str, **variables: str) -> Iterator[int]:
        """The production server over a database, with two sync workers; yields its port."""
        port = free_port()
        variables = {"GUNICORN_CMD_ARGS": SYNC, **variables}
        environment = self.environment(
            database, BIND=f"127.0.0.1:{port}", BASE_URL=f"https://127.0.0.1:{port}", **variables
        )
        command = [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn"]
        with served(command, environment, port):
            warm(port, "/th/", UNCACHED)
            yield port


def run(command: list[str], environment: dict[str, str]) -> str:
    """What a command printed. Ends the benchmark with its words when it fails."""
    said = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        preexec_fn=die_with_parent,
    )
    if said.returncode != 0:
        sys.exit(
            f"{said.stdout}{said.stderr}\n{' '.join(command[1:3])} failed; its words are above."
        )
    return said.stdout


@contextmanager
def served(command: list[str], environment: dict[str, str], port: int) -> Iterator[None]:
    """A server that answers on its port as long as the block runs."""
    server = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, preexec_fn=die_with_parent
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while not answers(port):
            if server.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"{' '.join(command[1:4])} did not start on port {port}.")
            time.sleep(0.05)
        yield
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def fetch(port: int, path: str, headers: dict[str, str] | None = None) -> bytes:
    """The body of an answer. Ends the benchmark when it is not a page."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2 * PATIENCE)
    connection.request("GET", path, headers=headers or {})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    if response.status != 200:
        sys.exit(f"{path} answered {response.status} where a page was to be measured.")
    return body


def warm(port: int, path: str, headers: dict[str, str] | None = None) -> None:
    """Asks often enough at once that every worker has loaded what it loads at its first answer."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: fetch(port, path, headers), range(16)))


def machine() -> list[str]:
    """What the figures were measured on, without its name."""
    cpu = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.M)
    memory = re.search(r"^MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text(), re.M)
    programs = {"nginx": ["nginx", "-v"], "PostgreSQL": ["psql", "--version"], "wrk": ["wrk", "-v"]}
    return [
        f"{os.cpu_count()} cores, {cpu[1] if cpu else platform.machine()}",
        f"{int(memory[1]) / 2**20:.0f} GB of memory" if memory else "memory unknown",
        f"Linux {platform.release().split('-')[0]}, Python {platform.python_version()}",
        *(f"{name}: {version(command)}" for name, command in programs.items()),
        f"Load before the run: {os.getloadavg()[0]:.1f}",
    ]


def version(command: list[str]) -> str:
    try:
        said = subprocess.run(command, capture_output=True, text=True)
    except OSError:
        return "unknown"
    found = re.search(r"\d+(\.\d+)+", said.stdout + said.stderr)
    return found[0] if found else "unknown"
