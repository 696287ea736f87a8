"""The site as it is shipped, for a real browser: gunicorn, the real worker, PostgreSQL, demo data.

`live` is the address of a server that the whole session shares: a test makes its own reports and
leaves everybody else's alone. pytest-playwright brings `page`; CHROMIUM names the browser.
"""

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "mekong-demo"


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in Path(item.fspath).parts:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))  # one live site for all of them


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {
        **browser_type_launch_args,
        "executable_path": os.environ.get("CHROMIUM", "/usr/bin/chromium"),
        "args": ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    }


@pytest.fixture(scope="session")
def live(tmp_path_factory) -> Iterator[str]:
    """The address of a demo on PostgreSQL, with its worker, that ends with the session."""
    if running := os.environ.get("LIVE"):  # a demo that you started with CAPTCHA_TEST_MODE=1
        yield running
        return
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        pytest.skip("The browser tests run on PostgreSQL: set DATABASE_URL, or use make test.")
    folder = tmp_path_factory.mktemp("live")
    name = f"live_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
    port = _free_port()
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.demo",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'site'}",
        "DATABASE_URL": re.sub(r"/[^/?]*(\?|$)", rf"/{name}\1", server),
        "SECRET_KEY": secrets.token_urlsafe(50),
        "REPORT_PUBLIC_KEYS": str(folder / "keys" / "public.json"),
        "REPORT_PRIVATE_KEYS": str(folder / "keys" / "private.json"),
        "DEMO_PASSWORD": PASSWORD,
        "DEMO_FOLDER": str(folder),
        "CAPTCHA_TEST_MODE": "1",
        "BIND": f"127.0.0.1:{port}",
        "ROLE": "all",
    }

    def manage(*words: str) -> None:
        subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=environment, check=True)

    for words in (
        ("migrate", "--noinput", "--verbosity", "0"),
        ("load_reference_data",),
        ("keys", "create", "--out", str(folder / "keys")),
        ("load_demo",),
        ("collectstatic", "--noinput", "--verbosity", "0"),
    ):
        manage(*words)
    children = [
        subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
        for command in (
            [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn"],
            [sys.executable, "manage.py", "work"],
        )
    ]
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}"
    finally:
        _end(children)
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def sign_in(live):
    """sign_in(page, "officer-4301") signs the page's visitor in, and anybody else out."""

    def as_person(page, username: str) -> None:
        page.context.clear_cookies()
        page.goto(f"{live}/admin/login/")
        page.locator("input[name=username]").fill(username)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("button[type=submit]").first.click()
        page.wait_for_url(re.compile(r"/admin/(?!login)"))

    return as_person


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _end(children: list[subprocess.Popen]) -> None:
    for child in children:
        child.send_signal(signal.SIGTERM)
    for child in children:
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
