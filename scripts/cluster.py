"""`make cluster`: production's processes on one machine, without containers.

PostgreSQL, Redis, S3-compatible storage, two public processes, one of staff, two workers, and the
shipped proxy before them. What ends by itself is started again; Ctrl-C ends all of it and its data.
PORT chooses the proxy's port. Sign-in is the demo's, by password.
"""

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(1, str(ROOT))

from provide import provide  # noqa: E402
from proxy import nginx  # noqa: E402
from services import free_port, postgresql, redis, storage  # noqa: E402
from work.processes import (  # noqa: E402 - found in the folder above
    Family,
    Service,
    Watchdog,
    adopt_orphans,
    ignore_signals,
    stop_on_signals,
    stop_with_parent,
)

HOST = "127.0.0.1"
WEB = [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn"]
WORKER = [sys.executable, "manage.py", "work"]
# The same processes as compose.yaml has (tests/deploy/test_compose.py compares them).
PUBLIC, STAFF, WORKERS = 2, 1, 2
OPENS_TEXTS = {"staff", "worker"}  # roles that are given the private keys
# Else as PostgreSQL is shipped; no value of a statement in its log.
DURABLE = ["jit=off", "log_parameter_max_length=0"]
PATIENCE = 180  # seconds until every process answers; each loads the whole site


def main() -> int:
    port = int(os.environ.get("PORT") or free_port())
    os.umask(0o077)
    stop_on_signals()
    adopt_orphans()
    if "MAKELEVEL" in os.environ:
        stop_with_parent()
    provide("postgresql", "redis-server", "nginx")
    watchdog = Watchdog()
    family = Family(watchdog, patience=15)
    try:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mekong-")))
            environment = shared_environment(folder, port) | {
                "DATABASE_URL": stack.enter_context(postgresql(DURABLE)).url,
                "REDIS_URL": stack.enter_context(redis()),
                "STORAGE_URL": stack.enter_context(storage()),
            }
            prepare(environment, folder)
            try:
                processes = Processes(family, environment, folder / "processes.json")
                address = stack.enter_context(
                    nginx(
                        public=processes.public,
                        staff=processes.staff,
                        static=folder / "static",
                        port=port,
                    )
                )
                processes.wait_until_up()
                announce(address, folder)
                while True:
                    processes.look_after()
                    time.sleep(0.2)
            finally:
                family.stop()  # before the servers that they use
    except KeyboardInterrupt:
        return 0
    finally:
        ignore_signals()
        family.stop()
        watchdog.dismiss()


def say(text: str) -> None:
    print(text, flush=True)


def shared_environment(folder: Path, port: int) -> dict[str, str]:
    """What all processes are told; the private keys only those that open texts."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.demo",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'site'}",
        "PYTHONUNBUFFERED": "1",
        "DEMO_FOLDER": str(folder),
        "SECRET_KEY": secrets.token_urlsafe(50),
        "REPORT_PUBLIC_KEYS": str(folder / "keys" / "public.json"),
        "REPORT_PRIVATE_KEYS": "",
        "BASE_URL": f"http://{HOST}:{port}",
        "TRUSTED_PROXIES": "1",
    }


def prepare(environment: dict[str, str], folder: Path) -> None:
    # Loading the demo walks reports through their steps, some of which open texts.
    private = str(folder / "keys" / "private.json")
    for words in (
        ["migrate", "--noinput", "--verbosity", "0"],
        ["load_reference_data"],
        ["keys", "create", "--out", str(folder / "keys")],
        ["load_demo"],
        ["collectstatic", "--noinput", "--verbosity", "0"],
    ):
        say(f"manage.py {words[0]} ...")
        command = [sys.executable, "manage.py", *words]
        subprocess.run(
            command,
            cwd=ROOT,
            env=environment | {"ROLE": "worker", "REPORT_PRIVATE_KEYS": private},
            check=True,
            stdout=subprocess.DEVNULL,
        )


class Processes:
    """Two public, one staff, two workers; a file tells which process is which, for tests."""

    def __init__(self, family: Family, environment: dict[str, str], told: Path) -> None:
        self._told, self._last = told, ""
        self._services: dict[str, Service] = {}
        private = {"REPORT_PRIVATE_KEYS": str(told.parent / "keys" / "private.json")}
        self.public = [f"{HOST}:{free_port()}" for _ in range(PUBLIC)]
        self.staff = [f"{HOST}:{free_port()}" for _ in range(STAFF)]
        wanted = [
            *((f"public-{n}", WEB, "public", {"BIND": b}) for n, b in enumerate(self.public)),
            *((f"staff-{n}", WEB, "staff", {"BIND": b}) for n, b in enumerate(self.staff)),
            *((f"worker-{n}", WORKER, "worker", {}) for n in range(WORKERS)),
        ]
        for name, command, role, own in wanted:
            own = {"ROLE": role, "WEB_WORKERS": "1"} | own
            own |= private if role in OPENS_TEXTS else {}
            self._services[name] = Service(family, name, command, environment | own, say)
        self._tell()

    def look_after(self) -> None:
        for service in self._services.values():
            service.look_after()
        self._tell()

    def wait_until_up(self) -> None:
        """Returns when each web process has answered, so that none is still loading."""
        deadline = time.monotonic() + PATIENCE
        for address in [*self.public, *self.staff]:
            while not answers(f"http://{address}/healthz"):
                if time.monotonic() > deadline:
                    sys.exit("A web process gave no answer; its words are above.")
                self.look_after()
                time.sleep(0.3)

    def _tell(self) -> None:
        found = {
            name: service.child.pid for name, service in self._services.items() if service.child
        }
        words = json.dumps(found)
        if words != self._last:
            # Whole or not at all: somebody may read it at this moment.
            begun = self._told.with_suffix(".begun")
            begun.write_text(words)
            begun.replace(self._told)
            self._last = words


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - ours
            return answer.status == 200
    except OSError:
        return False


def announce(address: str, folder: Path) -> None:
    say(f"The cluster is up: {address}/th/ and {address}/admin/ (data in {folder})")
    say("Sign in as in the demo: officer-4301, chief-4301, hq, admin ... Ctrl-C stops everything.")


if __name__ == "__main__":
    sys.exit(main())
