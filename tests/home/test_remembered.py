"""What a process remembers: for some seconds, and no longer than its own changes."""

import pytest

from home import remembered as module
from home.models import District
from home.remembered import remembered, remembered_of_each
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


@pytest.fixture
def count_of_each():
    @remembered_of_each(District, seconds=5)
    def counted(district: District) -> int:
        return District.objects.filter(pk__lte=district.pk).count()

    yield counted
    module.ALL.remove(counted)


def test_of_each_row_it_asks_once(count_of_each, clock, django_assert_num_queries):
    rows = [DistrictFactory(), DistrictFactory()]
    with django_assert_num_queries(2):
        for _turn in range(3):
            assert [count_of_each(row) for row in rows] == [1, 2]
    clock.now += 5
    with django_assert_num_queries(1):
        assert count_of_each(rows[0]) == 1


def test_a_change_made_here_is_seen_at_once_for_each_row(count_of_each, clock):
    first, second = DistrictFactory(), DistrictFactory()
    assert count_of_each(second) == 2
    first.delete()
    assert count_of_each(second) == 1


def test_no_more_than_so_many_rows_are_remembered(count_of_each, clock, monkeypatch):
    monkeypatch.setattr(module, "MOST", 2)
    for row in [DistrictFactory() for _ in range(5)]:
        count_of_each(row)
        assert len(count_of_each._kept) <= 2
