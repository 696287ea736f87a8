"""The report form as a reporter meets it: what is taken, what is asked again, what is kept."""

import gzip
import threading
from urllib.parse import urlencode

import pytest
from captcha.models import CaptchaStore
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from home.reference import load_places
from reporting import intake, receipts
from reporting.intake import NARRATIVE_LIMIT
from reporting.models import Category, Report, ReportFormPage, SealedText, When
from reporting.reference import load_categories
from tests.factories import CategoryFactory, DistrictFactory, SubdistrictFactory
from tests.reporting.report_site import (
    FORM,
    SEEN,
    errors,
    filled,
    make_report_site,
    shown_number,
    solved,
    typed,
)


@pytest.fixture
def site(db):
    make_report_site()


@pytest.fixture
def river(site):
    return DistrictFactory(code="4301", name_th="ริมน้ำ")


@pytest.fixture
def landing(river):
    return SubdistrictFactory(district=river, code="430101", name_th="ท่าเรือ")


@pytest.fixture
def goods(site):
    return CategoryFactory(code="illegal_goods")


# --- What is taken ------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_report_is_filed_and_its_receipt_shown(client, goods, landing):
    answer = client.post(
        FORM,
        filled(
            category="illegal_goods",
            district="4301",
            subdistrict="430101",
            when=When.TODAY,
            danger_now="on",
            concerns_official="on",
        ),
    )
    report = Report.objects.get()
    assert answer.status_code == 200
    assert report.receipt_digest == receipts.digest(shown_number(answer))
    assert (report.category, report.district) == (goods, landing.district)
    assert (report.subdistrict, report.when) == (landing, When.TODAY)
    assert report.is_urgent
    assert report.concerns_official
    assert (report.channel, report.language) == ("web", "th")


def test_the_receipt_page_says_what_comes_next_and_whom_to_call(client, site):
    answer = client.post("/en/report/", filled()).content.decode()
    assert "next en" in answer
    assert 'href="tel:191"' in answer
    assert reverse("report_status").replace("/th/", "/en/") in answer


def test_the_language_of_the_page_is_kept(client, site):
    client.post("/en/report/", filled())
    assert Report.objects.get().language == "en"


def test_words_alone_are_a_report(client, site):
    assert shown_number(client.post(FORM, filled()))


def test_a_category_alone_is_a_report(client, goods):
    assert shown_number(client.post(FORM, filled(narrative="", category="illegal_goods")))


def test_neither_words_nor_category_is_asked_again(client, site):
    answer = client.post(FORM, filled(narrative=" \n "))
    assert answer.status_code == 200
    assert set(errors(answer)) == {"category"}
    assert not Report.objects.exists()


def test_what_is_not_answered_stays_open(client, site):
    client.post(FORM, filled())
    report = Report.objects.get()
    assert (report.district, report.subdistrict, report.category) == (None, None, None)
    assert report.when == When.UNKNOWN
    assert (report.is_urgent, report.concerns_official) == (False, False)


def test_a_form_without_a_token_still_files_a_report(client, site):
    assert shown_number(client.post(FORM, filled(token="")))


def test_a_form_sent_as_plain_fields_is_read_as_well(client, site):

    answer = client.post(
        FORM, urlencode(filled()), content_type="application/x-www-form-urlencoded"
    )
    assert shown_number(answer)


def test_nul_characters_are_left_out(client, river):
    answer = client.post(FORM, filled(narrative="be\x00fore", district="43\x0001"))
    assert shown_number(answer)
    assert Report.objects.get().district == river


def test_files_are_not_kept(client, site, tmp_path, settings):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    large = SimpleUploadedFile("picture.jpg", b"x" * 4_000_000)
    assert shown_number(client.post(FORM, {**filled(), "picture": large}))
    assert not list(tmp_path.iterdir())


# --- Sent again ---------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_the_same_form_sent_again_shows_the_same_receipt(client, site):
    sent = filled()
    first, second = client.post(FORM, sent), client.post(FORM, sent)
    assert shown_number(first) == shown_number(second)
    assert Report.objects.count() == 1
    assert b"notice-done" not in first.content
    assert b"notice-done" in second.content


def test_a_repeat_is_answered_whatever_has_changed_since(client, goods):
    sent = filled(category=goods.code)
    first = client.post(FORM, sent)
    goods.is_active = False
    goods.save()
    again = client.post(FORM, sent)
    assert shown_number(again) == shown_number(first)
    assert Report.objects.count() == 1


