"""Search with SEARCH_URL: through opensearch-py, over HTTP, at a server that is no OpenSearch.

The server (search_url in conftest.py) knows whitespace, phrases, prefixes, filters, sorting,
aliases and versions. requests.json holds what we send, so that a change of it is seen and can be
compared with OpenSearch's documentation.
"""

import json
import logging
import re
import socket
import time
from pathlib import Path
from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.db.models import F
from django.test import override_settings
from opensearchpy.exceptions import TransportError
from wagtail.documents.models import Document
from wagtail.models import Page, PageViewRestriction
from wagtail.search.backends import get_search_backend
from wagtail.search.index import get_indexed_models
from wagtail.search.query import MATCH_ALL

from config import logs
from config.settings.base import search_backends
from home.models import StandardPage, User
from operations import health
from search.backends.opensearch import is_filled, queries
from search.backends.opensearch.outage import outage
from search.tasks import reflect
from work.models import Job

from .test_backend import COMPLETED, GARBAGE, JUDGED, QUERIES, TEXTS

pytestmark = [pytest.mark.django_db]
FEW = 3  # queries: the site, what stands around every page, and the pages found
LEDGER = {"default": {"BACKEND": "work.backend.LedgerBackend"}}


@pytest.fixture
def pages(opensearch, add) -> dict[str, StandardPage]:
    pages = {name: add(name, text) for name, text in TEXTS.items()}
    opensearch.refresh_indexes()
    return pages


@pytest.fixture
def no_database():
    """Whoever asks the database's index instead of OpenSearch fails."""
    with patch.object(queries.TokenQueryMixin, "in_database", side_effect=AssertionError):
        yield


@pytest.fixture
def no_outage():
    """A question that OpenSearch refuses fails, instead of being answered by the database."""
    with patch.object(outage, "note", side_effect=AssertionError):
        yield


def ask(client, **parameters):
    return client.get("/th/search/", parameters)


def found(query, **kwargs) -> set[str]:
    return {page.title for page in StandardPage.objects.search(query, **kwargs)}


# --- The same answers -----------------------------------------------------------------------------


def test_queries_find_the_texts_that_they_find_in_the_database(pages, no_database):
    assert {query: found(query) for query, _ in JUDGED} == dict(JUDGED)


def test_two_words_are_both_asked_for(pages, no_database):
    assert found("trafficking officers") == {"english"}
    assert found("trafficking สัมมนา") == set()


def test_query_objects_mean_what_they_mean_in_the_database(pages, no_outage):
    assert [(query, found(query)) for query, _ in QUERIES] == QUERIES


def test_garbage_is_harmless(pages, no_outage):
    for query in GARBAGE:
        for search in (StandardPage.objects.search, StandardPage.objects.autocomplete):
            assert len(search(query)) == search(query).count()


def test_titles_complete_from_the_beginning_of_a_word_the_shortest_first(
    opensearch, add, no_database
):
    titles = ("จังหวัดเชียงราย", "การค้ามนุษย์", "Partner agencies")
    for title in (*titles, "ชายแดนไทยลาวตลอดแม่น้ำโขง", "ชายแดน", "ชายแดนไทยลาว"):
        add(title)
    opensearch.refresh_indexes()
    completed = {q: [p.title for p in Page.objects.autocomplete(q)] for q, _ in COMPLETED}
    assert completed == dict(COMPLETED)
    border = [page.title for page in Page.objects.autocomplete("ชายแดน")]
    assert border == ["ชายแดน", "ชายแดนไทยลาว", "ชายแดนไทยลาวตลอดแม่น้ำโขง"]


def test_the_best_match_comes_first(opensearch, add, no_database):
    add("once", "ข่าวเรื่องยาเสพติด")
    add("often", "ยาเสพติด ยาเสพติด และยาเสพติด")
    add("ยาเสพติด")
    add("beginning", "ถนนยาวและตรง")
    add("word", "เขาขายยาให้เด็ก")
    opensearch.refresh_indexes()
    titles = [page.title for page in StandardPage.objects.search("ยาเสพติด")]
    assert titles == ["ยาเสพติด", "often", "once"]
    # A word by itself before the beginning of another.
    titles = [page.title for page in StandardPage.objects.search("ยา")]
    assert titles.index("word") < titles.index("beginning")


