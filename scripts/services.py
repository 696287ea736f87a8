"""Throw-away servers for tests, benchmarks and the cluster: each lives as long as its block.

    with postgresql() as server, redis() as redis_url, storage() as storage_url: ...

Every server listens on 127.0.0.1 on a free port, keeps its data in a folder of its own in /tmp,
and ends with the process that started it, even when that is killed. provide.py installs them.
"""

import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from provide import find_postgresql

# A test database may forget everything in a power cut, and is quicker for it.
CARELESS = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "jit=off"]
PATIENCE = 60  # seconds for a server to start


# --- PostgreSQL -----------------------------------------------------------------------------------


class PostgreSQL:
    """A database server that can be stopped, killed and started again on the same data."""

    def __init__(self, folder: Path, settings: list[str]) -> None:
        self._folder, self._settings = folder, settings
        self._owner = unprivileged()
        self._binaries = find_postgresql()
        self._password = secrets.token_hex(16)
        self._server: subprocess.Popen | None = None
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"postgres://postgres:{self._password}@127.0.0.1:{self.port}/postgres"

    def create(self) -> None:
        (self._folder / "password").write_text(self._password)
        if self._owner:
            os.chown(self._folder, self._owner.pw_uid, self._owner.pw_gid)
            os.chown(self._folder / "password", self._owner.pw_uid, self._owner.pw_gid)
        initdb = [self._binaries / "initdb", "--pgdata", self._folder / "data"]
        initdb += ["--username", "postgres", "--pwfile", self._folder / "password"]
        initdb += ["--auth", "scram-sha-256", "--no-sync", "--encoding", "UTF8"]
        initdb += ["--locale", "C.UTF-8"]
        said = subprocess.run(
            initdb,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **as_user(self._owner),
        )
        if said.returncode != 0:
            sys.exit(f"{said.stdout}\nPostgreSQL's initdb failed; its words are above.")

    def start(self) -> None:
        """Returns when connections are welcome."""
        command = [self._binaries / "postgres", "-D", self._folder / "data", "-p", str(self.port)]
        command += ["-h", "127.0.0.1", "-k", self._folder]
        for setting in self._settings:
            command += ["-c", setting]
        with (self._folder / "log").open("a") as log:
            self._server = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,
                **as_user(self._owner),
            )
        if not wait_until(self._is_ready, self._server):
            words = (self._folder / "log").read_text()
            sys.exit(f"{words}\nPostgreSQL did not start on port {self.port}.")

    def stop(self, how: int = signal.SIGINT) -> None:
        """Ends the server: SIGINT in order, SIGQUIT at once as in a power cut."""
        if self._server is None:
            return
        self._server.send_signal(how)
        try:
            self._server.wait(10)
        except subprocess.TimeoutExpired:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait(10)
        self._server = None

    def _is_ready(self) -> bool:
        # The last line of its lock file says "ready" once connections are welcome.
        state = self._folder / "data" / "postmaster.pid"
        try:
            return state.read_text().rstrip().endswith("ready")
        except OSError:
            return False


@contextmanager
def postgresql(settings: list[str] = CARELESS) -> Iterator[PostgreSQL]:
    """A database server with the settings given (`name=value`); careless when unset."""
    # Not under the project: its user may not be allowed in there, and a socket's path is short.
    folder = Path(tempfile.mkdtemp(prefix="mekong-pg-", dir="/tmp"))
    server = PostgreSQL(folder, settings)
    try:
        server.create()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


# --- Redis and files ------------------------------------------------------------------------------


@contextmanager
def redis(port: int = 0) -> Iterator[str]:
    """The address of a Redis that keeps nothing on disk; on the port given, if one is."""
    port = port or free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1"]
    command += ["--save", "", "--appendonly", "no", "--loglevel", "warning"]
    with _server("redis", command, port):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def storage(bucket: str = "mekong") -> Iterator[str]:
    """The address of S3-compatible storage with an empty bucket: moto's server, in memory."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with _server("moto", command, port):
        import boto3  # half a second that a run without storage need not wait

        client = boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{port}",
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - moto asks for no particular one
            region_name="us-east-1",
        )
        client.create_bucket(Bucket=bucket)
        yield f"s3://test:test@127.0.0.1:{port}/{bucket}?insecure=1"


@contextmanager
def _server(name: str, command: list[str], port: int) -> Iterator[subprocess.Popen]:
    folder = Path(tempfile.mkdtemp(prefix=f"mekong-{name}-", dir="/tmp"))
    try:
        with (folder / "log").open("w") as log:
            server = subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        try:
            if not wait_until(lambda: answers(port), server):
                sys.exit(f"{(folder / 'log').read_text()}\n{name} did not start on port {port}.")
            yield server
        finally:
            server.terminate()
            try:
                server.wait(5)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# --- Processes and ports --------------------------------------------------------------------------


def wait_until(is_ready: Callable[[], bool], server: subprocess.Popen) -> bool:
    """Whether the server became ready before it ended or patience did."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if is_ready():
            return True
        if server.poll() is not None:
            return False
        time.sleep(0.1)
    return False


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


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
