"""One step for several reports: each under its own rules, none outside one's queue."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reporting.lifecycle import move
from reporting.models import LogEntry, Report
from tests.factories import file_report

BULK = "/admin/reports/bulk/"
INDEX = "/admin/reports/"


@pytest.fixture
def officer(nong_khai, member):
    return member(nong_khai, "officer")


@pytest.fixture
def chief(nong_khai, member):
    return member(nong_khai, "chief")


@pytest.fixture
def reports(nong_khai):
    return [file_report(district=nong_khai.district) for _ in range(3)]


@pytest.fixture
def send(client):
    """send(person, "accept", reports) presses the button below the list."""

    def press(person, act, reports, query="", **more):
        client.force_login(person)
        data = {"act": act, "report": [one.reference for one in reports], **more}
        return client.post(BULK + query, data, headers={"accept-language": "en"})

    return press


def statuses(reports) -> list[str]:
    return [Report.objects.get(pk=one.pk).status for one in reports]


def said(client) -> list[str]:
    answer = client.get(INDEX, headers={"accept-language": "en"})
    return [str(message).strip() for message in answer.context["messages"]]


@pytest.mark.both_databases
def test_ticked_reports_are_accepted_and_each_leaves_its_own_entry(send, client, officer, reports):
    answer = send(officer, "accept", reports, "?sort=newest")
    assert answer["Location"] == f"{INDEX}?sort=newest"
    assert statuses(reports) == ["queued"] * 3
    assert LogEntry.objects.filter(action="accept", user=officer).count() == 3
    assert said(client) == ["3 reports were accepted into the queue."]


def test_what_one_refuses_the_others_do_not_wait_for(send, client, officer, reports):
    move(reports[1], "reject", by=officer, reason="spam")
    send(officer, "accept", reports)
    assert statuses(reports) == ["queued", "rejected", "queued"]
    done, refused = said(client)
    assert done == "2 reports were accepted into the queue."
    assert refused == (
        f"Not done: {reports[1].reference}. "
        "The report has moved on; this step is no longer possible."
    )


def test_hq_is_told_which_are_not_its_own_to_accept(send, client, hq, reports):
    unplaced = file_report()
    send(hq, "accept", [reports[0], unplaced])
    assert statuses([reports[0], unplaced]) == ["received", "queued"]
    assert any(reports[0].reference in words for words in said(client))


def test_one_report_outside_the_queue_and_nothing_is_done(send, officer, reports, bueng_kan):
    theirs = file_report(district=bueng_kan.district)
    of_official = file_report(district=reports[0].district, concerns_official=True)
    unknown = Report(reference="0" * 8)
    for other in (theirs, of_official, unknown):
        for act in ("accept", "assign"):
            assert send(officer, act, [*reports, other]).status_code == 404
    assert statuses([*reports, theirs, of_official]) == ["received"] * 5


@pytest.mark.parametrize("reference", ["", "x", "0" * 9, "0000000\x00", "<script>"])
def test_what_is_no_reference_answers_404(send, officer, reports, reference):
    assert send(officer, "accept", [*reports, Report(reference=reference)]).status_code == 404


def test_more_than_a_page_at_once_answers_404(send, officer, reports, monkeypatch):
    monkeypatch.setattr("reporting.views.staff_bulk.PAGE", 2)
    assert send(officer, "accept", reports).status_code == 404
    assert send(officer, "accept", reports[:2]).status_code == 302


@pytest.mark.parametrize("act", ["accept", "assign", "close", "", "post"])
def test_without_a_tick_or_with_another_step_nothing_is_done(send, client, officer, reports, act):
    chosen = [] if act in {"accept", "assign"} else reports
    assert send(officer, act, chosen)["Location"] == INDEX
    assert statuses(reports) == ["received"] * 3
    assert said(client) == ["Nothing was done: tick at least one report first."]


def test_a_chief_assigns_several_to_a_member_of_the_queue(
    send, client, chief, officer, reports, bueng_kan, member
):
    for one in reports:
        move(one, "accept", by=officer)
    page = send(chief, "assign", reports)
    assert page.status_code == 200
    offered = set(page.context["form"].fields["assignee"].queryset)
    assert officer in offered
    assert member(bueng_kan, "officer") not in offered
    assert all(one.reference in page.content.decode() for one in reports)
    send(chief, "assign", reports, assignee=officer.pk)
    assert set(Report.objects.values_list("assignee", flat=True)) == {officer.pk}
    assert said(client) == ["3 reports were assigned."]


def test_an_officer_is_offered_themselves_alone(send, officer, chief, reports):
    move(reports[0], "accept", by=officer)
    page = send(officer, "assign", reports[:1])
    assert list(page.context["form"].fields["assignee"].queryset) == [officer]
    assert send(officer, "assign", reports[:1], assignee=chief.pk).status_code == 200
    assert Report.objects.get(pk=reports[0].pk).assignee is None


def test_hq_assigns_in_each_queue_to_its_own_people_only(
    send, client, hq, officer, nong_khai, bueng_kan, member
):
    ours, theirs = (file_report(district=centre.district) for centre in (nong_khai, bueng_kan))
    move(ours, "accept", by=officer)
    move(theirs, "accept", by=member(bueng_kan, "officer"))
    send(hq, "assign", [ours, theirs], assignee=officer.pk)
    assert Report.objects.get(pk=ours.pk).assignee == officer
    assert Report.objects.get(pk=theirs.pk).assignee is None
    assert any(theirs.reference in words for words in said(client))


def test_choosing_a_person_costs_the_same_for_one_report_and_for_many(
    send, chief, officer, nong_khai
):
    reports = [file_report(district=nong_khai.district) for _ in range(12)]
    send(chief, "assign", reports)

    def cost(chosen) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert send(chief, "assign", chosen).status_code == 200
        return len(queries)

    assert cost(reports) == cost(reports[:2])