def test_a_very_long_word_is_found(opensearch, add, no_database):
    word = "\u0436" * 60  # each becomes several letters: longer than the tokenizer's own limit
    add("long", f"a {word} b")
    opensearch.refresh_indexes()
    assert found(word) == {"long"}


def test_filters_orders_slices_and_facets_are_kept(opensearch, add, thai_home, english_home):
    for number in range(4):
        add(f"ชายแดน {number}", live=number != 3)
    add("ชายแดน 9", parent=english_home)
    opensearch.refresh_indexes()
    pages = StandardPage.objects.filter(locale=thai_home.locale, live=True)
    with patch.object(queries.TokenQueryMixin, "in_database", side_effect=AssertionError):
        by_title = pages.order_by("-title").search("ชายแดน", order_by_relevance=False)
        assert [page.title for page in by_title] == ["ชายแดน 2", "ชายแดน 1", "ชายแดน 0"]
        assert [page.title for page in by_title[1:2]] == ["ชายแดน 1"]
        assert all(page.score > 0 for page in pages.search("ชายแดน").annotate_score("score"))
        assert dict(StandardPage.objects.search("ชายแดน").facet("locale_id")) == {
            thai_home.locale_id: 4,
            english_home.locale_id: 1,
        }
    # Orders that only the database can compute, and lists without a question, are its own.
    computed = pages.order_by(F("title").desc()).search("ชายแดน", order_by_relevance=False)
    assert [page.title for page in computed] == ["ชายแดน 2", "ชายแดน 1", "ชายแดน 0"]
    assert pages.search(MATCH_ALL).count() == 3


# --- The public page and the admin ----------------------------------------------------------------


def test_the_page_answers_from_opensearch_in_each_language(
    client, opensearch, add, english_home, no_database
):
    add("NTS-MWCC ภาษาไทย")
    add("NTS-MWCC in English", parent=english_home)
    opensearch.refresh_indexes()
    assert [p.title for p in ask(client, q="NTS-MWCC").context["results"]] == ["NTS-MWCC ภาษาไทย"]
    english = client.get("/en/search/", {"q": "NTS-MWCC"}).context["results"]
    assert [page.title for page in english] == ["NTS-MWCC in English"]


def test_an_editor_searches_in_opensearch(client, opensearch, add, no_database):
    add("การค้ามนุษย์ชายแดนไทยลาว", live=False)
    add("การประชุมประจำเดือน")
    opensearch.refresh_indexes()
    client.force_login(User.objects.create_superuser("editor", password=None))
    for order in ("", "title", "-title", "live", "latest_revision_created_at"):
        address = "/admin/pages/search/"
        content = client.get(address, {"q": "ค้ามนุษย์", "ordering": order}).content.decode()
        assert "การค้ามนุษย์ชายแดนไทยลาว" in content
        assert "การประชุมประจำเดือน" not in content


def test_what_the_database_hides_is_not_shown_whatever_the_index_says(client, opensearch, add):
    draft, private = add("ลับ ร่าง"), add("ลับ ส่วนตัว")
    add("ลับ ใต้หน้าส่วนตัว", parent=private)
    shown = add("ลับ แต่เปิดเผย")
    opensearch.refresh_indexes()
    Page.objects.filter(pk=draft.pk).update(live=False)  # says nothing to the index
    PageViewRestriction.objects.create(page=private, restriction_type="login")
    results = ask(client, q="ลับ").context["results"]
    assert [page.pk for page in results] == [shown.pk]


