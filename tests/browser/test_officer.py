"""An officer's work in a real browser, on a phone and on a PC."""

import re
from itertools import count

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

WIDTHS = (360, 1280)
STEPS = (
    "read",
    "accept",
    "reroute",
    "reject",
    "merge",
    "assign",
    "verify",
    "record_finding",
    "reverse_finding",
    "refer",
    "hand_over",
    "return",
    "propose_closing",
    "close",
    "send_back",
    "reopen",
)
SEEN = "Boxes came ashore below the temple at dawn."
OWN_CONTENT = ".reports, .report-page"


def file_report(page: Page, live: str, district: str = "4301") -> None:
    """Files a report of drugs by the public form, for Mueang Nong Khai unless told otherwise."""
    page.goto(f"{live}/en/report/")
    page.get_by_role("radio", name="Drug").check()
    page.locator("#id_district").select_option(district)
    page.locator("#id_narrative").fill(SEEN)
    page.locator("#id_captcha_1").fill("PASSED")
    page.locator("main .button-report").click()
    expect(page.locator("#receipt")).to_be_visible()


def newest_report(page: Page, live: str, queue: str = "") -> str:
    """The address of the report that came last, of those that wait; `queue` is HQ's to choose."""
    page.goto(f"{live}/admin/reports/?status=received&sort=newest&queue={queue}")
    return live + page.locator("a.report-reference").first.get_attribute("href")


def step_link(page: Page, step: str):
    return page.locator(
        f".report-steps form[action$='/{step}/'] button, .report-steps a[href$='/{step}/']"
    )


def assert_fits(page: Page) -> None:
    """Nothing of ours stands out of the page, and nothing scrolls sideways."""
    # Wagtail's side bar takes a moment to follow the width.
    page.wait_for_function(
        "() => { const m = document.querySelector('#main');"
        " return m && m.scrollWidth <= m.clientWidth }",
        timeout=3000,
    )
    wide = page.evaluate(
        """() => {
            const width = document.documentElement.clientWidth;
            const out = [...document.querySelectorAll('.reports *, .report-page *')]
                .filter(e => !e.closest('.w-sr-only, thead'))
                .filter(e => e.getBoundingClientRect().right > width + 1)
                .map(e => e.outerHTML.slice(0, 80));
            if (document.documentElement.scrollWidth > width) out.push('the page scrolls');
            return out;
        }"""
    )
    assert wide == []


def assert_accessible(page: Page) -> None:
    found = Axe().run(page, context=OWN_CONTENT)
    serious = [
        (violation["id"], [node["html"][:120] for node in violation["nodes"]])
        for violation in found.response["violations"]
        if violation["impact"] in {"serious", "critical"}
    ]
    assert serious == []


def look_at(page: Page) -> None:
    page.wait_for_load_state()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert_fits(page)
        assert_accessible(page)


def test_officer_and_chief_take_a_report_to_its_end(page, live, sign_in):
    file_report(page, live)
    sign_in(page, "officer-4301")
    address = newest_report(page, live)
    look_at(page)
    page.goto(address)
    look_at(page)

    page.set_viewport_size({"width": 360, "height": 740})
    step_link(page, "accept").click()
    expect(page.locator(".messages .success")).to_be_visible()
    step_link(page, "verify").click()
    step_link(page, "record_finding").click()
    expect(page.locator("[name=reliability]")).to_be_visible()
    look_at(page)
    page.locator("[name=reliability]").select_option("B")
    page.locator("[name=credibility]").select_option("2")
    page.locator("[name=reason]").fill("The headman and the village security team say the same.")
    page.locator(".report-form button[type=submit]").click()
    expect(page.get_by_text("B2").first).to_be_visible()
    step_link(page, "propose_closing").click()
    page.locator("[name=outcome]").select_option("acted")
    page.locator("[name=evidence_type]").select_option("visit")
    page.locator(".report-form button[type=submit]").click()
    expect(page).to_have_url(address)
    # Drugs are a serious category: the one who proposed it may not close it.
    expect(step_link(page, "close")).to_have_count(0)
    expect(page.locator(".report-blocked li")).not_to_have_count(0)
    look_at(page)

    sign_in(page, "officer-2706")
    for step in ("", *(f"{name}/" for name in STEPS)):
        assert page.request.get(address + step, max_redirects=0).status == 404
    page.goto(f"{live}/admin/reports/?status=all")
    expect(page.locator("main")).not_to_contain_text(address.rstrip("/").rsplit("/", 1)[1])

    sign_in(page, "chief-4301")
    page.goto(address)
    step_link(page, "close").click()
    look_at(page)
    page.locator("[name=evidence_type]").select_option("record")
    page.locator(".report-form button[type=submit]").click()
    expect(page).to_have_url(address)
    expect(step_link(page, "reopen")).to_have_count(1)


