"""`make test`: the whole suite on PostgreSQL, then the tests marked both_databases on SQLite.

PostgreSQL is a throw-away cluster in /tmp, gone at the end whatever happens. With DATABASE_URL
set, that database is used and none is started. Arguments are handed to pytest.
"""

import ctypes
import os
import pwd
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from provide import find_chromium, find_postgresql, provide

ROOT = Path(__file__).resolve().parent.parent
NOTHING_COLLECTED = 5
# A test database may forget everything in a power cut, and is quicker for it.
CARELESS = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "jit=off"]


def main(arguments: list[str]) -> int:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    linux(36, 1)  # PR_SET_CHILD_SUBREAPER: what tests leave running comes to us
    provide("chromium", *([] if os.environ.get("DATABASE_URL") else ["postgresql"]))
    with tempfile.TemporaryDirectory(prefix="mekong-") as folder:
        os.environ["TMPDIR"] = folder  # what tests leave behind goes with it
        try:
            with postgresql() as url:
                whole = pytest("PostgreSQL", {"DATABASE_URL": url}, arguments)
            some = pytest("SQLite", {"DATABASE_URL": ""}, [*arguments, "-m", "both_databases"])
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
def postgresql() -> Iterator[str]:
    """The address of a database server that lives as long as the block."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    binaries = find_postgresql()
    owner = unprivileged()
    # Not under the project: its user may not be allowed in there, and a socket's path is short.
    folder = Path(tempfile.mkdtemp(prefix="mekong-pg-", dir="/tmp"))
    password = secrets.token_hex(16)
    try:
        (folder / "password").write_text(password)
        if owner:
            os.chown(folder, owner.pw_uid, owner.pw_gid)
            os.chown(folder / "password", owner.pw_uid, owner.pw_gid)
        port = free_port()
        initdb = [binaries / "initdb", "--pgdata", folder / "data", "--username", "postgres"]
        initdb += ["--pwfile", folder / "password", "--auth", "scram-sha-256", "--no-sync"]
        initdb += ["--encoding", "UTF8", "--locale", "C.UTF-8"]
        said = subprocess.run(
            initdb, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **as_user(owner)
        )
        if said.returncode != 0:
            sys.exit(f"{said.stdout}\nPostgreSQL's initdb failed; its words are above.")
        command = [binaries / "postgres", "-D", folder / "data", "-p", str(port)]
        command += ["-h", "127.0.0.1", "-k", folder]
        for setting in CARELESS:
            command += ["-c", setting]
        with (folder / "log").open("w") as log:
            server = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,
                **as_user(owner),
            )
        try:
            wait_for(server, folder, port)
            yield f"postgres://postgres:{password}@127.0.0.1:{port}/postgres"
        finally:
            stop(server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def unprivileged() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root; its package brings a user for it."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    sys.exit("PostgreSQL does not run as root, and there is no user postgres or nobody.")


def as_user(owner: pwd.struct_passwd | None) -> dict:
    if not owner:
        return {}
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": [], "cwd": "/"}


def die_with_parent() -> None:
    """On Linux a child is told to stop (SIGINT) even when this process is killed."""
    linux(1, signal.SIGINT)  # PR_SET_PDEATHSIG


def linux(number: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(number, value)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(server: subprocess.Popen, folder: Path, port: int) -> None:
    for _ in range(600):
        # The last line of its lock file says "ready" once connections are welcome.
        state = folder / "data" / "postmaster.pid"
        if state.exists() and state.read_text().rstrip().endswith("ready"):
            return
        if server.poll() is not None:
            break
        time.sleep(0.1)
    sys.exit(f"{(folder / 'log').read_text()}\nPostgreSQL did not start on port {port}.")


def stop(server: subprocess.Popen) -> None:
    server.send_signal(signal.SIGINT)
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)
        server.wait(10)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