def test_the_number_of_queries_and_of_questions_does_not_grow(
    client, opensearch, add, no_database, django_assert_num_queries
):
    def questions():
        with patch.object(type(opensearch.es.transport), "perform_request", autospec=True) as asked:
            asked.side_effect = perform
            assert ask(client, q="ชายแดน").context["count"]
        return asked.call_count

    perform = type(opensearch.es.transport).perform_request
    for number in range(2):
        add(f"ชายแดน {number}")
    opensearch.refresh_indexes()
    ask(client, q="ชายแดน")  # what is cached once is cached now
    with django_assert_num_queries(FEW):
        few = questions()
    for number in range(18):
        add(f"ชายแดนไทยลาว {number}")
    opensearch.refresh_indexes()
    with django_assert_num_queries(FEW):
        assert questions() == few == 3  # is it more than a hundred, how many, and which


def test_no_more_results_than_opensearch_gives_are_asked_for(opensearch, add, no_database):
    for number in range(4):
        add(f"ชายแดน {number}")
    opensearch.refresh_indexes()
    with patch.object(queries, "WINDOW", 3):
        everything = StandardPage.objects.search("ชายแดน")
        assert (len(everything), everything.count()) == (3, 3)
        assert (len(everything[2:9]), everything[2:9].count()) == (1, 1)
        assert (len(everything[3:9]), everything[3:9].count()) == (0, 0)


# --- Kept current ---------------------------------------------------------------------------------


def test_what_is_changed_moved_or_deleted_is_found_as_it_is(
    opensearch, add, english_home, no_database
):
    def below(page):
        opensearch.refresh_indexes()
        return {p.title for p in Page.objects.descendant_of(page).search("เรือ")}

    parent, other = add("บน"), add("อื่น")
    page = add("เก่า", "ยาบ้า", parent=parent)
    page.intro = "เรือ"
    page.save()
    assert found("ยาบ้า") == set()
    assert below(parent) == {"เก่า"}
    parent.refresh_from_db()
    parent.move(other, pos="last-child")
    assert below(other) == {"เก่า"}
    StandardPage.objects.get(pk=page.pk).delete()
    assert below(other) == set()


def test_documents_are_searched_too(opensearch, no_database):
    document = Document.objects.create(title="คู่มือชายแดน", file="guide.pdf")
    opensearch.refresh_indexes()
    assert [*Document.objects.search("ชายแดน")] == [document]


def test_a_reading_that_comes_late_changes_nothing(opensearch, add, no_database):
    page = add("เก่า", "ยาบ้า")
    index = opensearch.get_index_for_model(Page)
    late = StandardPage.objects.get(pk=page.pk)
    page.intro = "เรือ"
    page.save()
    index.show(late, 1)
    index.refresh()
    assert (found("ยาบ้า"), found("เรือ")) == (set(), {"เก่า"})
    index.forget(page.pk, 1)  # from when it was not there: it came back before this arrives
    index.refresh()
    assert found("เรือ") == {"เก่า"}
    index.forget(page.pk, time.time_ns())
    index.refresh()
    assert found("เรือ") == set()


def test_a_save_writes_a_task_of_ids_and_waits_for_nobody(opensearch, add, silence):
    with override_settings(TASKS=LEDGER, **silence):
        page = add("ชื่อลับ", "เรื่องลับ")
        pk = page.pk
        page.delete()
    jobs = Job.objects.filter(path="search.tasks.reflect").values_list("args", "kwargs")
    labels = {tuple(args) for args, _ in jobs}
    assert ("home", "standardpage", str(pk)) in labels
    assert all(isinstance(part, str) and "ลับ" not in part for args in labels for part in args)
    assert not any(kwargs for _, kwargs in jobs)


def test_what_could_not_be_indexed_is_a_task_that_failed_and_comes_right_later(
    opensearch, add, silence
):
    with override_settings(TASKS=LEDGER):
        page = add("ทีหลัง", "ยาบ้า")
    with override_settings(**silence), pytest.raises(Exception, match="Connection"):
        reflect.call("home", "standardpage", str(page.pk))
    for _ in range(2):  # it may run twice
        reflect.call("home", "standardpage", str(page.pk))
    opensearch.refresh_indexes()
    with patch.object(queries.TokenQueryMixin, "in_database", side_effect=AssertionError):
        assert found("ยาบ้า") == {"ทีหลัง"}


