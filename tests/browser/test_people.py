"""Who is away, and whose reports go to somebody else, in a real browser."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.test_officer import file_report, look_at, newest_report, step_link

PEOPLE = "/admin/reports/people/"
PHONE = {"width": 360, "height": 740}


def row_of(page: Page, person: str) -> Locator:
    return page.locator(".report-people .report-row").filter(
        has=page.get_by_role("rowheader", name=person)
    )


def note_absence(page: Page, live: str, person: str, deputy: str = "") -> None:
    """Somebody is away today, noted by whoever is signed in."""
    page.goto(live + PEOPLE)
    row_of(page, person).locator("a[href$='/away/']").click()
    page.locator("[name=ends_on]").fill(page.locator("[name=starts_on]").input_value())
    if deputy:
        page.locator("[name=deputy]").select_option(label=deputy)
    page.locator(".report-form button[type=submit]").click()
    expect(page.locator(".messages .success")).to_be_visible()
    expect(row_of(page, person).locator("form[action$='/back/']")).to_be_visible()


def come_back(page: Page, live: str, person: str) -> None:
    page.goto(live + PEOPLE)
    row_of(page, person).locator("form[action$='/back/'] button").click()
    expect(page.locator(".messages .success")).to_be_visible()
    expect(row_of(page, person).locator("form[action$='/back/']")).to_have_count(0)


def test_a_chief_notes_an_absence_and_hands_the_reports_over(page, live, sign_in):
    page.set_viewport_size(PHONE)
    file_report(page, live, district="2706")
    sign_in(page, "officer-2706")
    address = newest_report(page, live)
    page.goto(address)
    step_link(page, "accept").click()
    step_link(page, "assign").click()
    page.locator(".report-form button[type=submit]").click()
    expect(page.locator(".messages .success")).to_be_visible()

    sign_in(page, "chief-2706")
    note_absence(page, live, "officer-2706", deputy="chief-2706")
    look_at(page)
    page.set_viewport_size(PHONE)
    officer = row_of(page, "officer-2706")
    expect(officer.locator("th .report-mark--urgent")).to_be_visible()
    officer.locator("a[href$='/hand-over/']").click()
    look_at(page)
    page.set_viewport_size(PHONE)
    # The deputy is offered first.
    expect(page.locator("[name=to] option:checked")).to_have_text("chief-2706")
    page.locator(".report-form button[type=submit]").click()
    expect(page.locator(".messages .success")).to_be_visible()
    expect(officer.locator("a[href$='/hand-over/']")).to_have_count(0)
    page.goto(address)
    expect(page.locator(".report-page")).to_contain_text("chief-2706")

    sign_in(page, "officer-2706")  # back earlier, and says so without anybody's help
    come_back(page, live, "officer-2706")
    expect(row_of(page, "officer-2706").locator("th .report-mark--urgent")).to_have_count(0)
