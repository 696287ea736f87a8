"""`make demo`: sets up var/demo, serves the site with a worker, and stops both at Ctrl-C.

PORT chooses the port, RESET=1 starts over, DEMO_PASSWORD changes the password of the sign-ins.
Whatever ends this process, its children end as well: a watchdog waits for that.
"""

import fcntl
import http.client
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(1, str(ROOT))

from work.processes import (  # noqa: E402 - found in the folder above
    Family,
    Service,
    Watchdog,
    adopt_orphans,
    ignore_signals,
    stop_on_signals,
    stop_with_parent,
)

DEMO = ROOT / "var" / "demo"
KEYS = DEMO / "keys"
PUBLIC, PRIVATE = KEYS / "public.json", KEYS / "private.json"
LOADED = DEMO / "loaded"
HOST = "127.0.0.1"
ELSEWHERE = ["DATABASE_URL", "REDIS_URL", "STORAGE_URL", "SEARCH_URL", "ALLOWED_HOSTS"]
CENTRES = {
    "4301": "Mueang Nong Khai",
    "3801": "Mueang Bueng Kan",
    "5703": "Chiang Khong",
    "2706": "Aranyaprathet",
    "3206": "Kap Choeng",
}


class Failed(Exception):
    """Says to a person why the demo cannot go on."""


def main() -> int:
    port = chosen_port()
    os.umask(0o077)  # keys, database and uploads are nobody else's
    DEMO.parent.mkdir(mode=0o755, exist_ok=True)
    lock = only_one()
    stop_on_signals()
    adopt_orphans()
    if "MAKELEVEL" in os.environ:
        stop_with_parent()  # when make is killed, as after Ctrl-C
    watchdog = Watchdog()
    family = Family(watchdog, patience=15)  # the worker lets a running task end first
    try:
        started = time.monotonic()
        refuse_taken(port)
        environment = prepare(family, port)
        serve(family, environment, port, started)
    except Failed as failure:
        say(str(failure))
        return 1
    except KeyboardInterrupt:
        say("")
        return 0
    finally:
        ignore_signals()
        family.stop()
        watchdog.dismiss()
        lock.close()


def say(text: str, end: str = "\n") -> None:
    try:
        print(text, end=end, flush=True)
    except OSError:  # the reader of our output is gone; stopping matters more
        pass


# --- Before anything is started -------------------------------------------------------------------


def chosen_port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        sys.exit(f"PORT must be a number from 1 to 65535, and is {text!r}.")
    return int(text)


def only_one():
    """Two demos of one folder would share a database and keys; the second is refused."""
    file = (DEMO.parent / "demo.lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit("A demo of this folder is already running. Stop it first (Ctrl-C where it runs).")
    return file


def refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen()
        except OSError as error:
            raise Failed(
                f"Port {port} cannot be used ({error.strerror}). "
                f"Choose another one: make demo PORT={port + 1 if port < 65535 else 8000}"
            ) from error


# --- Setting up -----------------------------------------------------------------------------------


def prepare(family: Family, port: int) -> dict[str, str]:
    if os.environ.get("RESET", "0") not in ("", "0") and DEMO.exists():
        say("Removing the data of the last demo.")
        shutil.rmtree(DEMO)
    DEMO.mkdir(exist_ok=True)
    environment = demo_environment(port)

    def manage(title: str, *words: str) -> None:
        step(family, title, [sys.executable, "manage.py", *words], environment)

    manage("Making the database", "migrate", "--noinput", "--verbosity", "0")
    manage("Loading provinces, districts and categories", "load_reference_data")
    if not (PUBLIC.exists() and PRIVATE.exists()):  # one for each centre, so after those
        manage("Making the keys that seal reports", "keys", "create", "--out", str(KEYS))
    if not LOADED.exists():
        manage("Loading the demo: pages, people, reports", "load_demo")
        LOADED.touch()
    manage("Collecting static files", "collectstatic", "--noinput", "--verbosity", "0")
    return environment


def demo_environment(port: int) -> dict[str, str]:
    """The embedded default, whatever addresses the shell happens to hold."""
    for name in ELSEWHERE:
        os.environ.pop(name, None)
    secret = DEMO / "secret_key"
    if not secret.exists():
        secret.write_text(secrets.token_urlsafe(50))
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.demo",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'site'}",
        "PYTHONUNBUFFERED": "1",
        "DEMO_FOLDER": str(DEMO),
        "SECRET_KEY": secret.read_text(),
        "REPORT_PUBLIC_KEYS": str(PUBLIC),
        "REPORT_PRIVATE_KEYS": str(PRIVATE),
        "ROLE": "all",
        "BASE_URL": f"http://{HOST}:{port}",
        "BIND": f"{HOST}:{port}",
    }


def step(family: Family, title: str, command: list[str], environment: dict[str, str]) -> None:
    say(f"{title} ... ", end="")
    started = time.monotonic()
    with (DEMO / "step.log").open("w+b") as log:
        child = family.start(command, environment, stdout=log, stderr=subprocess.STDOUT)
        code = child.wait()
        family.end(child)
        if code != 0:
            log.seek(0)
            words = log.read().decode(errors="replace").rstrip()
            raise Failed(f"failed\n{words}\n\n{title} failed, and the demo cannot go on.")
    say(f"{time.monotonic() - started:.1f} s")


# --- Serving --------------------------------------------------------------------------------------


def serve(family: Family, environment: dict[str, str], port: int, started: float) -> None:
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn"]
    worker = [sys.executable, "manage.py", "work"]
    say("Starting the site and its worker ... ", end="")
    web = Service(family, "web server", gunicorn, environment, say)
    services = [web, Service(family, "worker", worker, environment, say)]
    wait_until_up(web, port)
    say("up")
    for path in ("/th/", "/en/"):  # the first visitor need not wait for templates to load
        status = get(port, path)
        if status != 200:
            say(f"Note: {path} answers {status}.")
    announce(environment, port, time.monotonic() - started)
    while True:
        for service in services:
            service.look_after()
        time.sleep(0.5)


def wait_until_up(web: Service, port: int) -> None:
    deadline = time.monotonic() + 60
    while get(port, "/healthz") != 200:
        if web.child and web.child.poll() is not None:
            refuse_taken(port)
            raise Failed("failed\nThe web server did not start; its words are above.")
        if time.monotonic() > deadline:
            raise Failed("failed\nThe site gave no answer at /healthz within a minute.")
        time.sleep(0.2)


def get(port: int, path: str) -> int | None:
    """The status of an answer; no proxy is asked, whatever the environment says."""
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        return response.status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def announce(environment: dict[str, str], port: int, seconds: float) -> None:
    site = f"http://{HOST}:{port}"
    password = environment.get("DEMO_PASSWORD") or "mekong-demo"
    lines = [
        "",
        f"NTS-Mekong Watch is ready after {seconds:.0f} s.",
        "",
        f"  Site, Thai and English   {site}/th/   {site}/en/",
        f"  Report something         {site}/th/report/   {site}/en/report/",
        f"  Editing and reports      {site}/admin/",
        "",
        f"  Sign in at /admin/ with the password {password} as",
        "    admin, editor, translator, hq, analyst, auditor, or with a district's code:",
    ]
    for code, name in CENTRES.items():
        lines.append(f"    chief-{code}  officer-{code}  coordinator-{code}   {name}")
    lines += ["", "Ctrl-C stops everything. The data stays in var/demo; RESET=1 starts over.", ""]
    say("\n".join(lines))


if __name__ == "__main__":
    sys.exit(main())
