"""A headman on an old phone: from what a villager told him to what the villager reads of it."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

PHONE = {"width": 360, "height": 740}
TOLD = "Three boats behind the temple at three in the morning, boxes onto a white pickup."


@pytest.fixture
def headman(browser, live, sign_in) -> Page:
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    sign_in(page, "coordinator-4301")
    expect(page).to_have_url(f"{live}/admin/intake/")
    yield page
    page.goto(f"{live}/admin/intake/")
    if page.locator("form[action$='/discard/']").count():
        page.locator("form[action$='/discard/'] button").click()
    context.close()


def look_at(page: Page) -> None:
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 740})
        assert [violation["id"] for violation in Axe().run(page).response["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.set_viewport_size(PHONE)


def say(page: Page, name: str) -> str:
    return page.locator("[data-keep-state]").get_attribute(f"data-{name}")


def send(page: Page) -> str:
    """The number on the slip."""
    page.locator("main .button-report").click()
    expect(page.locator("#receipt")).to_be_visible()
    return re.sub(r"\D", "", page.locator("#receipt").inner_text())


def rows(page: Page, live: str) -> int:
    page.goto(f"{live}/admin/intake/mine/")
    return page.locator(".taken-down-row").count()


def newest_in_the_queue(page: Page, live: str) -> list[str]:
    page.goto(f"{live}/admin/reports/?status=received&sort=newest")
    return page.locator("a.report-reference").all_inner_texts()


def test_a_villagers_words_reach_the_officer_and_the_answer_reaches_the_villager(
    headman, live, browser, sign_in
):
    page = headman
    before = rows(page, live)
    page.goto(f"{live}/admin/intake/")
    look_at(page)
    page.locator("input[name=contact_method][value=meeting]").check()
    page.locator("input[name=category][value=drug_trafficking]").check()
    page.locator("#id_narrative").fill(TOLD)
    expect(page.locator("[data-keep-state]")).to_have_text(say(page, "saved"), timeout=10_000)
    page.reload()
    expect(page.locator("#id_narrative")).to_have_value(TOLD)
    expect(page.locator("input[name=contact_method][value=meeting]")).to_be_checked()
    look_at(page)
    number = send(page)
    assert len(number) == 16
    look_at(page)
    page.emulate_media(media="print")
    expect(page.locator("header")).to_be_hidden()
    expect(page.locator("h1")).to_be_hidden()
    expect(page.locator(".slip")).to_be_visible()
    # Whoever finds the paper learns neither the address nor what the number is for.
    assert "".join(page.locator("body").inner_text().split()) == number
    assert page.pdf(format="A5").count(b"/Type /Page\n") == 1
    page.emulate_media(media="screen")
    assert rows(page, live) == before + 1
    look_at(page)

    villager = browser.new_context(viewport=PHONE).new_page()
    villager.goto(f"{live}/en/report/status/")
    villager.locator("#id_receipt").fill(number)
    villager.locator("main button[type=submit]").first.click()
    arrived = villager.get_by_role("heading", name="Your report has arrived")
    expect(arrived).to_be_visible()
    villager.context.close()

    office = browser.new_context().new_page()
    sign_in(office, "officer-4301")
    reference = newest_in_the_queue(office, live)[0]
    office.goto(f"{live}/admin/reports/{reference}/")
    expect(office.locator(".report-facts")).to_contain_text("coordinator")
    office.locator("form[action$='/read/'] button").click()
    expect(office.get_by_text(TOLD)).to_be_visible()
    office.context.close()


def test_what_concerns_an_official_shows_in_no_list(headman, live, browser, sign_in):
    page = headman
    own = rows(page, live)
    office = browser.new_context().new_page()
    sign_in(office, "chief-4301")
    queue = newest_in_the_queue(office, live)
    page.goto(f"{live}/admin/intake/")
    page.locator("#id_narrative").fill("It is about somebody at the district office.")
    page.locator("#id_concerns_official").check()
    send(page)
    assert rows(page, live) == own
    assert newest_in_the_queue(office, live) == queue
    office.context.close()


def test_without_a_line_nothing_is_lost_and_nothing_is_sent_twice(headman, live):
    page = headman
    before = rows(page, live)
    page.goto(f"{live}/admin/intake/")
    page.context.set_offline(True)
    page.locator("#id_narrative").fill(TOLD)
    page.locator("main .button-report").click()
    expect(page.locator("[data-keep-state]")).to_have_text(say(page, "not-sent"))
    expect(page.locator("#id_narrative")).to_have_value(TOLD)
    page.context.set_offline(False)
    send(page)
    page.reload()  # the browser sends the form again
    expect(page.locator("#receipt, h1")).not_to_have_count(0)
    assert rows(page, live) == before + 1


def test_whoever_was_signed_out_meanwhile_is_told_and_keeps_every_word(headman, live, sign_in):
    page = headman
    page.locator("#id_narrative").fill(TOLD)
    page.context.clear_cookies(name="sessionid")
    page.locator("main .button-report").click()
    expect(page.locator("[data-keep-state]")).to_have_text(say(page, "signed-out"))
    expect(page.locator("#id_narrative")).to_have_value(TOLD)
    other_tab = page.context.new_page()
    sign_in(other_tab, "coordinator-4301")
    send(page)


def test_without_scripts_the_form_is_kept_and_sent(browser, live, sign_in):
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, "coordinator-4301")
    page.locator("#id_narrative").fill(TOLD)
    page.locator("button[formaction$='/keep/']").click()
    expect(page).to_have_url(f"{live}/admin/intake/mine/")
    page.locator(".notice a").click()
    expect(page.locator("#id_narrative")).to_have_value(TOLD)
    send(page)
    context.close()
