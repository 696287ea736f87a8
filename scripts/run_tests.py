"""`make test`: the whole suite on PostgreSQL, then the tests marked both_databases on SQLite.

PostgreSQL, Redis and an S3-compatible server are throw-away ones, gone at the end whatever
happens (services.py). With DATABASE_URL set, that database is used and none is started. Tests find
the others as TEST_REDIS_URL and TEST_STORAGE_URL. Arguments are handed to pytest.
"""

import os
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType

from provide import find_chromium, provide
from services import die_with_parent, linux, postgresql, redis, storage

ROOT = Path(__file__).resolve().parent.parent
NOTHING_COLLECTED = 5


def main(arguments: list[str]) -> int:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    linux(36, 1)  # PR_SET_CHILD_SUBREAPER: what tests leave running comes to us
    provide("chromium", "postgresql", "redis-server", "nginx")
    with tempfile.TemporaryDirectory(prefix="mekong-") as folder:
        os.environ["TMPDIR"] = folder  # what tests leave behind goes with it
        try:
            with ExitStack() as stack:
                others = {
                    "DATABASE_URL": stack.enter_context(database()),
                    "TEST_REDIS_URL": stack.enter_context(redis()),
                    "TEST_STORAGE_URL": stack.enter_context(storage()),
                }
                whole = pytest("PostgreSQL", others, arguments)
                on_sqlite = {**others, "DATABASE_URL": ""}
                some = pytest("SQLite", on_sqlite, [*arguments, "-m", "both_databases"])
        finally:
            end_strays()
    codes = {whole, some}
    print(f"\nPostgreSQL: {verdict(whole)}. SQLite: {verdict(some)}.", flush=True)
    # A narrowed run may leave one of the two without a test, but never both.
    return 0 if 0 in codes and codes <= {0, NOTHING_COLLECTED} else max(codes)


def verdict(code: int) -> str:
    return {0: "passed", NOTHING_COLLECTED: "no test chosen"}.get(code, f"failed ({code})")


def pytest(database: str, variables: dict[str, str], arguments: list[str]) -> int:
    workers = shlex.split(os.environ.get("WORKERS", "-n 2 --dist loadgroup"))
    command = [sys.executable, "-m", "pytest", *workers, *arguments]
    print(f"\n== On {database}: pytest {shlex.join(command[3:])}", flush=True)
    environment = os.environ | variables | {"CHROMIUM": str(find_chromium())}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, preexec_fn=die_with_parent)
    try:
        return process.wait()
    except SystemExit as interrupted:
        if interrupted.code == 128 + signal.SIGTERM:  # Ctrl-C reached pytest by itself
            process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)  # its fixtures stop what they started
        raise
    finally:
        process.kill()
        process.wait()


def interrupt(number: int, frame: FrameType | None) -> None:
    """The first signal ends the run in order; more of them must not end the tidying up."""
    for ignored in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    sys.exit(128 + number)


def end_strays() -> None:
    """Ends servers whose test was killed before it could stop them. Only Linux brings them here."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    while children.exists() and (strays := children.read_text().split()):
        for stray in map(int, strays):
            with suppress(ProcessLookupError):
                os.kill(stray, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(stray, 0)


@contextmanager
def database() -> Iterator[str]:
    """The address of the database server that the environment names, else of one of our own."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    with postgresql() as server:
        yield server.url


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
