"""The screens of staff as most of them read them: in Thai, on a phone and on a PC."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_officer import look_at, newest_report, step_link

SCREENS = {
    "coordinator-4301": ("intake/", "intake/mine/"),
    "officer-4301": ("reports/", "reports/people/", "reports/people/told/"),
    "chief-4301": ("reports/exports/", "reports/exports/new/", "reports/unusual/"),
    "hq": ("reports/", "reports/centres/", "reports/endpoints/", "reports/tasks/"),
    "auditor": ("reports/log/", "reports/log/exports/"),
}


@pytest.mark.parametrize("who", SCREENS)
def test_screens_fit_and_read_well_in_thai(browser, live, sign_in, who):
    context = browser.new_context(locale="th-TH")
    page = context.new_page()
    sign_in(page, who)
    for path in SCREENS[who]:
        page.goto(f"{live}/admin/{path}")
        expect(page.locator("html")).to_have_attribute("lang", "th")
        assert re.search("[ก-๙]{4}", page.locator("main").inner_text())
        look_at(page)
    if who == "officer-4301":
        address = newest_report(page, live)
        page.goto(address)
        look_at(page)
        step_link(page, "reject").first.click()
        look_at(page)
    context.close()
