"""A reporter adds files on a phone, with scripts and without, and an officer opens them."""

import os
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_reporter import LANGUAGES, fill, phone, press, problems, receipt, send
from tests.reporting.made_files import SPELLINGS, photo, sound

__all__ = ["phone"]


def chosen(page: Page, *contents: tuple[str, bytes]) -> None:
    page.locator("#id_files").set_input_files(
        [{"name": name, "mimeType": "x/y", "buffer": content} for name, content in contents]
    )


@LANGUAGES
def test_a_reporter_adds_files_after_the_report_has_arrived(live, phone, language):
    fill(phone, live, language)
    send(phone)
    number = receipt(phone)
    chosen(phone, ("planted.jpg", photo(size=(2000, 1500))), ("planted.ogg", sound("ogg")))
    press(phone, "#files button[type=submit]")
    expect(phone.locator(".file-list li")).to_have_count(2)
    assert phone.context.cookies() == []
    assert "planted" not in phone.content()
    assert number.replace(" ", "") not in phone.url
    until = time.monotonic() + 90
    while time.monotonic() < until:
        phone.goto(f"{live}/{language}/report/status/")
        phone.locator("#id_receipt").fill(number)
        press(phone, "main button[type=submit]")
        if phone.locator(".file-clean").count() == 2:
            break
        time.sleep(1)
    expect(phone.locator(".file-clean")).to_have_count(2)


def test_a_line_that_breaks_off_costs_a_piece_and_not_the_file(live, browser):
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    fill(page, live, "en")
    send(page)
    asked: list[str] = []

    def breaks_off(route):
        asked.append(route.request.url)
        if len(asked) in {3, 4}:
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/report/files/piece/", breaks_off)
    chosen(page, ("long.bin", os.urandom(1_000_000)))  # four pieces
    press(page, "#files button[type=submit]")
    expect(page.locator(".file-list li")).to_have_count(1)
    assert problems(page) == []
    assert len(asked) == 1 + 4 + 2  # one to ask, four pieces, and two that were lost
    context.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_an_officer_sees_a_photograph_and_nothing_that_was_hidden_in_it(
    live, browser, sign_in, width
):
    reporter = browser.new_context(viewport={"width": 360, "height": 740}).new_page()
    fill(reporter, live, "th")
    send(reporter)
    chosen(reporter, ("planted.jpg", photo()))
    press(reporter, "#files button[type=submit]")
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    sign_in(page, "officer-4301")
    page.goto(f"{live}/admin/reports/?sort=newest")
    page.locator(".report-reference").first.click()
    until = time.monotonic() + 60
    while page.locator("form[action$='/file/1/']").count() == 0 and time.monotonic() < until:
        time.sleep(1)
        page.reload()
    with page.expect_popup() as opened:
        page.locator("form[action$='/file/1/'] button").click()
    answer = opened.value
    answer.wait_for_load_state()
    assert answer.evaluate("document.contentType") == "image/jpeg"
    assert not any(spelling.decode("latin-1") in answer.content() for spelling in SPELLINGS)
    page.reload()
    expect(page.locator(".report-timeline .is-reading")).to_have_count(1)
    context.close()
    reporter.context.close()
