"""Who is away, what that changes, and how reports get to somebody who is there."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from reporting import handover, routing
from reporting.lifecycle import TransitionNotAllowed, move
from reporting.models import Absence, CoordinationCentre, Membership, Report
from reporting.permissions import policy
from tests.factories import MembershipFactory, UserFactory, file_report

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

PEOPLE = "/admin/reports/people/"


@pytest.fixture
def away():
    """away(centre, person) takes a person away from yesterday until tomorrow."""

    def take(centre, person, *, first=-1, last=1, deputy=None) -> Absence:
        today = timezone.localdate()
        return Absence.objects.create(
            membership=Membership.objects.filter(user=person, centre=centre).first(),
            starts_on=today + timedelta(days=first),
            ends_on=today + timedelta(days=last),
            deputy=deputy,
        )

    return take


@pytest.fixture
def people(nong_khai, member):
    officers = [row.user for row in nong_khai.memberships.filter(role="officer").order_by("pk")]
    return {"officer": officers[0], "other": officers[1], "chief": member(nong_khai, "chief")}


def assigned(nong_khai, people, *, to="officer") -> Report:
    report = move(file_report(district=nong_khai.district), "accept", by=people["chief"])
    return move(report, "assign", by=people["chief"], assignee=people[to])


def all_queue_members(centre):
    roles = ("chief", "secretary", "officer")
    return [membership.user for membership in centre.memberships.filter(role__in=roles)]


# --- What an absence changes ---------------------------------------------------------------------


def test_nothing_is_assigned_to_somebody_who_is_away(nong_khai, people, away):
    report = move(file_report(district=nong_khai.district), "accept", by=people["chief"])
    away(nong_khai, people["officer"])
    with translation.override("en"), pytest.raises(TransitionNotAllowed, match="away"):
        move(report, "assign", by=people["chief"], assignee=people["officer"])
    assert move(report, "assign", by=people["chief"], assignee=people["other"])


def test_the_form_offers_the_others_and_says_who_is_away(client, nong_khai, people, away):
    report = move(file_report(district=nong_khai.district), "accept", by=people["chief"])
    away(nong_khai, people["officer"])
    client.force_login(people["chief"])
    field = client.get(reverse("reports:assign", args=[report.reference])).context["form"].fields
    assert people["officer"] not in field["assignee"].queryset
    assert people["other"] in field["assignee"].queryset
    assert people["officer"].username in str(field["assignee"].help_text)


@pytest.mark.parametrize(
    ("first", "last", "is_away"), [(-3, -1, False), (0, 0, True), (-1, 0, True), (1, 3, False)]
)
def test_both_days_of_an_absence_count_and_no_other(nong_khai, people, away, first, last, is_away):
    away(nong_khai, people["officer"], first=first, last=last)
    at_work = Membership.objects.at_work().filter(user=people["officer"])
    assert at_work.exists() is not is_away
    assert Membership.objects.away().filter(user=people["officer"]).exists() is is_away


def test_rights_stay_with_whoever_is_away(nong_khai, people, away):
    report = file_report(district=nong_khai.district)
    away(nong_khai, people["officer"])
    assert move(report, "accept", by=people["officer"]).status == "queued"


def test_a_centre_where_everybody_is_away_is_staffed_by_nobody_and_hq_may_act(nong_khai, away, hq):
    report = file_report(district=nong_khai.district)
    for person in all_queue_members(nong_khai):
        assert nong_khai in CoordinationCentre.objects.staffed()
        away(nong_khai, person)
    assert nong_khai not in CoordinationCentre.objects.staffed()
    assert routing.queue_for(nong_khai.district, concerns_official=False) is None
    fresh = Report.objects.get(pk=report.pk)
    assert policy.user_has_permission_for_instance(hq, "read", fresh)
    assert file_report(district=nong_khai.district).centre is None


def test_who_has_two_roles_in_a_centre_is_away_from_both(nong_khai, bueng_kan, people, away):
    MembershipFactory(user=people["officer"], centre=nong_khai, role="secretary")
    MembershipFactory(user=people["officer"], centre=bueng_kan, role="officer")
    away(nong_khai, people["officer"])
    at_work = Membership.objects.at_work().filter(user=people["officer"])
    assert [membership.centre for membership in at_work] == [bueng_kan]


def test_hq_has_absences_too(hq, second_hq, away):
    report = move(file_report(), "accept", by=second_hq)
    away(None, hq)
    with pytest.raises(TransitionNotAllowed):
        move(report, "assign", by=second_hq, assignee=hq)


# --- Handing over --------------------------------------------------------------------------------


def test_a_hand_over_moves_every_open_report_by_a_step_of_its_own(nong_khai, people, away):
    reports = [assigned(nong_khai, people) for _ in range(3)]
    of_other = assigned(nong_khai, people, to="other")
    away(nong_khai, people["officer"])
    handed = handover.hand_over(
        people["officer"], nong_khai.pk, to=people["other"], by=people["chief"]
    )
    assert handed == (3, 0)
    for report in reports:
        entry = report.log.order_by("-number").first()
        assert (entry.action, entry.user) == ("assign", people["chief"])
        assert entry.data["assignee"] == people["other"].pk
    assert of_other.log.filter(action="assign").count() == 1


def test_reports_at_an_agency_and_about_to_be_closed_are_handed_over_too(nong_khai, people):
    report = move(assigned(nong_khai, people), "verify", by=people["officer"])
    report = move(
        report, "record_finding", by=people["officer"], reliability="A", credibility="1", reason="ก"
    )
    move(report, "propose_closing", by=people["officer"], outcome="acted", evidence_type="visit")
    handed = handover.hand_over(
        people["officer"], nong_khai.pk, to=people["other"], by=people["chief"]
    )
    assert handed == (1, 0)


def test_what_is_closed_and_what_lies_elsewhere_stays(nong_khai, bueng_kan, people, member):
    MembershipFactory(user=people["officer"], centre=bueng_kan, role="officer")
    boss = member(bueng_kan, "chief")
    elsewhere = move(file_report(district=bueng_kan.district), "accept", by=boss)
    move(elsewhere, "assign", by=boss, assignee=people["officer"])
    handed = handover.hand_over(
        people["officer"], nong_khai.pk, to=people["other"], by=people["chief"]
    )
    assert handed == (0, 0)
    elsewhere.refresh_from_db()
    assert elsewhere.assignee == people["officer"]


def test_a_hand_over_goes_on_where_the_last_one_stopped(nong_khai, people, monkeypatch):
    monkeypatch.setattr(handover, "MOST", 2)
    for _ in range(3):
        assigned(nong_khai, people)
    words = {"to": people["other"], "by": people["chief"]}
    assert handover.hand_over(people["officer"], nong_khai.pk, **words) == (2, 1)
    assert handover.hand_over(people["officer"], nong_khai.pk, **words) == (1, 0)


def test_nobody_hands_over_outside_their_queue(nong_khai, bueng_kan, people, member):
    report = assigned(nong_khai, people)
    with pytest.raises(PermissionDenied):
        handover.hand_over(
            people["officer"], nong_khai.pk, to=people["other"], by=member(bueng_kan, "chief")
        )
    report.refresh_from_db()
    assert report.assignee == people["officer"]


# --- Who left ------------------------------------------------------------------------------------


def test_reports_of_somebody_who_left_are_taken_off_their_name_once(nong_khai, people):
    report, other = assigned(nong_khai, people), assigned(nong_khai, people, to="other")
    yesterday = timezone.localdate() - timedelta(days=1)
    people["officer"].memberships.update(starts_on=yesterday, ends_on=yesterday)
    assert handover.release_what_nobody_holds() == 1
    assert handover.release_what_nobody_holds() == 0
    report.refresh_from_db()
    other.refresh_from_db()
    assert (report.assignee, other.assignee) == (None, people["other"])
    entry = report.log.get(action="release")
    assert (entry.actor, entry.data["assignee"]) == ("system", people["officer"].pk)


def test_an_account_that_was_closed_holds_no_report(nong_khai, people):
    assigned(nong_khai, people)
    type(people["officer"]).objects.filter(pk=people["officer"].pk).update(is_active=False)
    assert handover.release_what_nobody_holds() == 1


def test_who_is_only_away_keeps_their_reports(nong_khai, people, away):
    report = assigned(nong_khai, people)
    away(nong_khai, people["officer"])
    assert handover.release_what_nobody_holds() == 0
    assert list(Report.objects.with_somebody_away()) == [report]


def test_hqs_reports_lie_with_hqs_people(hq, second_hq, away):
    report = move(file_report(), "accept", by=second_hq)
    move(report, "assign", by=second_hq, assignee=hq)
    assert not Report.objects.with_somebody_away().exists()
    away(None, hq)
    assert Report.objects.with_somebody_away().exists()
    assert not Report.objects.with_somebody_gone().exists()


# --- The screens ---------------------------------------------------------------------------------


def days(first=0, last=3) -> dict[str, str]:
    today = timezone.localdate()
    return {
        "starts_on": (today + timedelta(days=first)).isoformat(),
        "ends_on": (today + timedelta(days=last)).isoformat(),
    }


def url(name: str, person, centre) -> str:
    membership = Membership.objects.get(user=person, centre=centre)
    return reverse(f"people:{name}", args=[membership.pk])


def test_an_officer_notes_their_own_absence_and_comes_back(client, nong_khai, people):
    client.force_login(people["officer"])
    address = url("away", people["officer"], nong_khai)
    client.post(address, {**days(), "deputy": people["other"].pk})
    absence = Absence.objects.get()
    assert (absence.membership.user, absence.deputy) == (people["officer"], people["other"])
    page = client.get(PEOPLE).content.decode()
    assert "report-mark--urgent" in page
    client.post(url("back", people["officer"], nong_khai))
    assert Membership.objects.at_work().filter(user=people["officer"]).exists()
    assert not Absence.objects.not_over().exists()


def test_an_officer_notes_nobody_elses_absence_and_hands_nothing_over(client, nong_khai, people):
    client.force_login(people["officer"])
    for name in ("away", "back"):
        assert client.post(url(name, people["other"], nong_khai), days()).status_code == 404
    for person in ("officer", "other"):
        assert client.get(url("hand_over", people[person], nong_khai)).status_code == 404
    assert not Absence.objects.exists()


def test_a_chief_notes_an_absence_and_hands_over_in_one_step(client, nong_khai, people):
    report = assigned(nong_khai, people)
    client.force_login(people["chief"])
    away = {**days(), "deputy": people["other"].pk}
    client.post(url("away", people["officer"], nong_khai), away)
    address = url("hand_over", people["officer"], nong_khai)
    form = client.get(address).context["form"]
    assert form.fields["to"].initial == people["other"]
    client.post(address, {"to": people["other"].pk})
    report.refresh_from_db()
    assert report.assignee == people["other"]


def test_reports_with_somebody_away_are_shown_to_the_chief(client, nong_khai, people, away):
    report = assigned(nong_khai, people)
    assigned(nong_khai, people, to="other")
    away(nong_khai, people["officer"])
    client.force_login(people["chief"])
    answer = client.get("/admin/reports/", {"attention": "away"})
    assert [row.reference for row in answer.context["rows"]] == [report.reference]
    assert "attention=away" in client.get("/admin/").content.decode()
    client.force_login(people["other"])
    assert "attention=away" not in client.get("/admin/").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        days(first=3, last=1),
        days(first=-5, last=-1),
        days(last=400),
        {"starts_on": "2569-01-01", "ends_on": "2569-01-05"},
        {"starts_on": "", "ends_on": ""},
    ],
)
def test_days_that_make_no_sense_are_refused(client, nong_khai, people, wrong):
    client.force_login(people["officer"])
    answer = client.post(url("away", people["officer"], nong_khai), wrong)
    assert answer.context["form"].errors
    assert not Absence.objects.exists()


def test_a_deputy_is_somebody_of_the_queue_who_is_there(client, nong_khai, bueng_kan, people, away):
    away(nong_khai, people["other"])
    client.force_login(people["officer"])
    outsider = all_queue_members(bueng_kan)[0]
    for nobody in (people["other"], people["officer"], outsider):
        answer = client.post(
            url("away", people["officer"], nong_khai), {**days(), "deputy": nobody.pk}
        )
        assert "deputy" in answer.context["form"].errors


def test_the_last_one_to_go_is_told_that_hq_takes_over(client, nong_khai, people, away):
    for person in all_queue_members(nong_khai):
        if person != people["officer"]:
            away(nong_khai, person)
    client.force_login(people["officer"])
    answer = client.post(url("away", people["officer"], nong_khai), days(), follow=True)
    assert any(message.level_tag == "warning" for message in answer.context["messages"])


def test_hq_does_not_make_a_queue_its_own_by_noting_that_the_last_one_is_away(
    client, nong_khai, people, away, hq
):
    report = file_report(district=nong_khai.district)
    *others, last = all_queue_members(nong_khai)
    for person in others:
        away(nong_khai, person, first=2, last=2)
    client.force_login(hq)
    address = url("away", last, nong_khai)
    assert client.post(address, days(2, 3)).status_code == 200
    assert not Absence.objects.filter(membership__user=last).exists()
    assert client.post(address, days(3, 4)).status_code == 302  # the others are back
    Absence.objects.filter(membership__user=last).delete()
    client.force_login(last)
    assert client.post(address, days(2, 3)).status_code == 302
    assert not policy.user_has_permission_for_instance(hq, "read", report)


def test_hq_looks_at_any_queue_and_others_at_their_own(
    client, nong_khai, bueng_kan, people, hq, member
):
    client.force_login(hq)
    assert hq.username in client.get(PEOPLE).content.decode()
    answer = client.get(PEOPLE, {"queue": "4301"})
    assert people["officer"].username in answer.content.decode()
    for strange in ("0000", "'", "x" * 300):
        assert client.get(PEOPLE, {"queue": strange}).status_code == 200
    client.force_login(member(bueng_kan, "chief"))
    answer = client.get(PEOPLE, {"queue": "4301"})
    assert [queue.name for queue in answer.context["queues"]] == [str(bueng_kan)]
    assert client.get(url("away", people["officer"], nong_khai)).status_code == 404


def test_the_list_of_people_costs_the_same_for_few_and_for_many(client, nong_khai, people, away):
    client.force_login(people["chief"])

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(PEOPLE).status_code == 200
        return len(queries)

    cost()
    few = cost()
    for _ in range(15):
        person = UserFactory()
        MembershipFactory(user=person, centre=nong_khai, role="officer")
        away(nong_khai, person, deputy=people["other"])
    assert cost() == few
