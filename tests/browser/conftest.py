"""The site as it is shipped, for a real browser: gunicorn, the real worker, PostgreSQL, demo data.

`live` is the address of a server that the whole session shares: a test makes its own reports and
leaves everybody else's alone. pytest-playwright brings `page`; CHROMIUM names the browser.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.processes import GUNICORN, PASSWORD, WORKER, Installation, fresh_database


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
    with fresh_database(server) as database_url:
        site = Installation(tmp_path_factory.mktemp("live"), database_url)
        site.prepare(with_demo=True)
        groups = [site.run(GUNICORN), site.run(WORKER)]
        try:
            site.wait_until_up()
            yield site.address
        finally:
            for group in groups:
                group.stop()


LISTEN = """document.addEventListener("securitypolicyviolation", (event) => window.violated(
    `${event.violatedDirective} ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`))"""


@pytest.fixture(autouse=True)
def violations(monkeypatch) -> Iterator[list[str]]:
    """What the Content-Security-Policy refused in this test: nothing, or the test fails."""
    found: list[str] = []
    new_context = Browser.new_context

    def watched(browser: Browser, **options) -> BrowserContext:
        context = new_context(browser, **options)
        context.expose_binding(
            "violated", lambda source, words: found.append(f"{source['page'].url}: {words}")
        )
        context.add_init_script(LISTEN)
        return context

    monkeypatch.setattr(Browser, "new_context", watched)
    yield found
    assert found == []


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