def test_without_search_url_nothing_is_asked_for(add):
    with override_settings(TASKS=LEDGER):
        add("หน้า").delete()
    assert not Job.objects.filter(path__startswith="search.tasks.").exists()


def test_before_the_first_fill_nothing_is_written_and_the_database_answers(
    search_url, settings, add
):
    settings.SEARCH_SERVER = {"host": "127.0.0.1", "port": int(search_url.rpartition(":")[2])}
    settings.WAGTAILSEARCH_BACKENDS = search_backends(settings.SEARCH_SERVER)
    page = add("ชายแดน")
    backend = get_search_backend()
    assert found("ชายแดน") == {"ชายแดน"}
    backend.get_index_for_model(Page).add_items(StandardPage, [page])
    # The server of the tests makes no index for a deletion; OpenSearch would.
    with patch.object(backend.es.__class__, "delete", side_effect=AssertionError):
        backend.get_index_for_model(Page).forget(page.pk, time.time_ns())
    assert backend.es.cat.indices(format="json") == []
    assert not outage.is_on  # it answered
    assert not is_filled()
    call_command("update_index", verbosity=0)
    assert is_filled()
    with patch.object(queries.TokenQueryMixin, "in_database", side_effect=AssertionError):
        assert found("ชายแดน") == {"ชายแดน"}


# --- While it is away -----------------------------------------------------------------------------


@pytest.fixture
def silence(monkeypatch):
    """Settings with a server that takes a connection and then says nothing."""
    monkeypatch.setattr(queries, "PATIENCE", 0.05)
    monkeypatch.setattr("search.backends.opensearch.INDEXING_PATIENCE", 0.05)
    outage.forget()
    with socket.create_server(("127.0.0.1", 0)) as server:
        host = {"host": "127.0.0.1", "port": server.getsockname()[1]}
        yield {"SEARCH_SERVER": host, "WAGTAILSEARCH_BACKENDS": search_backends(host)}
    outage.forget()


def test_a_reader_gets_the_databases_answer_and_few_wait_for_it(client, add, silence):
    add("ชายแดน")
    with override_settings(**silence):
        transport = type(get_search_backend().es.transport)
        with patch.object(
            transport, "perform_request", autospec=True, side_effect=transport.perform_request
        ) as asked:
            for _ in range(3):
                response = ask(client, q="ชายแดน")
                assert response.status_code == 200
                assert [page.title for page in response.context["results"]] == ["ชายแดน"]
        assert asked.call_count == 1
        with patch("search.backends.opensearch.outage.time.monotonic", return_value=1e12):
            assert not outage.is_on


def test_autocomplete_slices_scores_and_facets_come_from_the_database_too(add, thai_home, silence):
    for number in range(3):
        add(f"ชายแดน {number}")
    with override_settings(**silence):
        outage.is_over_at = 1e12
        assert Page.objects.autocomplete("ชายแ").count() == 3
        part = Page.objects.search("ชายแดน")[1:3]
        assert len(part) == 2
        assert part.count() == 2
        assert all(page.score > 0 for page in Page.objects.search("ชายแดน").annotate_score("score"))
        assert dict(Page.objects.search("ชายแดน").facet("locale_id")) == {thai_home.locale_id: 3}


@pytest.mark.parametrize(
    ("status", "is_away"), [(400, False), (404, False), (429, True), (503, True)]
)
def test_a_refusal_of_one_question_is_no_outage(opensearch, add, status, is_away):
    add("ชายแดน")
    with patch.object(type(opensearch.es), "search", side_effect=TransportError(status, "ชายแดน")):
        assert found("ชายแดน") == {"ชายแดน"}
    assert outage.is_on is is_away


def test_a_process_says_whether_search_answers_and_stays_in_rotation(client, opensearch, silence):
    health.search.forget()
    assert client.get("/readyz").json()["search"] is True
    health.search.forget()
    with override_settings(**silence):
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["search"]) == (200, False)
    health.search.forget()


# --- What leaves the database, and what the log is told -------------------------------------------


