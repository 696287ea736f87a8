"""A security key as second factor, from the first sign-in to the day it is lost.

Chromium brings a key that exists in its memory alone (the WebAuthn domain of its protocol).
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from provide import find_nginx
from tests.browser.office import LOG, Certificate, office
from tests.processes import PASSWORD

KEY = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": False,
    "hasUserVerification": False,
    "automaticPresenceSimulation": True,
}


class Key:
    """A key in the USB port of the PC at which a page is open."""

    def __init__(self, page: Page) -> None:
        self._port = page.context.new_cdp_session(page)
        self._port.send("WebAuthn.enable")
        self.plug_in()

    def plug_in(self) -> None:
        self._id = self._port.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})[
            "authenticatorId"
        ]

    def lose(self) -> None:
        """Takes it away for good; another, which nobody has set up, lies in its place."""
        self._port.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self._id})
        self.plug_in()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Certificate:
    return Certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("office")


@pytest.fixture(scope="module")
def site(folder, certificate) -> Iterator[str]:
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        pytest.skip("The browser tests run on PostgreSQL: set DATABASE_URL, or use make test.")
    if not find_nginx():
        pytest.skip("nginx is not installed; make test installs it.")
    with office(folder, server, certificate) as address:
        yield address


@pytest.fixture(scope="module")
def desktop(browser_type, browser_type_launch_args, certificate) -> Iterator[Browser]:
    arguments = [*browser_type_launch_args["args"], *certificate.browser_options]
    browser = browser_type.launch(**{**browser_type_launch_args, "args": arguments})
    yield browser
    browser.close()


@pytest.fixture
def at_the_desk(desktop, site):
    """at_the_desk() is a page in a browser of its own, with a key in its port."""

    def sit_down() -> tuple[Page, Key]:
        page = desktop.new_context(base_url=site).new_page()
        return page, Key(page)

    return sit_down


def type_password(page: Page, username: str) -> None:
    page.goto("/admin/login/")
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("button[type=submit]").first.click()
    page.wait_for_url(re.compile(r"/admin/(?!login)"))


def set_up_key(page: Page) -> list[str]:
    """Follows where the site leads somebody without a factor; returns the recovery codes."""
    expect(page).to_have_url(re.compile("/admin/account/factor/$"))
    page.locator("a[href$='/webauthn/add/']").click()
    page.locator("input[name=name]").press("Enter")
    expect(page).to_have_url(re.compile("/recovery-codes/$"))
    codes = page.locator(".entrance-codes code").all_inner_texts()
    page.locator("main a.button").last.click()
    expect_inside(page)
    return codes


def sign_out(page: Page) -> None:
    page.locator(".sidebar-footer__account").click()
    page.locator("form[action$='/logout/'] button").click()
    expect(page).to_have_url(re.compile("/admin/login/"))


def expect_inside(page: Page) -> None:
    expect(page).to_have_url(re.compile("/admin/$"))


def test_a_key_opens_until_it_is_lost_and_the_project_office_takes_it_off(at_the_desk, folder):
    page, key = at_the_desk()
    type_password(page, "officer")
    codes = set_up_key(page)
    assert len(codes) == 10
    sign_out(page)

    type_password(page, "officer")
    page.goto("/admin/reports/")  # the password alone opens nothing
    expect(page).to_have_url(re.compile("/admin/account/factor/authenticate/"))
    page.locator("#use-key").click()
    expect_inside(page)
    sign_out(page)

    key.lose()
    type_password(page, "officer")
    expect(page.locator("#key-refused")).to_be_hidden()
    page.locator("#use-key").click()
    expect(page.locator("#key-refused")).to_be_visible()
    page.locator("input[name=code]").fill(codes[0])
    page.locator("form:has(input[name=code]) button").click()
    expect_inside(page)

    office, _ = at_the_desk()
    type_password(office, "hq")
    set_up_key(office)
    office.goto("/admin/accounts/?q=officer")
    office.locator("main a[href^='/admin/accounts/'] >> text=officer").click()
    office.locator("a[href$='/reset_factor/']").click()
    office.locator("[name=reason]").fill("กุญแจหาย โทรยืนยันตัวแล้ว")
    office.locator("main form.report-form button").click()
    expect(office.locator(".messages .success")).to_be_visible()
    expect(office.locator("a[href$='/reset_factor/']")).to_have_count(0)

    page.reload()
    expect(page).to_have_url(re.compile("/admin/login/"))
    type_password(page, "officer")
    set_up_key(page)
    assert "redential" not in (folder / LOG).read_text()


def test_a_browser_that_knows_no_keys_says_so(at_the_desk):
    page, _ = at_the_desk()
    page.add_init_script("delete window.PublicKeyCredential")
    type_password(page, "newcomer")
    page.locator("a[href$='/webauthn/add/']").click()
    expect(page.locator("#key-unsupported")).to_be_visible()
    expect(page.locator("#use-key")).to_be_disabled()
