"""What a process remembers: for some seconds, and no longer than its own changes."""

import pytest

from home import remembered as module
from home.models import District
from home.remembered import remembered
from tests.factories import DistrictFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands until it is told to go on."""

    class Clock:
        now = 1000.0

        def monotonic(self):
            return self.now

    found = Clock()
    monkeypatch.setattr(module, "time", found)
    return found


@pytest.fixture
def count():
    @remembered(District, seconds=5)
    def counted() -> int:
        return District.objects.count()

    yield counted
    module.ALL.remove(counted)


def test_it_asks_once_until_the_seconds_are_over(count, clock, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert [count(), count()] == [0, 0]
    clock.now += 5
    with django_assert_num_queries(1):
        assert count() == 0


def test_a_change_made_here_is_seen_at_once(count, clock):
    assert count() == 0
    district = DistrictFactory()
    assert count() == 1
    district.delete()
    assert count() == 0


def test_a_change_made_elsewhere_is_seen_when_the_seconds_are_over(count, clock):
    district = DistrictFactory()
    assert count() == 1
    # No signal is sent for rows made in bulk, as none comes from another process.
    District.objects.bulk_create([District(code="9998", province=district.province)])
    assert count() == 1
    clock.now += 5
    assert count() == 2
