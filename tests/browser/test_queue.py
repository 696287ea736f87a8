"""The queue by keyboard on a PC and by thumb on a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_officer import file_report, look_at, newest_report

PHONE, PC = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
LIST = "/admin/reports/?status=received&sort=newest"


def reference_of(address: str) -> str:
    return address.rstrip("/").rsplit("/", 1)[1]


def row_of(page: Page, reference: str):
    return page.locator(".report-row").filter(has_text=reference)


@pytest.fixture
def filed(page, live, sign_in):
    """filed(2) files so many reports of one matter and signs the officer of Nong Khai in."""

    def file(number: int) -> list[str]:
        page.set_viewport_size(PC)
        page.context.clear_cookies()
        for _ in range(number):
            file_report(page, live)
        sign_in(page, "officer-4301")
        newest_report(page, live)
        links = page.locator("a.report-reference").all()[:number]
        return [link.inner_text() for link in links]

    return file


def test_unread_goes_away_when_what_was_written_is_opened(page, live, filed):
    [reference] = filed(1)
    mark = row_of(page, reference).locator(".report-mark--unread")
    expect(mark).to_be_visible()
    row_of(page, reference).locator("a.report-reference").click()
    expect(page.locator(".report-head .report-mark--unread")).to_be_visible()
    page.locator("form[action$='/read/'] button").click()
    expect(page.locator(".report-head .report-mark--unread")).to_have_count(0)
    page.goto(live + LIST)
    expect(row_of(page, reference)).to_be_visible()
    expect(mark).to_have_count(0)


def test_an_officer_goes_through_the_list_by_keys(page, live, filed):
    first, second = filed(2)
    focused = page.locator("a.report-reference:focus")
    page.keyboard.press("j")
    expect(focused).to_have_text(first)
    page.keyboard.press("j")
    expect(focused).to_have_text(second)
    page.keyboard.press("ArrowUp")
    expect(focused).to_have_text(first)
    page.keyboard.press("x")
    expect(row_of(page, first).get_by_role("checkbox")).to_be_checked()
    page.keyboard.press("x")
    expect(row_of(page, first).get_by_role("checkbox")).not_to_be_checked()
    page.keyboard.press("?")
    expect(page.locator("#report-keys")).to_be_visible()
    page.keyboard.press("a")  # a step of the list, were the keys not being read
    page.keyboard.press("Escape")
    expect(page.locator("#report-keys")).not_to_be_visible()
    page.locator("#reference-search").focus()
    page.keyboard.type("axj")
    expect(page.locator("#reference-search")).to_have_value("axj")
    row_of(page, first).locator("a.report-reference").focus()
    page.keyboard.press("a")
    expect(page.locator(".messages .success")).to_be_visible()
    expect(row_of(page, first)).to_have_count(0)  # no longer merely received
    expect(row_of(page, second)).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator(".report-head-title")).to_be_visible()
    page.keyboard.press("l")
    expect(page).to_have_url(f"{live}/admin/reports/")


def test_a_thai_layout_has_the_same_keys(page, filed):
    [first] = filed(1)
    page.evaluate(
        """document.dispatchEvent(new KeyboardEvent("keydown",
            {key: "่", code: "KeyJ", bubbles: true, cancelable: true}))"""
    )
    expect(page.locator("a.report-reference:focus")).to_have_text(first)


def test_keys_turned_off_in_the_account_are_off_in_the_list(page, live, filed):
    filed(1)
    for wanted in (False, True):
        page.goto(f"{live}/admin/account/")
        page.locator("input[name$=keyboard_shortcuts]").set_checked(wanted, force=True)
        page.locator("#main button[type=submit]").click()
        expect(page.locator(".messages .success")).to_be_visible()
        page.goto(live + LIST)
        page.keyboard.press("j")
        expect(page.locator("a.report-reference:focus")).to_have_count(int(wanted))


@pytest.mark.parametrize("screen", [PHONE, PC], ids=["phone", "pc"])
def test_a_chief_accepts_several_reports_and_assigns_them(page, live, filed, sign_in, screen):
    references = filed(2)
    page.set_viewport_size(screen)
    sign_in(page, "chief-4301")
    page.goto(live + LIST)
    if screen is PHONE:  # at both widths
        look_at(page)
        page.set_viewport_size(screen)
    for reference in references:
        tick = row_of(page, reference).locator(".report-tick")
        if screen is PHONE:
            assert min(tick.bounding_box()[side] for side in ("width", "height")) >= 44
        tick.click()
    page.locator(".report-bulk button[value=accept]").click()
    expect(page.locator(".messages .success")).to_contain_text("2")

    page.goto(f"{live}/admin/reports/?status=queued&sort=newest")
    for reference in references:
        row_of(page, reference).locator(".report-tick").click()
    page.locator(".report-bulk button[value=assign]").click()
    if screen is PHONE:
        look_at(page)
        page.set_viewport_size(screen)
    page.locator("[name=assignee]").select_option(label="officer-4301")
    page.locator(".report-form button[type=submit]").click()
    expect(page.locator(".messages .success")).to_contain_text("2")
    for reference in references:
        expect(row_of(page, reference)).to_contain_text("officer-4301")


def test_without_scripts_the_list_works_as_well(browser, live, page, filed):
    [reference] = filed(1)
    cookies = page.context.cookies()
    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.context.add_cookies(cookies)
    plain.goto(live + LIST)
    row_of(plain, reference).get_by_role("checkbox").check()
    plain.locator(".report-bulk button[value=accept]").click()
    assert plain.url == live + LIST
    assert row_of(plain, reference).count() == 0
    plain.context.close()


def test_a_filter_is_kept_used_and_removed_on_a_phone(page, live, filed):
    filed(1)
    page.set_viewport_size(PHONE)
    page.goto(f"{live}/admin/reports/?attention=unread&sort=newest")
    page.locator(".report-save summary").click()
    page.locator("#filter-name").fill("ยังไม่ได้อ่าน")
    page.locator(".report-save button").click()
    look_at(page)
    page.set_viewport_size(PHONE)
    page.goto(f"{live}/admin/reports/")
    page.locator(".report-saved a", has_text="ยังไม่ได้อ่าน").click()
    for choice in ("attention=unread", "sort=newest"):  # each database keeps its own order
        expect(page).to_have_url(re.compile(choice))
    expect(page.locator(".report-saved a[aria-current]")).to_have_text("ยังไม่ได้อ่าน")
    page.locator(".report-saved button").click()
    expect(page.locator(".report-saved")).to_have_count(0)


def test_what_is_alike_is_shown_with_reasons_and_hidden_from_the_list(page, live, filed):
    first, second = filed(2)
    address = f"{live}/admin/reports/{first}/"
    similar = page.locator(".report-similar")
    for _ in range(60):  # the worker compares them within seconds
        page.goto(address)
        if similar.count() and second in similar.inner_text():
            break
        page.wait_for_timeout(500)
    expect(similar).to_contain_text(second)
    look_at(page)
    page.locator(f".report-similar-merge[href$='into={second}']").click()
    expect(page.locator("[name=into]")).to_have_value(second)
    page.goto(address)
    page.locator(".report-fold button").click()
    page.goto(live + LIST)
    expect(row_of(page, second)).to_have_count(0)
    look_at(page)
    row_of(page, first).locator(".report-folded").click()
    expect(row_of(page, second)).to_be_visible()
    look_at(page)
    row_of(page, second).locator(".report-tick").click()
    page.locator(".report-bulk button[value=unfold]").click()
    page.goto(live + LIST)
    expect(row_of(page, second)).to_be_visible()
