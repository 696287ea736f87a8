"""Chromium judges the Content-Security-Policy: conftest.violations fails what it refuses.

The journeys of the other files are watched as well; here are the pages and screens they leave out.
"""

import re

import pytest
from playwright.sync_api import Page, expect

PUBLIC = [
    "/{}/",
    "/{}/articles/",
    "/{}/events/",
    "/{}/search/?q=border",
    "/{}/report/",
    "/{}/report/status/",
    "/{}/not-there/",
]
SCREENS = [
    "/admin/",
    "/admin/pages/",
    "/admin/images/",
    "/admin/images/add/",
    "/admin/documents/",
    "/admin/users/",
    "/admin/districts/",
    "/admin/reports/site-history/",
    "/admin/account/password/",
]
# What somebody could type into a report, should it ever be shown unescaped.
PLANTED = '<img src="/nothing" onerror="window.ran = true"><style>body { color: red }</style>'
PLANT = "html => document.querySelector('main').insertAdjacentHTML('beforeend', html)"


def follow(page: Page, live: str, language: str, kind: str) -> None:
    page.goto(f"{live}/{language}/{kind}/")
    page.locator(f"main a[href*='/{language}/{kind}/']").first.click()
    expect(page.locator("h1")).to_be_visible()


@pytest.mark.parametrize("language", ["th", "en"])
def test_public_pages_load_nothing_that_is_refused(page, live, language):
    for path in PUBLIC:
        page.goto(live + path.format(language))
        expect(page.locator("h1").first).to_be_visible()
    follow(page, live, language, "articles")
    follow(page, live, language, "events")


def test_pages_ask_no_other_server(page, live):
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url))
    for path in PUBLIC:
        page.goto(live + path.format("th"))
    assert len(asked) > len(PUBLIC)
    assert [url for url in asked if not url.startswith((live, "data:"))] == []


def test_screens_of_staff_load_nothing_that_is_refused(page, live, sign_in):
    page.goto(f"{live}/admin/login/")
    sign_in(page, "admin")
    for path in SCREENS:
        page.goto(live + path)
        expect(page.locator("main").first).to_be_visible()


def test_an_editor_chooses_a_date_and_sees_the_preview(page, live, sign_in):
    sign_in(page, "admin")
    page.goto(f"{live}/admin/pages/")
    page.goto(f"{live}/admin/pages/search/?q=&content_type=events.eventpage")
    page.locator("main a[href*='/edit/']").first.click()
    page.wait_for_url(re.compile(r"/admin/pages/\d+/edit/"))
    # Wagtail's own script, from inside the page, has made a calendar of the field.
    date = page.locator("input[name=starts_on]")
    date.click()
    expect(page.locator(".xdsoft_datetimepicker:visible").first).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("[data-side-panel-toggle=preview], [aria-label*=Preview]").first.click()
    frame = page.frame_locator("#w-preview-iframe, iframe.w-preview__iframe").first
    expect(frame.locator("h1")).to_be_visible()


def test_a_script_that_came_in_with_a_report_does_not_run_and_is_noticed(
    page, live, sign_in, violations
):
    for place in ("/th/report/", "/admin/reports/"):
        if place.startswith("/admin/"):
            sign_in(page, "officer-4301")
        page.goto(live + place)
        page.evaluate(PLANT, PLANTED)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.ran") is None
        assert {words.split(": ")[1].split()[0] for words in violations} == {
            "script-src-attr",
            "style-src-elem",
        }
        violations.clear()
