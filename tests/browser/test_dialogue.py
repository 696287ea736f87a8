"""An officer asks, a villager reads and answers on a phone, the officer reads the answer."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_journey import file_report, read_status
from tests.browser.test_reporter import PHONE, press, problems

QUESTION = "เรือลำนั้นสีอะไร และจอดอยู่ตรงไหนของหมู่บ้าน"
ANSWER = "สีเขียว จอดใต้ต้นไทรหลังวัด"
CATEGORY = {"th": "สินค้าผิดกฎหมายอื่น ๆ", "en": "Other illegal goods"}


@pytest.fixture
def phone(browser) -> Page:
    context = browser.new_context(viewport=PHONE)
    yield context.new_page()
    context.close()


@pytest.fixture
def phone_without_scripts(browser) -> Page:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("language", ["th", "en"])
def test_a_question_travels_to_the_reporter_and_the_answer_back(
    live, page, phone, sign_in, language
):
    number = file_report(phone, live, language, f"เห็นเรือแปลก {language}", CATEGORY[language])

    sign_in(page, "officer-4301")
    page.goto(f"{live}/admin/reports/?status=received&sort=newest")
    report = live + page.locator("main .report-row a.report-reference").first.get_attribute("href")
    page.goto(report)
    page.locator("main a[href$='/message/']").click()
    page.locator("textarea[name=words]").fill(QUESTION)
    page.locator("main form[method=post] button[type=submit]").last.click()
    page.wait_for_url(report)

    read_status(phone, live, language, number)
    expect(phone.locator(".message-officer")).to_contain_text(QUESTION)
    assert problems(phone) == []
    phone.locator("#id_reply").fill(ANSWER)
    press(phone, "button[value=reply]")
    expect(phone.locator(".notice-done")).to_be_visible()
    expect(phone.locator(".message-reporter")).to_have_count(1)
    assert ANSWER not in phone.content()
    assert problems(phone) == []
    assert phone.context.cookies() == []
    assert re.search(r"\d{4}", phone.url.split("://")[1].split("/", 1)[1]) is None

    page.goto(f"{live}/admin/reports/?attention=answered&sort=newest")
    mark = page.locator(f".report-row:has(a[href='{report.removeprefix(live)}']) .report-mark")
    expect(mark.first).to_be_visible()
    page.goto(report)
    page.locator("form[action$='/read/'] button").click()
    expect(page.get_by_text(ANSWER)).to_be_visible()
    page.goto(report)
    expect(page.locator(".report-head .report-mark--urgent")).to_have_count(0)


def test_an_answer_is_sent_without_scripts(live, phone_without_scripts):
    phone = phone_without_scripts
    number = file_report(phone, live, "th", "เห็นเรือแปลก", CATEGORY["th"])
    read_status(phone, live, "th", number)
    phone.locator("#id_reply").fill(ANSWER)
    press(phone, "button[value=reply]")
    expect(phone.locator(".notice-done")).to_be_visible()
    expect(phone.locator(".message-reporter")).to_have_count(1)


def test_the_printed_receipt_tells_a_finder_nothing(live, phone):
    number = file_report(phone, live, "th", "เห็นเรือแปลก", CATEGORY["th"])
    phone.emulate_media(media="print")
    seen = phone.locator("body").inner_text()
    assert re.sub(r"\s", "", number) in re.sub(r"\s", "", seen)
    assert len(seen.splitlines()) <= 8, seen
    for word in ("NTS", "191", "แจ้ง"):
        assert word not in seen
