"""A home page in each language, and pages below it made of a title and a text."""

from collections.abc import Callable
from itertools import count

import pytest
from wagtail.models import Locale, Page, Site

from home.models import HomePage, StandardPage

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