def test_a_referral_is_opened_printed_and_saved(page, live, sign_in):
    file_report(page, live)
    sign_in(page, "officer-4301")
    address = newest_report(page, live)
    page.goto(address)
    step_link(page, "accept").click()
    step_link(page, "verify").click()
    step_link(page, "refer").click()
    look_at(page)
    page.locator("[name=agency]").select_option("navy")
    page.locator("[name=receiver]").fill("Somebody on duty, Nong Khai station")
    page.locator("[name=purpose]").fill("Look at the bank together.")
    page.locator("[name=pack]").fill("Goods may be landing by boat at night.")
    page.locator(".report-form button[type=submit]").click()
    expect(page).to_have_url(address)
    page.locator("a[href$='/referral/1/']").first.click()
    look_at(page)
    page.locator("form[action$='/referral/1/'] button").click()
    expect(page.get_by_text("Goods may be landing")).to_be_visible()
    look_at(page)
    with page.expect_download() as saved:
        page.locator("form[action$='/pdf/'] button").click()
    assert saved.value.suggested_filename.endswith("-navy.pdf")
    with page.expect_popup() as opened:
        page.locator("form[action$='/print/'] button").click()
    sheet = opened.value
    expect(sheet.locator("html")).to_have_attribute("lang", "th")
    expect(sheet.get_by_text("Goods may be landing")).to_be_visible()
    expect(sheet.locator("main")).not_to_contain_text(SEEN)
    for width in WIDTHS:
        sheet.set_viewport_size({"width": width, "height": 800})
        assert sheet.evaluate("document.documentElement.scrollWidth") <= width


def test_what_was_written_is_opened_by_a_button_and_gone_with_the_page(page, live, sign_in):
    file_report(page, live)
    sign_in(page, "officer-4301")
    address = newest_report(page, live)
    page.goto(address)
    words = page.get_by_text(SEEN)
    expect(words).to_have_count(0)
    page.locator("form[action$='/read/'] button").click()
    expect(words).to_be_visible()
    look_at(page)
    page.goto(address)
    expect(words).to_have_count(0)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_queue_is_filtered_by_thumb_and_by_mouse(page, live, sign_in, width):
    page.set_viewport_size({"width": width, "height": 740})
    sign_in(page, "officer-4301")
    page.goto(f"{live}/admin/reports/")
    if width == 360:
        button = page.locator(".report-next").first.bounding_box()
        assert button["height"] >= 44
        page.locator(".report-filters summary").click()
    page.locator("select[name=status]").select_option("closed")
    page.locator(".report-filters button[type=submit]").click()
    expect(page).to_have_url(re.compile("status=closed"))
    look_at(page)


def test_the_auditors_log_fits_and_reads_well(page, live, sign_in):
    sign_in(page, "auditor")
    page.goto(f"{live}/admin/reports/log/")
    look_at(page)


def test_the_keyboard_reaches_every_filter(page, live, sign_in):
    sign_in(page, "officer-4301")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{live}/admin/reports/")
    page.locator("#reference-search").focus()
    names = []
    for _ in count():
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.name || ''")
        if not name and len(names) > 1 and "sort" in names:
            break
        names.append(name)
        assert len(names) < 20
    assert {"status", "category", "age", "attention", "assignee", "sort"} <= set(names)
