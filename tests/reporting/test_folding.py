"""Hiding what resembles a report: in one person's list, until it cannot wait."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reporting import dialogue, duplicates, receipts
from reporting.lifecycle import move
from reporting.models import Fold, Report
from reporting.models.desk import MOST_FOLDED
from reporting.views.staff_counts import count_open
from tests.factories import UserFactory, file_report
from tests.reporting.matters import BOATS, JOBS

INDEX = "/admin/reports/"
BULK = f"{INDEX}bulk/"


@pytest.fixture
def officer(nong_khai, member):
    return member(nong_khai, "officer")


@pytest.fixture
def alike(nong_khai):
    """Three reports of one matter, the first of them the one to keep in sight."""
    reports = [file_report(district=nong_khai.district, narrative=BOATS[0]) for _ in range(3)]
    for report in reports:
        duplicates.make_sketch(report)
    return reports


@pytest.fixture
def press(client):
    def send(person, act, *reports):
        client.force_login(person)
        return client.post(BULK, {"act": act, "report": [one.reference for one in reports]})

    return send


@pytest.fixture
def listed(client):
    def look(person, **query) -> set[str]:
        client.force_login(person)
        return {row.reference for row in client.get(INDEX, query).context["rows"]}

    return look


def references(*reports) -> set[str]:
    return {one.reference for one in reports}


@pytest.mark.both_databases
def test_what_is_alike_leaves_one_persons_list_and_nothing_else(
    press, listed, client, officer, nong_khai, member, alike
):
    other = file_report(district=nong_khai.district, narrative=JOBS[0])
    chief = member(nong_khai, "chief")
    before = list(Report.objects.order_by("pk").values())
    counts = count_open(Report.objects.all(), officer)
    press(officer, "fold", alike[0])
    assert listed(officer) == references(alike[0], other)
    page = client.get(INDEX)
    [row] = [row for row in page.context["rows"] if row.reference == alike[0].reference]
    assert (row.folded_count, page.context["folded_count"]) == (2, 2)
    assert listed(chief) == references(*alike, other)
    assert list(Report.objects.order_by("pk").values()) == before
    assert count_open(Report.objects.all(), officer) == counts
    assert page.context["filters"].choices["status"].options[0].label.endswith("(4)")


def test_what_is_hidden_is_shown_on_demand_and_brought_back(press, listed, officer, alike):
    press(officer, "fold", alike[0])
    assert listed(officer, folded="all") == references(*alike[1:])
    assert listed(officer, folded=alike[0].reference) == references(*alike[1:])
    assert listed(officer, folded=alike[1].reference) == set()
    assert listed(officer, q=alike[1].reference) == references(alike[1])
    press(officer, "unfold", alike[1])
    assert listed(officer) == references(*alike[:2])


@pytest.mark.parametrize("why", ["urgent", "overdue", "answer", "end of the other"])
def test_what_cannot_wait_comes_back_by_itself(press, listed, officer, alike, why):
    press(officer, "fold", alike[0])
    hidden = Report.objects.filter(pk=alike[1].pk)
    if why == "urgent":
        hidden.update(is_urgent=True)
    elif why == "overdue":
        hidden.update(due_at=timezone.now() - timedelta(minutes=1))
    elif why == "answer":
        dialogue.reply(alike[1], "They are back.", token=receipts.new_token())
    else:
        move(alike[0], "reject", by=officer, reason="test")
    assert alike[1].reference in listed(officer)


def test_what_cannot_wait_is_not_hidden_to_begin_with(press, listed, officer, alike):
    Report.objects.filter(pk=alike[1].pk).update(is_urgent=True)
    press(officer, "fold", alike[0])
    assert listed(officer) == references(*alike[:2])
    assert Fold.objects.get().report == alike[2]


def test_what_lay_under_a_report_goes_along_when_that_one_is_hidden(
    press, listed, officer, alike, nong_khai
):
    press(officer, "fold", alike[0])
    another = file_report(district=nong_khai.district, narrative=BOATS[0])
    duplicates.make_sketch(another)
    press(officer, "fold", another)
    assert listed(officer) == references(another)
    assert set(Fold.objects.values_list("under", flat=True)) == {another.pk}
    press(officer, "fold", alike[2])  # found by its reference, and wanted in sight
    assert listed(officer) == references(alike[2])


def test_sending_a_report_on_ends_what_was_folded(press, officer, alike, bueng_kan):
    press(officer, "fold", alike[0])
    move(alike[0], "reroute", by=officer, to=bueng_kan, reason="theirs")
    assert not Fold.objects.exists()


def test_hq_hides_nothing_that_it_may_not_read(press, listed, hq, alike):
    press(hq, "fold", alike[0])
    assert not Fold.objects.exists()
    assert listed(hq) == references(*alike)


def test_a_report_outside_the_queue_answers_404(press, alike, bueng_kan, member):
    for act in ("fold", "unfold"):
        assert press(member(bueng_kan, "officer"), act, alike[0]).status_code == 404


def test_a_person_folds_so_many_at_most(press, officer, alike, nong_khai, monkeypatch):
    monkeypatch.setattr("reporting.folding.MOST_FOLDED", 1)
    press(officer, "fold", alike[0])
    assert Fold.objects.count() == 1 < MOST_FOLDED


@pytest.mark.parametrize("typed", ["x", "A\x00B", "' or 1=1", "9" * 50])
def test_nonsense_in_the_address_shows_nothing(listed, officer, alike, typed):
    assert listed(officer, folded=typed) == set()


def test_another_persons_folds_are_theirs(press, listed, officer, nong_khai, member, alike):
    press(officer, "fold", alike[0])
    assert listed(member(nong_khai, "chief"), folded="all") == set()


def test_the_list_costs_the_same_whatever_is_folded(press, client, officer, alike, nong_khai):
    def cost() -> int:
        client.force_login(officer)
        client.get(INDEX)
        with CaptureQueriesContext(connection) as queries:
            client.get(INDEX)
        return len(queries)

    before = cost()
    press(officer, "fold", alike[0])
    client.get(INDEX)  # what was done is told once
    assert cost() == before
    Fold.objects.create(user=UserFactory(), report=alike[1], under=alike[2])
    assert cost() == before


def test_the_list_of_what_is_hidden_offers_to_show_it_again(press, client, officer, alike):
    press(officer, "fold", alike[0])
    assert 'value="unfold"' in client.get(INDEX, {"folded": "all"}).content.decode()
    assert 'value="unfold"' not in client.get(INDEX).content.decode()