def test_minutes_later_the_same_form_shows_no_receipt(client, site):
    sent = filled()
    assert shown_number(client.post(FORM, sent))
    CaptchaStore.objects.update(expiration=timezone.now())  # as ten minutes do
    late = client.post(FORM, sent)
    assert shown_number(late) is None
    assert "แสดงไปแล้ว" in late.content.decode()
    assert Report.objects.count() == 1


def test_who_knows_the_token_alone_sees_no_receipt(client, site):
    sent = filled()
    client.post(FORM, sent)
    assert shown_number(client.post(FORM, {"token": sent["token"]})) is None
    other = {**sent, **solved()}
    assert shown_number(client.post(FORM, other)) is None
    assert Report.objects.count() == 1


def test_a_captcha_that_another_report_spent_shows_no_receipt(client, site):
    first = filled()
    client.post(FORM, first)
    CaptchaStore.objects.update(expiration=timezone.now())  # as ten minutes do
    second = filled()
    assert shown_number(client.post(FORM, second))
    theirs = {**first, **{name: second[name] for name in ("captcha_0", "captcha_1")}}
    assert shown_number(client.post(FORM, theirs)) is None
    assert shown_number(client.post(FORM, second))


def test_a_token_that_somebody_put_into_the_form_is_not_kept(client, site):
    planted = "planted by another site, long enough to be a token"
    for sent in ({"captcha_action": "picture"}, filled(captcha_1="wrong"), {}):
        page = client.post(FORM, {**sent, "token": planted}).content.decode()
        assert 'name="token"' in page
        assert planted not in page


def test_another_form_is_another_report(client, site):
    assert shown_number(client.post(FORM, filled())) != shown_number(client.post(FORM, filled()))
    assert Report.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_twice_at_once_is_one_report():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one in at a time")
    make_report_site()
    sent, barrier, numbers = filled(), threading.Barrier(2), []

    def send() -> None:
        barrier.wait()
        numbers.append(shown_number(Client().post(FORM, sent)))
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert numbers[0] is not None
    assert numbers[0] == numbers[1]
    assert Report.objects.count() == 1


# --- Asked again, with everything kept ----------------------------------------------------------


def test_everything_typed_stays_beside_the_message(client, goods, landing):
    sent = filled(
        narrative="<b>ตัวหนา</b>\n&amp; บรรทัดสอง",
        category="illegal_goods",
        district="4301",
        subdistrict="430101",
        when="today",
        danger_now="on",
        concerns_official="on",
        captcha_1="wrong",
    )
    answer = client.post(FORM, sent)
    assert set(errors(answer)) == {"captcha_1"}
    for name in sent.keys() - {"token", "captcha_0", "captcha_1"}:
        assert typed(answer, name) == sent[name]
    assert 'href="#id_captcha_1"' in answer.content.decode()


def test_a_megabyte_stays_and_the_message_says_how_long_that_is(client, site):
    text = "ก" * 340_000
    answer = client.post(FORM, filled(narrative=text))
    assert answer.status_code == 200
    assert "340,000" in errors(answer)["narrative"]
    assert typed(answer, "narrative") == text
    assert not Report.objects.exists()


