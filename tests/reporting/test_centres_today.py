"""HQ's grid of centres: what it counts, when it is red, and what it costs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reporting.lifecycle import move
from reporting.models import Absence, CoordinationCentre, Report
from reporting.views import staff_centres
from tests.factories import CentreFactory, file_report

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

GRID = "/admin/reports/centres/"


@pytest.fixture
def grid(client, hq):
    """grid(sort="open") is what HQ sees: the cards in their order."""
    client.force_login(hq)

    def look(**query):
        return list(client.get(GRID, query).context["page"])

    return look


def card_of(cards, centre):
    return next(card for card in cards if card.code == centre.district.code)


def test_a_card_counts_what_lies_at_its_centre(grid, nong_khai, bueng_kan, member):
    late, queued, answered = (file_report(district=nong_khai.district) for _ in range(3))
    file_report(district=bueng_kan.district)
    file_report(district=nong_khai.district, concerns_official=True)
    past = timezone.now() - timedelta(hours=1)
    Report.objects.filter(pk=late.pk).update(due_at=past)
    Report.objects.filter(pk=answered.pk).update(has_new_answer=True)
    move(queued, "accept", by=member(nong_khai, "officer"))
    counts = card_of(grid(), nong_khai).counts
    assert [counts[key] for key in staff_centres.COUNTED] == [3, 1, 2, 1]
    assert card_of(grid(), bueng_kan).counts["open"] == 1


def test_a_number_leads_to_what_it_counts(client, grid, nong_khai):
    file_report(district=nong_khai.district)
    for number in card_of(grid(), nong_khai).numbers:
        assert len(client.get(number.url).context["rows"]) == number.number


def test_a_staffed_centre_with_an_ordinary_delay_is_not_red(grid, nong_khai):
    file_report(district=nong_khai.district)
    Report.objects.update(due_at=timezone.now() - timedelta(hours=1))
    assert card_of(grid(), nong_khai).alarms == []


@pytest.mark.parametrize("why", [{"escalation": 3}, {"is_urgent": True}])
def test_what_was_passed_up_or_is_late_in_danger_is_red(grid, nong_khai, why):
    file_report(district=nong_khai.district)
    Report.objects.update(due_at=timezone.now() - timedelta(hours=1), **why)
    assert len(card_of(grid(), nong_khai).alarms) == 1


def test_a_centre_where_all_are_away_is_red_and_says_who(client, grid, nong_khai):
    today = timezone.localdate()
    members = nong_khai.memberships.exclude(role="coordinator")
    for member in members:
        assert card_of(grid(), nong_khai).alarms == []
        Absence.objects.create(membership=member, starts_on=today, ends_on=today)
    card = card_of(grid(), nong_khai)
    assert len(card.alarms) == 1
    assert len(card.away) == members.count()
    page = client.get(GRID).content.decode()
    assert "centre-card--alarm" in page
    assert members[0].user.username in page


def test_the_grid_and_the_rule_of_who_is_staffed_agree(grid, nong_khai, bueng_kan):
    empty, closed = CentreFactory(), CentreFactory(is_active=False, staffed=True)
    bueng_kan.memberships.exclude(role="coordinator").delete()
    staffed = set(CoordinationCentre.objects.staffed())
    assert staffed == {nong_khai}
    red = {card.code for card in grid() if card.alarms}
    assert red == {bueng_kan.district.code, empty.district.code}
    assert not card_of(grid(), closed).is_in_operation


def test_red_comes_first_and_other_orders_are_offered(grid, nong_khai, bueng_kan):
    file_report(district=nong_khai.district)
    empty = CentreFactory()
    assert grid()[0].code == empty.district.code
    assert grid(sort="open")[0].code == "4301"
    assert grid(sort="code")[0].code == "3801"
    assert grid(sort="nonsense")[0].code == empty.district.code


def test_the_grid_is_narrowed_to_a_province(grid, nong_khai):
    other = CentreFactory(
        district__province__code="57",
        district__province__name_th="เชียงราย",
        district__province__name_en="Chiang Rai",
    )
    assert [card.code for card in grid(province="เชียงราย")] == [other.district.code]
    assert len(grid(province="nowhere")) == 2


def test_the_grid_costs_the_same_for_two_centres_and_for_twenty(client, grid):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            grid()
        return len(queries)

    CentreFactory.create_batch(2, staffed=True)
    cost()
    few = cost()
    for centre in CentreFactory.create_batch(18, staffed=True):
        file_report(district=centre.district)
    assert cost() == few


def test_more_centres_than_a_page_holds_go_on_the_next(client, grid, monkeypatch):
    monkeypatch.setattr(staff_centres, "PAGE", 2)
    CentreFactory.create_batch(3)
    assert (len(grid()), len(grid(page="2")), len(grid(page="x"))) == (2, 1, 2)
