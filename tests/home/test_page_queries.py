"""No public page asks the database more than eight times, however much there is; search more.

The first request after a change is counted, with nothing kept in the process.
"""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from articles.models import ArticlePage
from articles.starter import ensure_index as ensure_articles
from events.models import EventPage
from events.starter import ensure_index as ensure_events
from home import changes
from home.page_cache import pages
from home.starter import ensure_home
from reporting.starter import ensure_form
from tests.factories import CategoryFactory, DistrictFactory, SubdistrictFactory

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

MOST = 8
PATHS = [
    "/th/",
    "/th/about/",
    "/th/articles/",
    "/th/articles/?topic=drugs&page=2",
    "/th/articles/article-1/",
    "/th/events/",
    "/th/events/?page=2",
    "/th/events/event-1/",
    "/th/search/",
    "/th/search/?q=บทความ",
    "/th/report/",
    "/th/report/status/",
]


@pytest.fixture
def site(clock):
    """A site that keeps pages, with some articles and events; call it for more of them."""
    home = ensure_home()
    indexes = ensure_articles(home), ensure_events(home)
    ensure_form(home)
    districts = [DistrictFactory() for _ in range(3)]

    def fill(numbers: range) -> None:
        for number in numbers:
            article = ArticlePage(
                title=f"บทความ {number}",
                slug=f"article-{number}",
                standfirst="-",
                date=date(2024, 6, 1),
                topic="drugs",
                locale=home.locale,
                districts=districts,
                body=[("paragraph", "<p>-</p>")],
            )
            event = EventPage(
                title=f"กิจกรรม {number}",
                slug=f"event-{number}",
                event_type="meeting",
                summary="-",
                starts_on=date(2024, 1, 1),
                ends_on=date(2024, 1, 2) if number % 2 else date(2999, 1, 1),
                locale=home.locale,
                districts=districts,
            )
            for index, page in zip(indexes, (article, event), strict=True):
                index.refresh_from_db()
                index.add_child(instance=page)
            SubdistrictFactory(district=districts[number % 3])
            CategoryFactory(code=f"category-{number}")

    fill(range(2))
    clock.tick()
    return fill


def asked(path: str) -> list[str]:
    """The queries of a first request: its templates are loaded, but nothing of the site is kept."""
    reader = Client(headers={"host": "testserver"})
    reader.get(path)
    pages.clear()
    changes.note()
    changes.forget()
    with CaptureQueriesContext(connection) as queries:
        assert reader.get(path).status_code == 200
    return [query["sql"] for query in queries]


def test_pages_ask_eight_times_at_most_and_as_often_for_forty_as_for_two(site):
    few = {path: asked(path) for path in PATHS}
    site(range(2, 40))
    many = {path: asked(path) for path in PATHS}
    for path in PATHS:
        assert len(few[path]) <= MOST, "\n".join([path, *few[path]])
        assert len(many[path]) <= MOST, "\n".join([path, *many[path]])
        if "page=2" not in path:  # with two there is no second page
            assert len(many[path]) == len(few[path]), "\n".join([path, *many[path]])


def test_a_search_asks_as_little_where_a_page_is_kept_from_some(site):
    PageViewRestriction.objects.create(page=ArticlePage.objects.first(), restriction_type="login")
    queries = asked("/th/search/?q=บทความ")
    assert len(queries) <= MOST, "\n".join(queries)


def test_no_list_is_counted(site):
    for path in ("/th/", "/th/articles/", "/th/events/"):
        assert not [q for q in asked(path) if "COUNT(" in q and "publicchange" not in q], path
