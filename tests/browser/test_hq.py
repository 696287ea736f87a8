"""The project office in a real browser: its queue, the centres, and the agencies."""

import secrets

from playwright.sync_api import Page, expect

from tests.browser.test_officer import (
    SEEN,
    assert_fits,
    file_report,
    look_at,
    newest_report,
    step_link,
)
from tests.browser.test_people import come_back, note_absence

PHONE, PC = {"width": 360, "height": 740}, {"width": 1280, "height": 800}


def written(page: Page):
    """The words of the report, once they were opened."""
    page.locator("form[action$='/read/'] button").click()
    return page.get_by_text(SEEN)


def test_a_report_without_a_district_is_hqs_until_hq_sends_it_on(page, live, sign_in):
    file_report(page, live, district="")
    sign_in(page, "hq")
    address = newest_report(page, live, queue="hq")
    look_at(page)
    page.goto(address)
    look_at(page)
    page.set_viewport_size(PHONE)
    expect(written(page)).to_be_visible()
    page.goto(address)
    step_link(page, "reroute").click()
    look_at(page)
    page.set_viewport_size(PHONE)
    there = page.locator("[name=to] option", has_text="Chiang Khong").get_attribute("value")
    page.locator("[name=to]").select_option(there)
    page.locator("[name=reason]").fill("The temple stands in that district.")
    page.locator(".report-form button[type=submit]").click()
    expect(page.locator(".messages .success")).to_be_visible()
    page.goto(address)  # HQ sees that it is there, and can read it no longer
    expect(page.locator(".report-head-title")).to_be_visible()
    expect(page.locator("form[action$='/read/']")).to_have_count(0)

    sign_in(page, "officer-5703")
    assert newest_report(page, live) == address
    page.goto(address)
    expect(written(page)).to_be_visible()


def test_hq_sees_where_nobody_is_and_takes_the_report_that_lies_there(page, live, sign_in):
    page.set_viewport_size(PC)
    file_report(page, live, district="3206")
    sign_in(page, "chief-3206")
    address = newest_report(page, live)
    try:
        note_absence(page, live, "officer-3206")
        note_absence(page, live, "chief-3206")
        expect(page.locator(".messages .warning")).to_be_visible()  # nobody is left

        sign_in(page, "hq")
        page.goto(f"{live}/admin/reports/centres/")
        look_at(page)
        card = page.locator(".centre-card--alarm").filter(has_text="Kap Choeng")
        expect(card).to_be_visible()
        card.locator("a[href*='status=received']").click()
        look_at(page)
        page.set_viewport_size(PHONE)
        page.goto(address)
        expect(written(page)).to_be_visible()
        page.goto(address)
        step_link(page, "accept").click()
        expect(page.locator(".messages .success")).to_be_visible()
    finally:
        sign_in(page, "chief-3206")
        come_back(page, live, "officer-3206")
        come_back(page, live, "chief-3206")


def test_an_agency_that_hq_adds_is_offered_and_no_longer_when_it_is_taken_out_of_use(
    page, live, sign_in, browser
):
    code = f"agency-{secrets.token_hex(4)}"
    sign_in(page, "hq")
    page.goto(f"{live}/admin/agencies/new/")
    assert_fits(page)
    for name, words in (("code", code), ("name_th", "หน่วยงานทดลอง"), ("name_en", code)):
        page.locator(f"[name={name}]").fill(words)
    page.locator("#main form footer button[type=submit]").click()
    expect(page.locator(".messages .success")).to_be_visible()

    officer = browser.new_context().new_page()
    file_report(officer, live, district="5703")
    sign_in(officer, "officer-5703")
    officer.goto(newest_report(officer, live))
    for step in ("accept", "verify", "refer"):
        step_link(officer, step).click()
    offered = officer.locator(f"[name=agency] option[value='{code}']")
    expect(offered).to_have_count(1)

    page.goto(f"{live}/admin/agencies/?q={code}")
    page.locator("#listing-results a", has_text="หน่วยงานทดลอง").first.click()
    page.locator("[name=is_active]").uncheck(force=True)
    page.locator("#main form footer button[type=submit]").click()
    expect(page.locator(".messages .success")).to_be_visible()
    officer.reload()
    expect(officer.locator("[name=agency]")).to_be_visible()
    expect(offered).to_have_count(0)
    officer.context.close()
