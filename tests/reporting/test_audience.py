"""Who is told of what: the table of audience.py, event by event."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from home.models import User
from reporting import deadlines, dialogue, handover, receipts
from reporting.audience import HEARS
from reporting.lifecycle import TRANSITIONS, move
from reporting.models import Absence, Category, Escalation, Membership, Notice, Report
from reporting.notices import send_owed
from tests.factories import CategoryFactory, file_report
from work import ledger
from work.models import Job
from work.runner import run

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def people(nong_khai, bueng_kan, hq):
    """By role; every one of them has an address."""
    for person in User.objects.all():
        person.email = f"{person.username}@example.test"
        person.save()
    officers = nong_khai.memberships.filter(role="officer").order_by("pk")
    return {
        "officer": officers[0].user,
        "other": officers[1].user,
        "chief": nong_khai.memberships.get(role="chief").user,
        "secretary": nong_khai.memberships.get(role="secretary").user,
        "hq": User.objects.get(pk=hq.pk),
        "elsewhere": bueng_kan.memberships.get(role="chief").user,
    }


@pytest.fixture
def told(people):
    """told() works off what is owed: the roles of all who got a mail since the last time."""

    def look() -> set[str]:
        for pk in ledger.take(50):
            run(pk)
        send_owed()
        roles = {person.email: role for role, person in people.items()}
        found = {roles.get(to, to) for message in mail.outbox for to in message.to}
        mail.outbox.clear()
        Notice.objects.all().delete()
        return found

    return look


@pytest.fixture
def report(nong_khai, told):
    """Just received, and whoever hears of that was told."""
    made = file_report(district=nong_khai.district)
    told()
    return made


@pytest.fixture
def held(report, people, told):
    """Accepted, and assigned to the officer."""
    move(report, "accept", by=people["chief"])
    moved = move(report, "assign", by=people["chief"], assignee=people["officer"])
    told()
    return moved


def closed(report, people) -> Report:
    move(report, "verify", by=people["officer"])
    finding = {"reliability": "A", "credibility": "1", "reason": "ก"}
    move(report, "record_finding", by=people["officer"], **finding)
    closing = {"outcome": "acted", "evidence_type": "visit"}
    return move(report, "propose_closing", by=people["officer"], **closing)


def go_away(person, centre, *, deputy=None) -> None:
    today = timezone.localdate()
    membership = Membership.objects.filter(user=person, centre=centre).first()
    Absence.objects.create(membership=membership, starts_on=today, ends_on=today, deputy=deputy)


QUEUE = {"officer", "other", "chief", "secretary"}


def test_the_queue_hears_what_comes_in_except_who_is_away(nong_khai, people, told):
    go_away(people["other"], nong_khai)
    file_report(district=nong_khai.district)
    assert told() == QUEUE - {"other"}


def test_the_other_queue_hears_what_is_sent_to_it(report, bueng_kan, people, told):
    move(report, "reroute", by=people["officer"], to=bueng_kan, reason="ก")
    assert "elsewhere" in told()


def test_hq_hears_what_is_sent_to_it(report, people, told):
    move(report, "reroute", by=people["officer"], to=None, reason="ก")
    assert told() == {"hq"}


def test_whom_a_report_is_assigned_to_hears_of_it_and_nobody_else(report, people, told):
    move(report, "accept", by=people["chief"])
    assert told() == set()
    move(report, "assign", by=people["chief"], assignee=people["officer"])
    assert told() == {"officer"}


def test_nobody_is_told_what_they_did_themselves(report, people, told):
    move(report, "accept", by=people["officer"])
    move(report, "assign", by=people["officer"], assignee=people["officer"])
    assert told() == set()


def test_an_answer_is_told_to_the_officer_it_is_assigned_to(held, told):
    dialogue.reply(held, "คำตอบ", token=receipts.new_token())
    assert told() == {"officer"}


def test_an_answer_to_nobody_is_told_to_the_queue(report, told):
    dialogue.reply(report, "คำตอบ", token=receipts.new_token())
    assert told() == QUEUE


def test_the_deputy_hears_for_whoever_is_away(held, nong_khai, people, told):
    go_away(people["officer"], nong_khai, deputy=people["other"])
    dialogue.reply(held, "คำตอบ", token=receipts.new_token())
    assert told() == {"other"}


def test_the_queue_hears_when_officer_and_deputy_are_away(held, nong_khai, people, told):
    go_away(people["officer"], nong_khai, deputy=people["other"])
    go_away(people["other"], nong_khai)
    dialogue.reply(held, "คำตอบ", token=receipts.new_token())
    assert told() == {"chief", "secretary"}


def test_a_deputy_of_another_place_hears_nothing_of_this_one(held, nong_khai, people, told):
    go_away(people["officer"], nong_khai, deputy=people["elsewhere"])
    dialogue.reply(held, "คำตอบ", token=receipts.new_token())
    assert told() == {"other", "chief", "secretary"}


def test_chief_and_secretary_hear_of_a_closing_that_they_must_countersign(held, people, told):
    Category.objects.filter(pk=held.category_id).update(is_serious=True)
    closed(Report.objects.get(pk=held.pk), people)
    assert told() == {"chief", "secretary"}


def test_nobody_hears_of_a_closing_that_its_proposer_ends(held, people, told):
    closed(held, people)
    assert told() == set()


def test_a_contest_is_told_to_those_who_assign(held, people, told):
    move(closed(held, people), "close", by=people["officer"])
    move(held, "contest", by=None)
    assert told() == {"chief", "secretary"}


def test_of_a_serious_category_hq_hears_a_contest_besides_and_leaders_a_merging(held, people, told):
    held.category = CategoryFactory(code="grave", is_serious=True)
    held.save()
    move(closed(held, people), "close", by=people["chief"], evidence_type="visit")
    told()
    move(held, "contest", by=None)
    assert told() == {"chief", "secretary", "hq"}
    held.refresh_from_db()
    assert held.escalation == Escalation.HQ
    repeat = file_report(district=held.district, category=held.category)
    told()
    move(repeat, "merge", by=people["officer"], into=held)
    assert told() == {"chief", "secretary"}


def test_a_reopening_is_told_to_whoever_had_it(held, people, told):
    move(closed(held, people), "close", by=people["officer"])
    move(held, "reopen", by=people["chief"], reason="ก")
    assert told() == {"officer"}


def test_the_chief_hears_that_whoever_had_it_left(held, people, told):
    yesterday = timezone.localdate() - timedelta(days=1)
    people["officer"].memberships.update(starts_on=yesterday, ends_on=yesterday)
    handover.release_what_nobody_holds()
    assert told() == {"chief", "secretary"}


def test_a_passed_deadline_is_told_step_by_step_and_once_each(held, told):
    at = Report.objects.get(pk=held.pk).due_at
    heard = []
    for hours in (0, 1, 12, 13, 24, 25, 48):
        deadlines.escalate_overdue(at + timedelta(hours=hours))
        heard.append(told())
    chiefs = {"chief", "secretary"}
    assert heard == [{"officer"}, set(), chiefs, set(), {"hq"}, set(), set()]


def test_a_passed_deadline_of_what_nobody_has_is_told_to_the_queue(report, told):
    deadlines.escalate_overdue(report.due_at)
    assert told() == QUEUE


@pytest.mark.parametrize("without", ["membership", "address"])
def test_where_no_chief_can_be_told_hq_is(report, nong_khai, told, without):
    leading = nong_khai.memberships.filter(role__in=["chief", "secretary"])
    if without == "address":
        User.objects.filter(pk__in=leading.values("user")).update(email="")
    else:
        leading.delete()
    for hours in (0, 12):
        told()
        deadlines.escalate_overdue(report.due_at + timedelta(hours=hours))
    assert told() == {"hq"}


def test_hq_hears_though_all_of_hq_are_away(people, told):
    go_away(people["hq"], None)
    file_report()
    assert told() == {"hq"}


def test_what_concerns_an_official_is_told_to_hq_alone_at_every_step(nong_khai, people, told):
    report = file_report(district=nong_khai.district, concerns_official=True)
    heard = [told()]
    for hours in (0, 12, 24):
        deadlines.escalate_overdue(report.due_at + timedelta(hours=hours))
        heard.append(told())
    dialogue.reply(report, "คำตอบ", token=receipts.new_token())
    heard.append(told())
    assert set().union(*heard) == {"hq"}
    assert heard[0] == heard[1] == heard[-1] == {"hq"}


def test_every_event_of_the_table_is_a_step_or_a_clock():
    others = {"receive", "reply", "release", "late_officer", "late_chief", "late_hq"}
    steps = {name.removeprefix("serious_") for name in HEARS}
    assert steps <= set(TRANSITIONS) | others


def test_the_task_names_a_report_an_event_and_a_person_by_number(report, people):
    Job.objects.all().delete()
    move(report, "accept", by=people["chief"])
    move(report, "assign", by=people["chief"], assignee=people["officer"])
    assert Job.objects.get().args == [report.pk, "assign", people["chief"].pk]