def test_the_longest_text_is_taken(client, site):
    # Browsers send line ends as two characters; the reporter typed one.
    assert shown_number(client.post(FORM, filled(narrative="ก\r\n" * (NARRATIVE_LIMIT // 2))))


@pytest.mark.parametrize(
    ("name", "code"), [("category", "gone"), ("district", "0000"), ("when", "never")]
)
def test_a_choice_that_is_not_offered_is_asked_again(client, goods, river, name, code):
    answer = client.post(FORM, filled(**{name: code}))
    assert set(errors(answer)) == {name}
    assert typed(answer, "narrative") == SEEN
    assert code not in errors(answer)[name]


def test_a_category_removed_meanwhile_is_asked_again(client, goods):
    sent = filled(category="illegal_goods")
    Category.objects.update(is_active=False)
    answer = client.post(FORM, sent)
    assert set(errors(answer)) == {"category"}
    assert typed(answer, "narrative") == SEEN


def test_a_district_taken_off_the_list_takes_its_subdistricts_along(client, landing):
    sent = filled(subdistrict="430101")
    landing.district.is_active = False
    landing.district.save()
    assert set(errors(client.post(FORM, sent))) == {"subdistrict"}


def test_a_subdistrict_tells_its_district(client, landing):
    client.post(FORM, filled(subdistrict="430101"))
    assert Report.objects.get().district == landing.district


def test_a_subdistrict_of_another_district_is_asked_again(client, landing):
    DistrictFactory(code="3801", name_th="บนเขา")
    answer = client.post(FORM, filled(district="3801", subdistrict="430101"))
    for place in ("ท่าเรือ", "ริมน้ำ", "บนเขา"):
        assert place in errors(answer)["subdistrict"]
    assert (typed(answer, "district"), typed(answer, "subdistrict")) == ("3801", "430101")


def test_the_summary_names_every_problem_in_the_order_of_the_page(client, site):
    answer = client.post(FORM, filled(narrative="ก" * 20_001, district="0000", captcha_1=""))
    anchors = ["#id_district", "#id_narrative", "#id_captcha_1"]
    html = answer.content.decode()
    assert sorted(anchors, key=lambda anchor: html.index(f'href="{anchor}"')) == anchors


def test_a_solved_captcha_is_not_asked_for_again(client, site):
    sent = filled(narrative="")
    again = client.post(FORM, sent)
    assert typed(again, "captcha_1") == sent["captcha_1"]
    mended = {**sent, "narrative": SEEN, "captcha_0": typed(again, "captcha_0")}
    assert shown_number(client.post(FORM, mended))


@pytest.mark.parametrize(("narrative", "is_said"), [(SEEN, True), ("", False)])
def test_only_who_wrote_something_is_told_that_it_is_still_there(client, site, narrative, is_said):
    answer = client.post("/en/report/", filled(narrative=narrative, captcha_1=""))
    assert "error-summary" in answer.content.decode()
    assert ("Everything you wrote is still there" in answer.content.decode()) == is_said


# --- When it cannot be taken --------------------------------------------------------------------


def test_without_keys_everything_typed_stays_and_the_answer_is_503(client, site, settings):
    keys = settings.REPORT_PUBLIC_KEYS
    settings.REPORT_PUBLIC_KEYS = ""
    sent = filled()
    answer = client.post(FORM, sent)
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert typed(answer, "narrative") == SEEN
    assert b'href="tel:191"' in answer.content
    assert not Report.objects.exists()
    settings.REPORT_PUBLIC_KEYS = keys
    assert shown_number(client.post(FORM, sent)), "the solved captcha still counts"


def test_whatever_fails_the_words_stay(client, goods, monkeypatch):
    def fail(*args, **kwargs):
        raise OverflowError

    monkeypatch.setattr("reporting.deadlines.due_at", fail)
    answer = client.post(FORM, filled(category=goods.code))
    assert answer.status_code == 503
    assert typed(answer, "narrative") == SEEN


def test_a_database_that_takes_nothing_answers_the_same(client, site, monkeypatch):
    def refuse(*args, **kwargs):
        raise OperationalError("database is locked")

    monkeypatch.setattr(intake, "receive", refuse)
    answer = client.post(FORM, filled())
    assert answer.status_code == 503
    assert typed(answer, "narrative") == SEEN


@pytest.mark.parametrize("path", [FORM, "/en/report/", "/th/report/status/"])
def test_too_large_a_body_is_answered_in_words(client, site, settings, path):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 50_000
    answer = client.post(path, filled(narrative="x" * 60_000, receipt="x" * 60_000))
    assert answer.status_code == 413
    assert FORM.replace("/th/", path[:4]) in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"


def test_too_many_fields_are_answered_in_words(client, site):
    answer = client.post(FORM, {f"field-{number}": "x" for number in range(1_001)})
    assert answer.status_code == 400
    assert FORM in answer.content.decode()


def test_a_body_cut_off_is_answered_in_words(client, site):
    answer = client.post(FORM, b"--x\r\nnothing", content_type="multipart/form-data; boundary=")
    assert answer.status_code == 400
    assert FORM in answer.content.decode()


# --- No trace -----------------------------------------------------------------------------------


def test_no_cookie_is_set_and_nothing_is_stored_on_the_phone(client, site):
    sent = filled()
    for answer in (
        client.get(FORM),
        client.post(FORM, {**sent, "captcha_action": "question"}),
        client.post(FORM, {**sent, "narrative": ""}),
        client.post(FORM, sent),
    ):
        assert not answer.cookies
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "no-referrer"


def test_only_the_form_itself_may_be_found_by_a_search_engine(client, site):
    assert "X-Robots-Tag" not in client.get(FORM)
    assert "noindex" in client.post(FORM, filled())["X-Robots-Tag"]


def test_the_title_does_not_tell_what_the_page_is(client, site):
    for answer in (client.get(FORM), client.post(FORM, filled())):
        title = answer.content.decode().split("<title>")[1].split("</title>")[0]
        assert "แจ้ง" not in title
        assert "eport" not in title


def test_nothing_typed_reaches_a_log(client, site, settings, every_log):
    client.post(FORM, filled(narrative="ถ้อยคำลับ", captcha_1="wrong"))
    client.post(FORM, filled(narrative="ถ้อยคำลับ", district="ถ้อยคำลับ"))
    client.post(FORM, filled(narrative="ถ้อยคำลับ"))
    settings.REPORT_PUBLIC_KEYS = ""
    client.post(FORM, filled(narrative="ถ้อยคำลับ"))
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    client.post(FORM, {"narrative": "ถ้อยคำลับ" * 100})
    assert "ถ้อยคำลับ" not in every_log.text
    assert SealedText.objects.count() == 1


def test_nothing_typed_is_taken_from_an_address(client, site):
    answer = client.get(FORM, filled(narrative="ถ้อยคำลับ"))
    assert typed(answer, "narrative") == ""
    assert not Report.objects.exists()


def test_the_form_needs_no_cookie_so_another_site_has_nothing_to_ride_on(site):
    assert shown_number(Client(enforce_csrf_checks=True).post(FORM, filled()))


# --- The page -----------------------------------------------------------------------------------


def test_the_form_is_one_page_a_language(client, site):
    thai, english = client.get(FORM).content.decode(), client.get("/en/report/").content.decode()
    assert 'href="/en/report/"' in thai
    assert 'href="/th/report/"' in english
    assert "191 th" in thai
    assert 'href="tel:191"' in thai


def test_every_offered_choice_stands_on_the_page(client, goods, landing):
    CategoryFactory(code="retired", is_active=False)
    html = client.get(FORM).content.decode()
    assert 'value="illegal_goods"' in html
    assert 'value="retired"' not in html
    assert 'value="4301"' in html
    assert 'value="430101"' in html
    assert 'maxlength="' not in html


def test_the_number_of_queries_does_not_follow_the_number_of_choices(client, site):
    def add(numbers) -> None:
        for number in numbers:
            CategoryFactory(code=f"category-{number}")
            SubdistrictFactory(code=f"99{number:04d}", district__code=f"99{number:02d}")

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(FORM)
        return len(queries)

    add(range(2))
    client.get(FORM)
    few = count()
    add(range(2, 20))
    assert count() == few


def test_the_page_is_light_with_all_the_places_of_the_project(client, site):
    load_places()
    load_categories()
    page = client.get(FORM).content
    assert page.count(b"<option") > 300
    assert page.count(b'name="category"') == 9
    assert len(gzip.compress(page)) < 20_000


def test_the_editor_sees_the_form_in_the_preview(site):
    page = ReportFormPage.objects.get(locale__language_code="th")
    answer = page.make_preview_request()
    assert answer.status_code == 200
    assert b"report-form" in answer.content
    assert CaptchaStore.objects.count() == 1


# --- When no database answers at all --------------------------------------------------------------


@pytest.fixture
def no_database(monkeypatch):
    """Every statement fails, as it does while the server is away."""

    def fail(*args, **kwargs):
        raise OperationalError("no server")

    with monkeypatch.context() as patch:
        patch.setattr("django.db.backends.utils.CursorWrapper.execute", fail)
        yield patch


def test_without_a_database_what_was_typed_is_shown_to_be_sent_again(client, site, no_database):
    sent = {
        "token": "t" * 43,
        "narrative": f'{SEEN}\n<b>"&',
        "captcha_0": "k",
        "captcha_1": "12345",
    }
    answer = client.post(FORM, {**sent, "danger_now": "on", "injected": "planted"})
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert answer["Cache-Control"] == "no-store"
    for name, value in {**sent, "danger_now": "on"}.items():
        assert typed(answer, name) == value
    assert b"planted" not in answer.content
    assert b'href="tel:191"' in answer.content
    no_database.undo()
    again = {**{name: typed(answer, name) for name in sent}, **solved()}
    assert shown_number(client.post(FORM, again))


@pytest.mark.parametrize("path", [FORM, "/en/report/", "/th/report/status/"])
def test_without_a_database_the_reporters_pages_say_so(client, site, no_database, path):
    answer = client.get(path)
    assert answer.status_code == 503
    assert f'href="{path}"' in answer.content.decode()
    assert b"<textarea" not in answer.content


def test_without_a_database_a_contest_keeps_its_words(client, site, no_database):
    sent = {"receipt": "1234 5678 9012 3456", "action": "contest", "words": SEEN}
    answer = client.post("/th/report/status/", sent)
    assert answer.status_code == 503
    assert {name: typed(answer, name) for name in sent} == sent


def test_without_a_database_nothing_typed_reaches_a_log(client, site, no_database, every_log):
    client.post(FORM, {"token": "t" * 43, "narrative": "ถ้อยคำลับ"})
    assert "OperationalError" in every_log.text
    assert "ถ้อยคำลับ" not in every_log.text
