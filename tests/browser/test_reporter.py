"""A reporter on a phone: the whole way from the form to the answer, with scripts and without."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

PHONE = {"width": 360, "height": 740}
THAI_DIGITS = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
SEEN = {
    "th": "เห็นเรือแปลกเข้าฝั่งตอนกลางคืน มีคนลงมาหลายคน",
    "en": "A strange boat came ashore at night and several people got out.",
    "lo": "ເຫັນເຮືອແປກໜ້າເຂົ້າຝັ່ງຕອນກາງຄືນ ມີຄົນລົງມາຫຼາຍຄົນ",
    "km": "ឃើញទូកចម្លែកមួយចូលច្រាំងពេលយប់ មានមនុស្សច្រើននាក់ចុះមក",
}
LANGUAGES = pytest.mark.parametrize("language", ["th", "en", "lo", "km"])


@pytest.fixture(params=["with scripts", "without scripts"])
def phone(request, browser) -> Page:
    scripts = request.param == "with scripts"
    context = browser.new_context(viewport=PHONE, java_script_enabled=scripts)
    yield context.new_page()
    context.close()


@pytest.fixture
def scripted_phone(browser) -> Page:
    context = browser.new_context(viewport=PHONE)
    yield context.new_page()
    context.close()


def fill(page: Page, address: str, language: str) -> None:
    page.goto(f"{address}/{language}/report/")
    page.locator("input[name=category]").first.check()
    page.locator("#id_district").select_option("4301")
    page.locator("input[name=when][value=today]").check()
    page.locator("#id_narrative").fill(SEEN[language])
    page.locator("#id_captcha_1").fill("PASSED")


def press(page: Page, selector: str) -> None:
    with page.expect_navigation():  # axe must not meet the page that is going away
        page.locator(selector).click()


def send(page: Page) -> None:
    press(page, "main .button-report")


def receipt(page: Page) -> str:
    return page.locator("#receipt").inner_text()


def problems(page: Page) -> list[str]:
    """What axe finds; and a page wider than the phone."""
    found = [violation["id"] for violation in Axe().run(page).response["violations"]]
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return [*found, "wider than the phone"] if wide else found


@LANGUAGES
def test_a_report_is_filed_and_its_status_read_with_thai_digits(live, phone, language):
    fill(phone, live, language)
    send(phone)
    number = receipt(phone)
    assert len([digit for digit in number if digit.isdigit()]) == 16
    phone.goto(f"{live}/{language}/report/status/")
    phone.locator("#id_receipt").fill(number.translate(THAI_DIGITS))
    phone.locator("main .button").click()
    expect(phone.locator(".timeline .is-current")).to_have_count(1)
    assert phone.context.cookies() == []


@LANGUAGES
def test_what_was_typed_stays_when_something_is_missing(live, phone, language):
    fill(phone, live, language)
    phone.locator("#id_captcha_1").fill("")
    send(phone)
    expect(phone.locator(".error-summary")).to_be_visible()
    expect(phone.locator("#id_narrative")).to_have_value(SEEN[language])
    expect(phone.locator("#id_district")).to_have_value("4301")
    phone.locator(".error-summary a").first.click()
    expect(phone.locator("#id_captcha_1")).to_be_focused()
    phone.locator("#id_captcha_1").fill("PASSED")
    send(phone)
    assert receipt(phone)


def test_who_cannot_see_the_picture_is_asked_a_question(live, phone):
    fill(phone, live, "th")
    phone.locator("button[value=question]").click()
    expect(phone.locator(".captcha-image")).to_have_count(0)
    expect(phone.locator("#id_captcha_1")).to_be_in_viewport()
    expect(phone.locator("#id_narrative")).to_have_value(SEEN["th"])
    with phone.expect_response("**/captcha/**") as picture:
        phone.locator("button[value=picture]").click()
    assert picture.value.ok
    expect(phone.locator(".captcha-image")).to_be_visible()


def test_the_enter_key_sends_the_report(live, phone):
    fill(phone, live, "th")
    phone.locator("#id_captcha_1").press("Enter")
    assert receipt(phone)


def test_sending_the_page_again_shows_the_same_receipt(live, phone):
    fill(phone, live, "th")
    send(phone)
    first = receipt(phone)
    phone.reload()
    assert receipt(phone) == first
    expect(phone.locator(".notice-done")).to_be_visible()


@LANGUAGES
def test_form_receipt_and_status_are_fit_for_everybody(live, scripted_phone, language):
    page = scripted_phone
    fill(page, live, language)
    assert problems(page) == []
    page.locator("#id_captcha_1").fill("")
    send(page)
    assert problems(page) == []
    page.locator("#id_captcha_1").fill("PASSED")
    send(page)
    assert problems(page) == []
    number = receipt(page)
    page.goto(f"{live}/{language}/report/status/")
    assert problems(page) == []
    page.locator("#id_receipt").fill(number[:-1])
    press(page, "main .button")
    assert problems(page) == []
    page.locator("#id_receipt").fill(number)
    press(page, "main .button")
    assert problems(page) == []


@LANGUAGES
def test_the_other_languages_are_reached_from_one_slim_bar(live, phone, language):
    phone.goto(f"{live}/{language}/report/")
    assert phone.locator(".exit-bar").bounding_box()["height"] <= 72
    phone.locator(".languages summary").click()
    links = phone.locator(".languages .language")
    expect(links).to_have_count(3)
    links.last.click()
    last = "lo" if language == "km" else "km"
    expect(phone.locator("html")).to_have_attribute("lang", last)
    assert phone.url == f"{live}/{last}/report/"


def test_scripts_narrow_the_subdistricts_to_the_chosen_district(live, scripted_phone):
    page = scripted_phone
    page.goto(f"{live}/th/report/")
    offered = page.locator("#id_subdistrict option")
    all_of_them = offered.count()
    page.locator("#id_district").select_option("4301")
    codes = offered.evaluate_all("options => options.map(option => option.value)")
    assert codes[0] == ""
    assert len(codes) > 1
    assert all(code.startswith("4301") for code in codes[1:])
    page.locator("#id_district").select_option("")
    expect(offered).to_have_count(all_of_them)
    page.locator("#id_subdistrict").select_option(codes[1])
    expect(page.locator("#id_district")).to_have_value("4301")


# --- Leaving in a hurry ---------------------------------------------------------------------------


AWAY = "https://www.tmd.go.th/"


def at_step(page: Page, address: str, step: str) -> None:
    """On that step of the way, with something typed or shown that nobody else should see."""
    if step in ("status", "answer"):
        number = ""
        if step == "answer":
            fill(page, address, "th")
            send(page)
            number = receipt(page)
        page.goto(f"{address}/th/report/status/")
        page.locator("#id_receipt").fill(number or "1234 5678")
        if number:
            press(page, "main .button-large")
        return
    fill(page, address, "th")
    if step == "error":
        page.locator("#id_captcha_1").fill("")
    if step != "form":
        send(page)


def lead_somewhere(page: Page) -> None:
    page.context.route(f"{AWAY}**", lambda route: route.fulfill(body="sunny"))


STEPS = pytest.mark.parametrize("step", ["form", "error", "receipt", "status", "answer"])


@STEPS
def test_every_step_is_left_with_one_press(live, phone, step):
    lead_somewhere(phone)
    at_step(phone, live, step)
    phone.locator("[data-quick-exit]").click()
    phone.wait_for_url(AWAY)


@STEPS
def test_two_presses_of_escape_leave_and_back_shows_nothing_of_it(live, scripted_phone, step):
    page = scripted_phone
    lead_somewhere(page)
    at_step(page, live, step)
    secrets = [SEEN["th"], "1234 5678"]
    if step == "receipt":
        secrets.append(receipt(page))
    page.locator("#id_narrative, #id_receipt, #receipt, [data-quick-exit]").first.focus()
    page.keyboard.press("Escape")
    page.wait_for_timeout(1_100)
    page.keyboard.press("Escape")
    assert page.url.startswith(live), "one alone may be meant for a list or a keyboard"
    page.keyboard.press("Escape")
    page.wait_for_url(AWAY)
    page.go_back()
    page.wait_for_load_state()
    typed = page.locator("input:not([type=hidden]), textarea").evaluate_all(
        "fields => fields.map(field => field.value).join()"
    )
    shown = typed + page.locator("body").inner_text()
    for secret in secrets:
        assert secret not in shown


def test_the_keyboard_never_stops_at_the_field_for_programs(live, scripted_phone):
    page = scripted_phone
    page.goto(f"{live}/th/report/")
    names = []
    for _ in range(40):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.name"))
    assert "narrative" in names
    assert "website" not in names


def test_copying_and_printing_are_offered_where_scripts_run(live, phone):
    fill(phone, live, "th")
    send(phone)
    runs_scripts = phone.locator("[data-print]").is_visible()
    assert phone.locator("[data-copy]").is_visible() is runs_scripts
    size = "element => parseFloat(getComputedStyle(element).fontSize)"
    sizes = [phone.locator(name).first.evaluate(size) for name in ("#receipt", "h1", "h2")]
    assert sizes[0] == max(sizes), "the number is the largest thing on the page"
