import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Locale

from articles.models import ArticleIndexPage, ArticlePage
from articles.starter import CONTENT, ensure_index, load_demo
from home.content import read_json
from home.reference import load_places
from home.starter import ensure_home

pytestmark = pytest.mark.django_db


@pytest.fixture
def index(db) -> ArticleIndexPage:
    return ensure_index(ensure_home())


def add_article(index, number):
    page = ArticlePage(
        title=f"บทความที่ {number}",
        slug=f"article-{number}",
        standfirst="เรื่องที่ควรรู้",
        date="2024-06-01",
        topic="drugs",
        locale=index.locale,
        body=[("paragraph", "<p>ข้อความ</p>")],
    )
    index.add_child(instance=page)
    return page


@pytest.fixture
def places(db):
    load_places()


def test_the_demo_has_its_articles_in_both_languages(index, places):
    load_demo(index)
    assert ArticlePage.objects.live().count() == 2 * len(list(CONTENT.glob("*.json"))) >= 24
    for page in ArticlePage.objects.live():
        text = page.title + page.standfirst + str(page.body)
        has_thai = bool(re.search("[ก-๙]", text))
        assert has_thai == (page.locale.language_code == "th"), page.slug
    load_demo(index)
    assert ArticlePage.objects.count() == 2 * len(list(CONTENT.glob("*.json")))


def test_an_article_leads_to_itself_in_the_other_language(index, client):
    article = add_article(index, 1)
    english = article.copy_for_translation(
        index.get_translation_or_none(locale_for("en")).locale, copy_parents=True
    )
    english.title = "Article one"
    english.save_revision().publish()
    html = client.get(article.url).content.decode()
    assert f'href="{english.url}"' in html
    assert '<html lang="th"' in html
    assert '<html lang="en"' in client.get(english.url).content.decode()


def locale_for(code):
    return Locale.objects.get(language_code=code)


def test_a_draft_is_not_shown(index, client):
    article = add_article(index, 1)
    article.unpublish()
    assert client.get(article.url).status_code == 404
    assert "บทความที่ 1" not in client.get(index.url).content.decode()


def test_the_index_takes_the_same_queries_for_two_articles_and_for_twelve(index, client):
    for number in range(2):
        add_article(index, number)
    client.get(index.url)
    with CaptureQueriesContext(connection) as few:
        client.get(index.url)
    for number in range(2, 12):
        add_article(index, number)
    with CaptureQueriesContext(connection) as many:
        client.get(index.url)
    assert len(many) == len(few)


@pytest.mark.parametrize("query", ["?page=9999", "?page=x", "?topic=nonsense", "?topic=drugs"])
def test_whatever_stands_in_the_address_the_index_answers(index, client, query):
    add_article(index, 1)
    assert client.get(index.url + query).status_code == 200


def test_related_articles_share_topic_and_language(index):
    article, other = add_article(index, 1), add_article(index, 2)
    assert list(article.related) == [other]


def test_content_files_name_only_what_exists():
    for path in CONTENT.glob("*.json"):
        content = read_json(path)
        assert content["slug"] == path.stem
        assert content["topic"] in dict(ArticlePage._meta.get_field("topic").choices)
        assert content["picture"] in dict(ArticlePage._meta.get_field("picture").choices)
