"""A home page in each language, and pages below it made of a title and a text."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from django.core.management import call_command
from wagtail.models import Locale, Page, Site
from wagtail.search.backends import get_search_backend

from config import environment
from config.settings.base import search_backends
from home.models import HomePage, StandardPage
from search.backends.opensearch.outage import outage

Add = Callable[..., StandardPage]


def _home(language_code: str) -> HomePage:
    locale, _ = Locale.objects.get_or_create(language_code=language_code)
    home = HomePage(
        title=f"Home {language_code}", slug=f"home-{language_code}", lead="-", locale=locale
    )
    return Page.get_first_root_node().add_child(instance=home)


@pytest.fixture
def thai_home(db) -> HomePage:
    home = _home("th")
    Site.objects.update(root_page=home)
    return home


@pytest.fixture
def english_home(thai_home) -> HomePage:
    home = _home("en")
    HomePage.objects.filter(pk=home.pk).update(translation_key=thai_home.translation_key)
    return home


@pytest.fixture
def add(thai_home) -> Add:
    """add("title", "text") publishes a Thai page; parent= and live= say otherwise."""
    numbers = count()

    def add(title: str, intro: str = "", *, parent: Page | None = None, **fields) -> StandardPage:
        parent = parent or thai_home
        page = StandardPage(
            title=title, slug=f"page-{next(numbers)}", intro=intro, locale=parent.locale, **fields
        )
        parent.refresh_from_db()
        return parent.add_child(instance=page)

    return add


@pytest.fixture
def search_url(osmem_server) -> Iterator[str]:
    """The address of a server of this test alone that speaks OpenSearch's interface.

    It is no OpenSearch, but a program of its own that follows the documented interface in memory,
    written by others than we. What it takes for right, OpenSearch may still take for wrong.
    """
    with osmem_server.clone() as clone:
        yield clone.url


@pytest.fixture
def opensearch(search_url, settings, monkeypatch, thai_home):
    """Search through SEARCH_URL, with an index that update_index has made."""
    monkeypatch.setenv("SEARCH_URL", search_url)
    settings.SEARCH_SERVER = environment.search_server("SEARCH_URL")
    settings.WAGTAILSEARCH_BACKENDS = search_backends(settings.SEARCH_SERVER)
    outage.forget()
    call_command("update_index", verbosity=0)
    yield get_search_backend()
    outage.forget()
