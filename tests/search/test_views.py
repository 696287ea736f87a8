"""The search page, and search where editors work."""

from unittest.mock import patch

import pytest
from django.test import RequestFactory
from django.utils import translation
from wagtail.models import PageViewRestriction

from home.models import User
from search import views
from search.backends import best

pytestmark = pytest.mark.django_db


def ask(client, language="th", **parameters):
    return client.get(f"/{language}/search/", parameters)


def titles(response) -> list[str]:
    return [page.title for page in response.context["results"]]


def test_the_page_opens_without_a_question(client, thai_home):
    response = ask(client)
    assert response.status_code == 200
    assert response.context["results"] is None


def test_a_word_inside_a_sentence_is_found(client, add):
    page = add("ข่าว", "จับกุมขบวนการค้ามนุษย์ชายแดนไทยลาว")
    response = ask(client, q=" ค้ามนุษย์ ")
    assert response.context["query"] == "ค้ามนุษย์"
    assert response.context["count"] == 1
    assert [found.pk for found in response.context["results"]] == [page.pk]
    assert page.url in response.content.decode()


def test_each_language_finds_its_own_pages(client, add, english_home):
    add("NTS-MWCC ภาษาไทย")
    add("NTS-MWCC in English", parent=english_home)
    assert titles(ask(client, "th", q="NTS-MWCC")) == ["NTS-MWCC ภาษาไทย"]
    assert titles(ask(client, "en", q="NTS-MWCC")) == ["NTS-MWCC in English"]


def test_drafts_private_pages_and_the_root_are_not_found(client, add):
    add("ลับ ร่าง", live=False)
    private = add("ลับ ส่วนตัว")
    PageViewRestriction.objects.create(page=private, restriction_type="login")
    add("ลับ ใต้หน้าส่วนตัว", parent=private)
    assert ask(client, q="ลับ").context["count"] == 0
    assert ask(client, q="Root").context["count"] == 0


def test_nothing_found_says_so(client, thai_home):
    response = ask(client, q="ไม่มีคำนี้แน่นอน")
    assert response.status_code == 200
    assert response.context["is_empty"]


def test_a_question_too_long_is_not_asked(client, thai_home):
    response = ask(client, q="ก" * 201)
    assert response.status_code == 200
    assert response.context["too_long"]
    assert response.context["results"] is None
    assert not ask(client, q="ก" * 200).context["too_long"]


@pytest.mark.parametrize("query", ["\0", "ค้า\0มนุษย์", "%", '"', "<script>", "\udcff", "*:*", "ๆ"])
@pytest.mark.parametrize("number", ["", "0", "-1", "x", "9" * 5000, "๒"])
def test_garbage_is_answered_like_any_question(client, thai_home, query, number):
    raw = query.encode("utf-8", "surrogatepass")
    assert client.get("/th/search/", {"q": raw, "page": number}).status_code == 200


def test_a_question_is_shown_as_text_and_never_as_markup(client, thai_home):
    assert b"<script>alert" not in ask(client, q="<script>alert(1)</script>").content


def test_results_come_ten_at_a_time(client, add):
    for number in range(12):
        add(f"ชายแดน {number}")
    first, second = ask(client, q="ชายแดน"), ask(client, q="ชายแดน", page=2)
    assert first.context["count"] == 12
    assert (len(titles(first)), len(titles(second))) == (10, 2)
    assert len({*titles(first), *titles(second)}) == 12
    assert titles(ask(client, q="ชายแดน", page=99)) == titles(second)


def test_a_count_beyond_what_is_shown_is_not_made_up(client, add):
    with patch.object(views, "MOST_RESULTS", 12):
        for number in range(12):
            add(f"ชายแดน {number}")
        exactly = ask(client, q="ชายแดน")
        add("ชายแดน อีกหนึ่ง")
        more = ask(client, q="ชายแดน")
    assert (exactly.context["count"], exactly.context["has_more"]) == (12, False)
    assert (more.context["count"], more.context["has_more"]) == (12, True)
    assert more.context["results"].paginator.num_pages == 2


def test_a_search_that_ends_early_says_so(client, add):
    add("เก่า", "ชายแดน")
    for number in range(3):
        add(f"ร่าง {number}", "ชายแดน", live=False)
    with patch.multiple(best, RANKED=1, LARGEST_CHUNK=1, MOST_PASSED=1):
        early = ask(client, "en", q="ชายแดน")
    whole = ask(client, q="ชายแดน")
    assert (early.context["gave_up"], whole.context["gave_up"]) == (True, False)
    assert "the search was ended early" in early.content.decode()
    assert whole.context["count"] == 1


def test_two_pages_and_twenty_cost_the_same_queries(
    client, add, django_assert_max_num_queries, django_assert_num_queries
):
    for number in range(2):
        add(f"ชายแดน {number}")
    ask(client, q="ชายแดน")  # what is cached once is cached now
    with django_assert_max_num_queries(8) as few:
        assert ask(client, q="ชายแดน").context["count"] == 2
    for number in range(18):
        add(f"ชายแดนไทยลาว {number}")
    with django_assert_num_queries(len(few)):
        assert ask(client, q="ชายแดน").context["count"] == 20


def test_what_was_asked_reaches_no_log(client, thai_home, every_log):
    ask(client, q="ความลับสุดยอด")
    ask(client, q="ความลับสุดยอด" * 50)
    messages = " ".join(record.getMessage() for record in every_log.records)
    assert "ความลับ" not in messages
    assert "%E0%B8" not in messages


def test_only_reading_is_allowed(thai_home):
    with translation.override("th"):
        assert views.search(RequestFactory().post("/th/search/")).status_code == 405


@pytest.mark.both_databases
def test_an_editor_finds_a_page_by_a_word_inside_its_title(client, add):
    add("การค้ามนุษย์ชายแดนไทยลาว")
    add("การประชุมประจำเดือน")
    client.force_login(User.objects.create_superuser("editor", password=None))
    response = client.get("/admin/pages/search/", {"q": "ค้ามนุษย์"})
    content = response.content.decode()
    assert response.status_code == 200
    assert "การค้ามนุษย์ชายแดนไทยลาว" in content
    assert "การประชุมประจำเดือน" not in content


@pytest.mark.both_databases
@pytest.mark.parametrize("order", ["title", "-title", "live", "latest_revision_created_at"])
def test_an_editor_may_order_and_narrow_what_is_found(client, add, order):
    add("การค้ามนุษย์")
    client.force_login(User.objects.create_superuser("editor", password=None))
    response = client.get("/admin/pages/search/", {"q": "ค้ามนุษย์ live:true", "ordering": order})
    assert "การค้ามนุษย์" in response.content.decode()
