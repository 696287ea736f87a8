"""How a report ends and begins anew: taken back, sent back, reopened, merged, sent on."""

import time

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import test_journey as reporter
from tests.browser.test_dialogue import CATEGORY
from tests.browser.test_files import chosen
from tests.browser.test_officer import file_report, look_at, newest_report, step_link
from tests.browser.test_reporter import PHONE, press
from tests.reporting.made_files import photo


@pytest.fixture
def phone(browser: Browser) -> Page:
    context = browser.new_context(viewport=PHONE)
    yield context.new_page()
    context.close()


DIRECT = {"accept", "verify"}  # taken by the button itself


def take(page: Page, address: str, step: str, **choices: str) -> None:
    """Takes a step by its button or link, filling in what its form asks."""
    page.goto(address)
    step_link(page, step).first.click()
    for name, value in choices.items():
        field = page.locator(f".report-form [name={name}]")
        if field.first.evaluate("element => element.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    if step not in DIRECT:
        page.locator(".report-form button[type=submit]").click()
    expect(page).to_have_url(address)


def test_a_finding_is_taken_back_and_a_closing_sent_back_on_the_phone(live, page, phone, sign_in):
    reporter.file_report(phone, live, "th", "เห็นเรือแปลกอีกแล้ว", CATEGORY["th"])
    sign_in(page, "officer-4301")
    page.set_viewport_size(PHONE)
    address = newest_report(page, live)
    found = {"reliability": "B", "credibility": "2", "reason": "The headman says the same."}
    closing = {"outcome": "acted", "evidence_type": "visit"}
    take(page, address, "accept")
    take(page, address, "verify")
    take(page, address, "record_finding", **found)
    step_link(page, "reverse_finding").first.click()
    page.locator("[name=reason]").fill("It was another boat.")
    look_at(page)
    page.set_viewport_size(PHONE)
    page.locator(".report-form button[type=submit]").click()
    expect(page).to_have_url(address)
    take(page, address, "record_finding", **found)
    take(page, address, "propose_closing", **closing)
    take(page, address, "send_back", reason="Nobody was at the place yet.")
    take(page, address, "propose_closing", **closing)


def test_what_was_rejected_is_reopened_by_a_chief_merged_and_another_sent_on(live, page, sign_in):
    for _ in range(3):
        file_report(page, live)
    sign_in(page, "officer-4301")
    page.goto(f"{live}/admin/reports/?status=received&sort=newest")
    links = page.locator("a.report-reference")
    first, second, third = (live + links.nth(at).get_attribute("href") for at in range(3))
    take(page, first, "reject", reason="test", words="An exercise.")
    expect(step_link(page, "reopen")).to_have_count(0)
    reference = third.rstrip("/").rpartition("/")[2]
    take(page, third, "accept")  # a serious report repeats only what was accepted
    take(page, second, "merge", into=reference)
    sign_in(page, "chief-4301")
    take(page, first, "reopen", reason="It was no exercise.")
    expect(step_link(page, "verify")).to_have_count(1)
    page.goto(third)
    step_link(page, "reroute").click()
    look_at(page)
    page.locator("[name=to]").select_option("hq")
    page.locator("[name=reason]").fill("It is about another province.")
    page.locator(".report-form button[type=submit]").click()
    assert page.request.get(third, max_redirects=0).status == 404


def test_a_file_as_it_was_sent_is_opened_by_two(live, page, phone, sign_in):
    reporter.file_report(phone, live, "th", "มีรูปด้วย", CATEGORY["th"])
    content = photo()
    chosen(phone, ("boat.jpg", content))
    press(phone, "#files button[type=submit]")
    expect(phone.locator(".file-list li")).to_have_count(1)
    sign_in(page, "officer-4301")
    address = newest_report(page, live)
    ask = page.locator("form[action$='/file/1/ask/'] button")
    until = time.monotonic() + 60
    while not ask.count() and time.monotonic() < until:
        page.goto(address)
        time.sleep(1)
    page.locator(".report-file-original summary").click()
    ask.click()
    expect(page.locator("form[action$='/file/1/open/']")).to_have_count(0)
    sign_in(page, "chief-4301")
    page.goto(address)
    look_at(page)
    page.locator("form[action$='/file/1/allow/'] button").click()
    sign_in(page, "officer-4301")
    page.goto(address)
    with page.expect_download() as saved:
        page.locator("form[action$='/file/1/open/'] button").click()
    assert saved.value.path().read_bytes() == content
    expect(page.locator("form[action$='/file/1/open/']")).to_have_count(1)
