"""/admin/intake/ as a headman meets it: what is taken, kept, shown once, and shown to nobody."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from reporting import receipts, taking_down
from reporting.models import Channel, ContactMethod, Draft, Report, Slip, Status, TakenDown
from reporting.texts import open_texts
from tests.factories import CategoryFactory, SubdistrictFactory
from tests.reporting.report_site import errors, shown_number, typed

pytestmark = pytest.mark.django_db
TOLD = "ชาวบ้านเล่าว่ามีเรือมาลงของหลังวัดตอนตีสาม"
THAI, ENGLISH = {"accept-language": "th"}, {"accept-language": "en"}


@pytest.fixture
def form():
    return reverse("intake:index")


@pytest.fixture
def headman(nong_khai, member):
    return member(nong_khai, "coordinator")


@pytest.fixture
def phone(client, headman):
    client.force_login(headman)
    return client


def told(**words: str) -> dict[str, str]:
    """A complete form; `words` replace or add to what was typed."""
    return {
        "token": receipts.new_token(),
        "contact_method": "in_person",
        "district": "4301",
        "narrative": TOLD,
        "slip_language": "th",
        **words,
    }


# --- What is taken --------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_what_a_villager_told_is_filed_for_the_officers_of_the_district(
    phone, form, nong_khai, member
):
    place = SubdistrictFactory(district=nong_khai.district, code="430101")
    CategoryFactory(code="illegal_goods")
    sent = told(
        contact_method="radio",
        category="illegal_goods",
        subdistrict="430101",
        when="today",
        danger_now="on",
    )
    answer = phone.post(form, sent)
    report = Report.objects.get()
    assert answer.status_code == 200
    assert report.receipt_digest == receipts.digest(shown_number(answer))
    assert (report.channel, report.contact_method) == (Channel.COORDINATOR, ContactMethod.RADIO)
    assert (report.centre, report.subdistrict, report.when) == (nong_khai, place, "today")
    assert report.is_urgent
    [text] = open_texts(report, by=member(nong_khai, "officer"))
    assert text.words == {"narrative": TOLD}


@pytest.mark.parametrize("role", ["officer", "chief"])
def test_what_officers_write_down_is_a_note_of_the_hotline(client, form, nong_khai, member, role):
    client.force_login(member(nong_khai, role))
    page = client.get(form)
    assert typed(page, "contact_method") == "phone"
    client.post(form, told(contact_method="phone"))
    assert Report.objects.get().channel == Channel.HOTLINE


def test_the_office_takes_notes_too_and_no_district_is_chosen_for_it(client, form, hq):
    client.force_login(hq)
    assert typed(client.get(form), "district") == ""
    client.post(form, told(district=""))
    report = Report.objects.get()
    assert (report.channel, report.centre) == (Channel.HOTLINE, None)


def test_ones_own_district_is_chosen_and_stands_first_once(phone, form, bueng_kan):
    SubdistrictFactory(district__code="4301", code="430101", name_th="ของตน")
    SubdistrictFactory(district__code="3801", code="380101", name_th="ที่อื่น")
    page = phone.get(form)
    html = page.content.decode()
    assert typed(page, "district") == "4301"
    assert html.count('<option value="4301"') == 1
    assert html.index('value="4301"') < html.index('value="3801"')
    assert html.index('value="430101"') < html.index('value="380101"')
    phone.post(form, told(district="3801"))
    assert Report.objects.get().centre == bueng_kan


def test_nobody_is_asked_who(phone, form):
    CategoryFactory()
    html = phone.get(form, headers=ENGLISH).content.decode()
    names = set(re.findall(r'<(?:input|select|textarea)[^>]* name="(\w+)"', html))
    assert names == {
        *("csrfmiddlewaretoken", "token", "contact_method", "category", "district", "subdistrict"),
        *("when", "narrative", "danger_now", "concerns_official", "slip_language"),
    }
    assert "Do not write down who told you" in html


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ({"narrative": " "}, "category"),
        ({"district": "0000"}, "district"),
        ({"contact_method": "letter"}, "contact_method"),
        ({"slip_language": "xx"}, "slip_language"),
        ({"narrative": "ก" * 20_001}, "narrative"),
    ],
)
def test_what_cannot_be_filed_is_asked_again_and_everything_stays(phone, form, words, wrong):
    sent = told(danger_now="on", **words)
    answer = phone.post(form, sent)
    assert set(errors(answer)) == {wrong}
    assert typed(answer, "narrative") == sent["narrative"]
    assert typed(answer, "danger_now") == "on"
    assert typed(answer, "token") == sent["token"]
    assert not Report.objects.exists()


# --- The slip -------------------------------------------------------------------------------------


def test_the_slip_speaks_the_language_of_the_villager(phone, form, settings):
    settings.WAGTAILADMIN_BASE_URL = "https://watch.example"
    english = phone.post(form, told(slip_language="en"), headers=THAI).content.decode()
    slip = english.split('class="receipt slip" lang="en"')[1].split("</section>")[0]
    assert "watch.example/en/report/status/" in slip
    assert "Police emergency" in slip
    assert not re.search(r"[\u0e00-\u0e7f]", slip)
    assert 'html lang="th"' in english


def test_a_repeated_send_shows_the_same_slip_for_some_minutes_in_one_session(phone, form, headman):
    sent = told()
    number = shown_number(phone.post(form, sent))
    assert shown_number(phone.post(form, sent)) == number
    elsewhere = Client()
    elsewhere.force_login(headman)
    assert shown_number(elsewhere.post(form, sent)) is None
    Slip.objects.update(until=timezone.now())
    late = phone.post(form, sent, headers=ENGLISH)
    assert late.status_code == 200
    assert shown_number(late) is None
    assert "The slip was shown once" in late.content.decode()
    assert Report.objects.count() == 1


def test_nobody_opens_a_slip_again_by_any_screen(phone, form):
    number = shown_number(phone.post(form, told()))
    for screen in ("index", "mine"):
        page = phone.get(reverse(f"intake:{screen}")).content.decode()
        assert receipts.grouped(number)[:9] not in page
        assert Report.objects.get().reference not in page
        assert TOLD not in page


# --- One's own list -------------------------------------------------------------------------------


def test_the_list_tells_day_category_place_and_where_it_stands(phone, form):
    category = CategoryFactory(code="illegal_goods")
    phone.post(form, told(category="illegal_goods"))
    Report.objects.update(status=Status.CLOSING)
    page = phone.get(reverse("intake:mine"), headers=ENGLISH).content.decode()
    assert category.name_en in page
    assert "Checking the facts" in page
    assert page.count('class="taken-down-row"') == 1


def test_every_status_has_words_for_the_list(phone, form):
    from reporting import status_words

    assert set(status_words.STANDS_AT) == set(Status)


def test_the_list_is_paged_and_asks_as_often_for_two_as_for_many(phone, form, monkeypatch):
    monkeypatch.setattr("reporting.views.staff_intake.PAGE", 3)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            phone.get(reverse("intake:mine"))
        return len(queries)

    for _ in range(2):
        phone.post(form, told())
    asked()
    few = asked()
    for _ in range(5):
        phone.post(form, told())
    assert asked() == few
    pages = [phone.get(reverse("intake:mine"), {"page": number}) for number in (1, 2, 3)]
    rows = [page.content.decode().count('class="taken-down-row"') for page in pages]
    assert rows == [3, 3, 1]


@pytest.mark.parametrize("query", ["year=x", "year=9999", "page=-1", "page=99999", "year=๒๕๖๙"])
def test_garbage_in_the_address_of_the_list_is_the_first_page(phone, query):
    assert phone.get(f"{reverse('intake:mine')}?{query}").status_code == 200


def test_a_former_year_is_one_step_away(phone, form, monkeypatch):
    phone.post(form, told())
    this_year = taking_down.this_year()
    assert b"year=" not in phone.get(reverse("intake:mine")).content
    monkeypatch.setattr(taking_down, "this_year", lambda: this_year + 1)
    page = phone.get(reverse("intake:mine")).content.decode()
    assert f"?year={this_year}" in page
    former = phone.get(reverse("intake:mine"), {"year": this_year}).content.decode()
    assert former.count('class="taken-down-row"') == 1


# --- What concerns an official --------------------------------------------------------------------


@pytest.mark.both_databases
def test_what_concerns_an_official_shows_in_no_list_and_in_no_history(
    phone, form, headman, nong_khai, member, client
):
    phone.post(reverse("intake:keep"), told(concerns_official="on"))
    answer = phone.post(form, told(concerns_official="on"))
    plain = phone.post(form, told())
    report = Report.objects.get(concerns_official=True)
    assert report.centre is None
    assert not TakenDown.objects.filter(report=report).exists()
    assert not Draft.objects.exists()
    assert not ModelLogEntry.objects.exists()
    assert without_numbers(answer) == without_numbers(plain)
    page = phone.get(reverse("intake:mine")).content.decode()
    assert page.count('class="taken-down-row"') == 1
    for role in ("officer", "secretary", "chief"):
        client.force_login(member(nong_khai, role))
        queue = client.get(reverse("reports:index")).content.decode()
        assert report.reference not in queue
        assert client.get(reverse("reports:report", args=[report.reference])).status_code == 404


def without_numbers(answer) -> str:
    return re.sub(r"\d{4}|[A-Za-z0-9]{64}", "", answer.content.decode())


def test_a_session_keeps_nothing_of_what_was_sent(phone, form):
    before = Session.objects.values_list("session_data", flat=True).get()
    phone.post(form, told(concerns_official="on"))
    phone.post(reverse("intake:keep"), told())
    assert Session.objects.values_list("session_data", flat=True).get() == before


# --- A bad line -----------------------------------------------------------------------------------


def test_what_was_kept_by_itself_stands_in_the_form_again_until_it_is_sent(phone, form):
    sent = told(district="", when="today", concerns_official="on")
    answer = phone.post(reverse("intake:keep"), {**sent, "by_itself": "1"})
    assert (answer.status_code, answer.content) == (204, b"")
    again = phone.get(form)
    for name, value in sent.items():
        assert typed(again, name) == value
    phone.post(form, sent)
    assert typed(phone.get(form), "narrative") == ""


def test_without_scripts_a_button_keeps_it_and_another_throws_it_away(phone, form):
    answer = phone.post(reverse("intake:keep"), told(), follow=True)
    assert answer.redirect_chain == [(reverse("intake:mine"), 302)]
    assert f'href="{form}"' in answer.content.decode()
    assert typed(phone.get(form), "narrative") == TOLD
    phone.post(reverse("intake:discard"))
    assert typed(phone.get(form), "narrative") == ""


def test_nobody_else_sees_a_draft(phone, form, client, nong_khai, member, hq):
    phone.post(reverse("intake:keep"), told())
    for person in (member(nong_khai, "officer"), hq):
        client.force_login(person)
        assert typed(client.get(form), "narrative") == ""


@pytest.mark.parametrize(("by_itself", "shows"), [("1", False), ("", True)])
def test_what_cannot_be_kept_is_said_and_shown(phone, settings, by_itself, shows):
    sent = told(**({"by_itself": by_itself} if by_itself else {}))
    settings.REPORT_PUBLIC_KEYS = ""
    answer = phone.post(reverse("intake:keep"), sent)
    assert answer.status_code == 503
    assert (typed(answer, "narrative") == TOLD) == shows
    long = phone.post(reverse("intake:keep"), {**sent, "narrative": "ก" * 100_001})
    assert long.status_code == 413


def test_a_draft_that_cannot_be_opened_stays_and_the_form_is_there(phone, form, settings):
    phone.post(reverse("intake:keep"), told())
    settings.REPORT_PRIVATE_KEYS = ""
    assert phone.get(form).status_code == 200
    assert Draft.objects.exists()


def test_without_keys_what_was_typed_comes_back_with_503(phone, form, settings):
    settings.REPORT_PUBLIC_KEYS = ""
    sent = told()
    answer = phone.post(form, sent)
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert typed(answer, "narrative") == TOLD
    assert typed(answer, "token") == sent["token"]


def test_whoever_was_signed_out_gets_every_word_back_and_sends_it_again(client, form, headman):
    sent = told(danger_now="on")
    answer = client.post(form, sent)
    assert answer.status_code == 403
    assert "no-store" in answer["Cache-Control"]
    for name, value in sent.items():
        assert typed(answer, name) == value
    assert not Report.objects.exists()
    client.force_login(headman)
    assert shown_number(client.post(form, {name: typed(answer, name) for name in sent}))


def test_a_token_against_forgery_that_is_too_old_costs_nothing(form, headman):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(headman)
    answer = strict.post(form, told())
    assert answer.status_code == 403
    assert typed(answer, "narrative") == TOLD
    strict.get(form)
    fresh = strict.post(form, told()).content.decode()
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', fresh)
    assert found
    assert shown_number(strict.post(form, told(csrfmiddlewaretoken=found[1])))


def test_while_no_database_answers_every_word_comes_back(phone, form, monkeypatch, every_log):
    def fail(*args, **kwargs):
        raise OperationalError("no server")

    phone.raise_request_exception = False
    sent = told(concerns_official="on")
    with monkeypatch.context() as patch:
        patch.setattr("django.db.backends.utils.CursorWrapper.execute", fail)
        answer = phone.post(form, {**sent, "injected": "planted"})
    assert answer.status_code == 503
    for name, value in sent.items():
        assert typed(answer, name) == value
    assert b"planted" not in answer.content
    assert TOLD not in every_log.text
    assert shown_number(phone.post(form, sent))


def test_a_body_that_is_too_large_is_answered_in_words(phone, form, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 50_000
    assert phone.post(form, told(narrative="x" * 60_000)).status_code == 413


# --- No trace, and the way there ------------------------------------------------------------------


def test_nothing_typed_reaches_a_log_or_a_phone(phone, form, every_log):
    for path in (form, reverse("intake:keep")):
        for words in ({}, {"district": "ถ้อยคำลับ"}, {"narrative": "ถ้อยคำลับ"}):
            answer = phone.post(path, told(**words))
            assert "no-store" in answer["Cache-Control"]
    assert "ถ้อยคำลับ" not in every_log.text
    assert "planted" not in phone.get(form, {"narrative": "planted"}).content.decode()


def test_a_headman_lands_on_the_form_and_an_officer_on_the_first_page(client, headman, hq):
    client.force_login(headman)
    assert client.get("/admin/")["Location"] == reverse("intake:index")
    client.force_login(hq)
    assert client.get("/admin/").status_code == 200


def test_the_pages_allow_no_script_inside(phone, form):
    policy = phone.get(form)["Content-Security-Policy"]
    assert "unsafe" not in policy
    html = phone.get(form).content.decode()
    assert "<style" not in html
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