def test_no_report_and_no_person_is_ever_indexed():
    assert {model._meta.label for model in get_indexed_models()} == {
        "articles.ArticleIndexPage",
        "articles.ArticlePage",
        "events.EventIndexPage",
        "events.EventPage",
        "home.HomePage",
        "home.StandardPage",
        "reporting.ReportFormPage",  # the page with the form on it, with its title alone
        "wagtailcore.Page",
        "wagtaildocs.Document",
        "wagtailimages.Image",
    }


def written(record: logging.LogRecord) -> str:
    return logs.Plain().format(record)


def test_neither_titles_nor_questions_reach_the_log(client, opensearch, add, every_log, silence):
    page = add("ชื่อลับ", "เรื่องลับ", live=False)
    ask(client, q="คำถามลับ")
    with override_settings(**silence):
        ask(client, q="คำถามลับ")
        with pytest.raises(Exception, match="Connection"):
            reflect.call("home", "standardpage", str(page.pk))
    quoting = logs.Quoting()
    # every_log turned Wagtail up, which tells editors' steps where it is not set to WARNING.
    heard = [record for record in every_log.records if not record.name.startswith("wagtail")]
    lines = [written(record) for record in heard if quoting.filter(record)]
    assert any("OpenSearch did not answer" in line for line in lines)
    assert "ลับ" not in "\n".join(lines)


def test_a_row_in_a_message_of_modelsearch_stands_for_its_class(add, caplog):
    page = add("ชื่อลับ", live=False)
    with patch("search.backends.indexing.tokens.indexed", side_effect=ValueError("เรื่องลับ")):
        page.save()  # a task of its own fails
    lines = [written(record) for record in caplog.records if record.name == "modelsearch.index"]
    assert "Exception raised while adding 'StandardPage' into the 'default'" in lines[0]
    assert "ลับ" not in "\n".join(lines)


# --- The contract ---------------------------------------------------------------------------------

CONTRACT = Path(__file__).with_name("requests.json")


def test_what_is_sent_is_what_was_agreed(client, opensearch, add, monkeypatch):
    """Change requests.json only with OpenSearch's documentation beside you."""
    sent = []
    transport = type(opensearch.es.transport)
    perform = transport.perform_request

    def record(self, method, url, params=None, body=None, **options):
        sent.append({"do": f"{method} {url}", "params": dict(params or {}), "body": body})
        return perform(self, method, url, params=params, body=body, **options)

    monkeypatch.setattr(transport, "perform_request", record)
    monkeypatch.setattr("time.time_ns", lambda: 7)
    call_command("update_index", verbosity=0)
    page = add("ชายแดน", "ค้ามนุษย์")
    ask(client, q="ค้ามนุษย์ รถ")
    Page.objects.autocomplete("ชายแ")[:5].results()
    dict(StandardPage.objects.search("รถ").facet("locale_id"))
    page.delete()
    assert is_filled()
    assert told(sent) == json.loads(CONTRACT.read_text())


def told(sent: list[dict]) -> list[dict]:
    """Each kind of request about pages once, with names in place of what differs by the run."""
    kinds: dict[str, dict] = {}
    for request in sent:
        text = json.dumps(request, default=plain)
        text = re.sub(r"(mekong_wagtailcore_page)_[a-z0-9]{7}\b", r"\1_NEW", text)
        text = re.sub(r"/_doc/\d+", "/_doc/PK", text)
        text = re.sub(r'("(?:\w+_filter|pk)": )"?\d+"?', r'\1"KEY"', text)
        kind = json.loads(text)
        is_of_others = "_mapping" in kind["do"] and "home_standardpage__intro" not in text
        if "wagtailcore_page" not in kind["do"] or is_of_others:
            continue
        if isinstance(kind["body"], str):  # a bulk's lines: the first object tells the form of all
            kind["body"] = [sorted(json.loads(line)) for line in kind["body"].splitlines()[:2]]
        is_question = kind["do"].endswith(("_search", "_count"))
        kinds.setdefault(kind["do"] + str(kind["body"] or "")[: None if is_question else 60], kind)
    return list(kinds.values())


def plain(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else type(value).__name__
