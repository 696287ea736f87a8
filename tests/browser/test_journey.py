"""The main job, from the form to the closing, by the people who do it."""

import re

from playwright.sync_api import Page, expect

NARRATIVE = "เห็นรถตู้ทึบจอดริมโขงตอนตีสอง มีคนลงเรือไปฝั่งตรงข้ามราวสิบคน เป็นแบบนี้มาสามคืนแล้ว"


def reporter_page(page: Page) -> Page:
    """A browser that has never seen the staff's one."""
    context = page.context.browser.new_context(viewport={"width": 360, "height": 740})
    return context.new_page()


def file_report(page: Page, live: str, language: str, narrative: str, category: str) -> str:
    """Files a report for Mueang Nong Khai and returns its receipt, as shown."""
    page.goto(f"{live}/{language}/report/")
    page.get_by_role("radio", name=category).check()
    district = page.locator("select[name=district]")
    district.select_option(
        label="เมืองหนองคาย" if language == "th" else "Mueang Nong Khai", force=True
    )
    page.locator("textarea[name=narrative]").fill(narrative)
    page.locator("input[name=captcha_1]").fill("PASSED")
    page.locator("main .button-report").click()
    receipt = page.locator("#receipt")
    expect(receipt).to_be_visible()
    assert re.search(r"\d{4}", page.url.split("://")[1].split("/", 1)[1]) is None
    return receipt.inner_text()


def read_status(page: Page, live: str, language: str, receipt: str) -> str:
    page.goto(f"{live}/{language}/report/status/")
    page.locator("input[name=receipt]").fill(receipt)
    page.get_by_role("button", name=re.compile("อ่านคำตอบ|Read the answer")).click()
    return page.locator("main").inner_text()


def test_an_article_is_read_in_both_languages(page, live):
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{live}/")
    expect(page).to_have_url(f"{live}/th/")
    page.goto(f"{live}/th/articles/")
    page.locator("main a[href*='/th/articles/']").first.click()
    thai = page.locator("h1").inner_text()
    address = page.url
    assert re.search("[ก-๙]", thai)
    page.locator("a[hreflang=en]").first.click()
    expect(page).to_have_url(address.replace("/th/", "/en/"))
    assert page.locator("html").get_attribute("lang") == "en"
    assert not re.search("[ก-๙]", page.locator("h1").inner_text())
    page.locator("a[hreflang=th]").first.click()
    expect(page.locator("h1")).to_have_text(thai)


def test_a_report_travels_from_the_form_to_its_closing(page, live, sign_in):
    reporter = reporter_page(page)
    receipt = file_report(reporter, live, "th", NARRATIVE, "สินค้าผิดกฎหมายอื่น ๆ")
    received = read_status(reporter, live, "th", receipt)

    # The officer of the district finds it newest in the queue, and works on it.
    sign_in(page, "officer-4301")
    page.goto(f"{live}/admin/reports/?status=received&sort=newest")
    link = page.locator("main a[href*='/admin/reports/']").filter(
        has_text=re.compile(r"^\s*[0-9A-Z]{8}\s*$")
    )
    address = live + link.first.get_attribute("href")
    page.goto(address)
    page.locator("form[action$='/read/'] button").click()
    expect(page.get_by_text(NARRATIVE)).to_be_visible()
    press(page, address, "accept")
    accepted = read_status(reporter, live, "th", receipt)
    press(page, address, "verify")
    page.goto(f"{address}record_finding/")
    page.locator("[name=reliability]").first.select_option("B")
    page.locator("[name=credibility]").first.select_option("2")
    page.locator("textarea[name=reason]").fill("สอบถาม ชรบ. และผู้ใหญ่บ้านแล้ว ตรงกัน")
    submit(page)
    page.goto(f"{address}propose_closing/")
    page.locator("[name=outcome]").first.select_option("acted")
    page.locator("[name=evidence_type]").first.select_option("visit")
    submit(page)

    # To another district's officer the report does not exist, anywhere.
    sign_in(page, "officer-2706")
    for path in ("", "accept/", "verify/", "record_finding/", "close/", "reopen/", "read/"):
        assert page.request.get(address + path).status == 404
    page.goto(f"{live}/admin/reports/?status=all")
    assert address.rstrip("/").rsplit("/", 1)[1] not in page.content()

    sign_in(page, "chief-4301")
    press(page, address, "close")
    closed = read_status(reporter, live, "th", receipt)
    assert len({received, accepted, closed}) == 3
    assert NARRATIVE not in closed


def test_a_report_is_filed_in_english_for_the_same_queue(page, live, sign_in):
    reporter = reporter_page(page)
    receipt = file_report(
        reporter, live, "en", "A boat with covered cargo came three nights in a row.", "Drug"
    )
    english = read_status(reporter, live, "en", receipt)
    assert not re.search("[ก-๙]", english.replace("ภาษาไทย", ""))
    sign_in(page, "officer-4301")
    page.goto(f"{live}/admin/reports/?status=received&sort=newest")
    expect(page.locator("main")).to_contain_text(re.compile("Drug|ยาเสพติด"))


def press(page: Page, address: str, step: str) -> None:
    """Takes a step that needs nothing more: a button on the report, or its confirmation."""
    page.goto(address)
    page.locator(f"form[action$='/{step}/'] button, a[href$='/{step}/']").first.click()
    if page.url.endswith(f"/{step}/"):
        submit(page)


def submit(page: Page) -> None:
    page.locator("main form[method=post] button[type=submit]").last.click()
    page.wait_for_load_state()
