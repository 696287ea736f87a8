"""make_pages: articles that are read, listed and found like those that somebody wrote."""

import pytest
from django.core.management import CommandError, call_command
from wagtail.models import Page

from articles.models import ArticleIndexPage, ArticlePage
from config.site_tree import ensure_site
from operations import made_pages

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setattr(made_pages, "BATCH", 4)
    ensure_site()


@pytest.fixture
def made(site):
    call_command("make_pages", "9")
    return ArticlePage.objects.filter(slug__startswith="made-")


def test_as_many_are_made_as_were_asked_for_and_more_can_be_added(made):
    assert made.count() == 9
    call_command("make_pages", "3", seed=1)
    assert made.count() == 12
    assert Page.find_problems() == ([], [], [], [], [])


def test_they_are_read_and_listed_in_both_languages(made, client):
    for language, count in (("th", 5), ("en", 4)):
        index = ArticleIndexPage.objects.get(locale__language_code=language)
        articles = made.filter(locale=index.locale)
        assert articles.count() == count
        listed = client.get(f"/{language}/articles/").content.decode()
        for article in articles:
            answer = client.get(f"/{language}/articles/{article.slug}/")
            assert article.title in answer.content.decode()
            assert article.slug in listed


def test_all_but_the_odd_one_have_their_translation(made):
    assert made.values("translation_key").distinct().count() == 5


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_phrase_is_found_where_it_was_put(made, client, language):
    found = client.get(f"/{language}/search/", {"q": made_pages.PHRASE[language]})
    assert [page.slug for page in found.context["results"]] == [
        made.filter(locale__language_code=language).order_by("pk").first().slug
    ]


def test_nothing_is_made_among_real_pages(site, settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="demo or bench settings only"):
        call_command("make_pages", "1")
    assert not ArticlePage.objects.filter(slug__startswith="made-").exists()
