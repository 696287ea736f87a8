from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.models import EventIndexPage, EventPage
from events.starter import ensure_index, load_demo
from home.reference import load_places
from home.starter import ensure_home

pytestmark = pytest.mark.django_db


@pytest.fixture
def index(db) -> EventIndexPage:
    return ensure_index(ensure_home())


def add_event(index, slug, **words):
    words.setdefault("status", "held")
    page = EventPage(
        title=f"กิจกรรม {slug}",
        slug=slug,
        event_type="meeting",
        summary="สรุป",
        locale=index.locale,
        **words,
    )
    index.add_child(instance=page)
    return page


def test_all_28_events_are_there_in_both_languages_with_their_doubts(index, client):
    load_places()
    load_demo(index)
    assert EventPage.objects.live().count() == 56
    doubtful = EventPage.objects.filter(is_uncertain=True)
    assert doubtful.count() >= 30
    assert not doubtful.filter(date_note="").exists()
    visit = EventPage.objects.get(source_id="group-visit-1", locale=index.locale)
    assert visit.districts.count() == 18
    for page in EventPage.objects.live():
        assert client.get(page.url).status_code == 200


def test_events_are_upcoming_until_their_last_day_has_passed(index):
    today = timezone.localdate()
    running = add_event(
        index, "running", starts_on=today - timedelta(days=2), ends_on=today, status="planned"
    )
    over = add_event(index, "over", starts_on=date(2024, 1, 15), ends_on=date(2024, 1, 15))
    undated = add_event(index, "undated", status="planned")
    cancelled = add_event(
        index,
        "cancelled",
        starts_on=today + timedelta(days=3),
        ends_on=today + timedelta(days=3),
        status="cancelled",
    )
    assert list(index.events.upcoming()) == [running, undated]
    assert list(index.events.past()) == [over]
    assert cancelled not in index.events.upcoming()


def test_an_event_does_not_end_before_it_starts(index):
    with pytest.raises(ValidationError):
        add_event(index, "backwards", starts_on=date(2024, 2, 2), ends_on=date(2024, 2, 1))


def test_the_index_takes_the_same_queries_for_two_events_and_for_twenty(index, client):
    for number in range(2):
        add_event(index, f"event-{number}", starts_on=date(2024, 1, 1), ends_on=date(2024, 1, 1))
    client.get(index.url)
    with CaptureQueriesContext(connection) as few:
        client.get(index.url)
    for number in range(2, 20):
        add_event(index, f"event-{number}", starts_on=date(2024, 1, 1), ends_on=date(2024, 1, 1))
    with CaptureQueriesContext(connection) as many:
        client.get(index.url)
    assert len(many) == len(few)


@pytest.mark.parametrize("query", ["?type=seminar", "?type=nonsense", "?type="])
def test_whatever_stands_in_the_address_the_index_answers(index, client, query):
    add_event(index, "one", starts_on=date(2024, 1, 1), ends_on=date(2024, 1, 1))
    assert client.get(index.url + query).status_code == 200
