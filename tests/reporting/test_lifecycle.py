"""The transition table, whole: every step from every status, allowed and refused."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reporting import history, permissions
from reporting.lifecycle import TRANSITIONS, TransitionNotAllowed, move, obstacle, steps_for
from reporting.models import Category, Report, Status
from reporting.texts import open_texts
from tests.factories import (
    CategoryFactory,
    CentreFactory,
    MembershipFactory,
    UserFactory,
    file_report,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

# The table of docs/design.md, section 4, written a second time on purpose.
TABLE = {
    "accept": ({"received"}, "queued"),
    "reroute": ({"received", "queued", "verifying"}, "received"),
    "reject": ({"received"}, "rejected"),
    "merge": ({"received", "queued", "verifying"}, "merged"),
    "assign": ({"queued", "verifying", "referred", "closing"}, None),
    "verify": ({"queued"}, "verifying"),
    "record_finding": ({"verifying"}, None),
    "reverse_finding": ({"verifying"}, None),
    "refer": ({"verifying"}, "referred"),
    "hand_over": ({"referred"}, None),
    "return": ({"referred"}, "verifying"),
    "propose_closing": ({"verifying", "referred"}, "closing"),
    "close": ({"closing"}, "closed"),
    "send_back": ({"closing"}, "verifying"),
    "contest": ({"closed"}, "queued"),
    "reopen": ({"closed", "rejected", "merged"}, "queued"),
}
FINDING = {"reliability": "B", "credibility": "2", "reason": "ตรงกับที่ผู้ใหญ่บ้านเล่า"}
CLOSING = {"outcome": "acted", "evidence_type": "visit"}
LOOKED = {"evidence_type": "witness"}


@pytest.fixture
def officer(nong_khai, member):
    return member(nong_khai, "officer")


@pytest.fixture
def chief(nong_khai, member):
    return member(nong_khai, "chief")


@pytest.fixture
def report(nong_khai):
    return file_report(district=nong_khai.district)


def details(name, report, *, centre, officer):
    """What a step needs, ready to be taken."""
    return {
        "reroute": {"to": None, "reason": "อยู่คนละอำเภอ"},
        "reject": {"reason": "test"},
        "merge": {"into": file_report(district=centre.district)},
        "assign": {"assignee": officer},
        "record_finding": FINDING,
        "reverse_finding": {"finding": latest_finding(report), "reason": "สอบถามใหม่แล้วไม่ตรง"},
        "refer": {
            "agency": "police",
            "receiver": "ร.ต.อ. สมมติ สภ.เมืองหนองคาย",
            "purpose": "ตรวจสอบร่วมกัน",
            "pack": "สรุปโดยเจ้าหน้าที่",
            "expires_on": timezone.localdate() + timedelta(days=7),
        },
        "return": {"answer": "ตรวจแล้ว"},
        "propose_closing": CLOSING,
        "send_back": {"reason": "ยังไม่ได้ลงพื้นที่"},
        "reopen": {"reason": "มีข้อมูลใหม่"},
    }.get(name, {})


def latest_finding(report):
    return report.findings.values_list("pk", flat=True).last()


def brought_to(status, report, officer, chief, centre):
    """The report, walked to a status by people who may."""
    ways = {
        "received": [],
        "queued": ["accept"],
        "verifying": ["accept", "verify", "record_finding"],
        "referred": ["accept", "verify", "record_finding", "refer"],
        "closing": ["accept", "verify", "record_finding", "propose_closing"],
        "closed": ["accept", "verify", "record_finding", "propose_closing", "close"],
        "rejected": ["reject"],
        "merged": ["merge"],
    }
    for name in ways[status]:
        report = move(
            report,
            name,
            by=chief if name == "close" else officer,
            **details(name, report, centre=centre, officer=officer),
        )
    assert report.status == status
    return report


def test_the_table_is_the_designs():
    assert {
        name: ({str(source) for source in step.sources}, step.target and str(step.target))
        for name, step in TRANSITIONS.items()
    } == TABLE


@pytest.mark.parametrize("status", Status.values)
@pytest.mark.parametrize("name", TABLE)
def test_each_step_leads_where_the_table_says_and_from_nowhere_else(
    name, status, report, officer, chief, nong_khai
):
    report = brought_to(status, report, officer, chief, nong_khai)
    by = None if name == "contest" else chief
    sources, target = TABLE[name]
    given = details(name, report, centre=nong_khai, officer=officer)
    steps = report.log.count()
    entries = 2 if name == "refer" else 1  # a referral is compared with what the reporter wrote
    if status in sources:
        after = move(report, name, by=by, **given)
        assert after.status == (target or status)
        assert after.log.count() == steps + entries
        assert history.is_intact(after)
    else:
        with pytest.raises(TransitionNotAllowed):
            move(report, name, by=by, **given)
        report.refresh_from_db()
        assert report.status == status
        assert report.log.count() == steps


@pytest.mark.parametrize("name", [name for name in TABLE if name != "contest"])
def test_people_outside_the_queue_may_take_no_step(
    name, report, officer, chief, nong_khai, aranyaprathet, member
):
    source = sorted(TABLE[name][0])[0]
    report = brought_to(source, report, officer, chief, nong_khai)
    given = details(name, report, centre=nong_khai, officer=officer)
    outsiders = [
        member(aranyaprathet, "chief"),
        member(nong_khai, "coordinator"),
        MembershipFactory(role="analyst").user,
        MembershipFactory(role="auditor").user,
        UserFactory(is_superuser=True),
        None,
    ]
    for outsider in outsiders:
        with pytest.raises(PermissionDenied):
            move(report, name, by=outsider, **given)


def test_staff_cannot_contest_in_the_reporters_name(report, officer, chief, nong_khai):
    report = brought_to("closed", report, officer, chief, nong_khai)
    with pytest.raises(PermissionDenied):
        move(report, "contest", by=chief)


def test_a_closing_is_contested_once(report, officer, chief, nong_khai):
    report = brought_to("closed", report, officer, chief, nong_khai)
    report = move(report, "contest", by=None, words="ยังเห็นอยู่ทุกคืน")
    assert (report.status, report.was_contested, report.outcome) == ("queued", True, "")
    texts = open_texts(report, by=officer)
    assert texts[-1].words == {"note": "ยังเห็นอยู่ทุกคืน"}
    for name in ("verify", "propose_closing"):
        report = move(report, name, by=officer, **(CLOSING if name != "verify" else {}))
    report = move(report, "close", by=chief)
    with pytest.raises(TransitionNotAllowed):
        move(report, "contest", by=None)


def test_nothing_a_reporter_does_is_kept_closer_than_to_the_hour(report, officer, chief, nong_khai):
    def moments(report):
        entry = report.log.last()
        return [report.received_at, report.opened_at, report.due_at, entry.at]

    for moment in moments(report):
        assert (moment.minute, moment.second, moment.microsecond) == (0, 0, 0)
    report = brought_to("closed", report, officer, chief, nong_khai)
    report = move(report, "contest", by=None, words="ยังเห็นอยู่")
    for moment in moments(report):
        assert (moment.minute, moment.second, moment.microsecond) == (0, 0, 0)
    assert report.assignee is None


def test_closing_is_proposed_on_a_finding(report, officer):
    for name in ("accept", "verify"):
        report = move(report, name, by=officer)
    assert obstacle(report, "propose_closing", by=officer) is not None
    with pytest.raises(TransitionNotAllowed):
        move(report, "propose_closing", by=officer, **CLOSING)
    report = move(report, "record_finding", by=officer, **FINDING)
    assert move(report, "propose_closing", by=officer, **CLOSING).status == "closing"


def test_the_proposer_closes_an_ordinary_report(report, officer, nong_khai, chief):
    report = brought_to("closing", report, officer, chief, nong_khai)
    assert move(report, "close", by=officer).status == "closed"


def test_another_officer_does_not_close_what_somebody_else_proposed(
    report, officer, nong_khai, chief
):
    report = brought_to("closing", report, officer, chief, nong_khai)
    other = nong_khai.memberships.filter(role="officer").exclude(user=officer).get().user
    with pytest.raises(TransitionNotAllowed):
        move(report, "close", by=other)


@pytest.mark.parametrize("role", ["chief", "secretary"])
def test_a_serious_report_is_closed_by_somebody_above_who_did_not_propose_it(
    role, nong_khai, member
):
    serious = CategoryFactory(code="human_trafficking", is_serious=True)
    report = file_report(district=nong_khai.district, category=serious)
    officer, superior = member(nong_khai, "officer"), member(nong_khai, role)
    report = brought_to("closing", report, officer, superior, nong_khai)
    with pytest.raises(TransitionNotAllowed):
        move(report, "close", by=officer)
    assert move(report, "close", by=superior, **LOOKED).status == "closed"


def test_a_chief_does_not_countersign_their_own_proposal(nong_khai, member):
    serious = CategoryFactory(code="human_trafficking", is_serious=True)
    report = file_report(district=nong_khai.district, category=serious)
    chief = member(nong_khai, "chief")
    report = brought_to("closing", report, chief, chief, nong_khai)
    with pytest.raises(TransitionNotAllowed):
        move(report, "close", by=chief)
    secretary = member(nong_khai, "secretary")
    assert move(report, "close", by=secretary, **LOOKED).status == "closed"


def test_an_officer_assigns_to_themselves_and_a_chief_to_others(report, officer, chief, nong_khai):
    other = nong_khai.memberships.filter(role="officer").exclude(user=officer).get().user
    report = move(report, "accept", by=officer)
    assert move(report, "assign", by=officer, assignee=officer).assignee == officer
    with pytest.raises(TransitionNotAllowed):
        move(report, "assign", by=officer, assignee=other)
    assert move(report, "assign", by=chief, assignee=other).assignee == other


def test_nobody_from_outside_is_assigned(report, officer, chief, aranyaprathet, member):
    report = move(report, "accept", by=officer)
    for outsider in (member(aranyaprathet, "officer"), UserFactory()):
        with pytest.raises(TransitionNotAllowed):
            move(report, "assign", by=chief, assignee=outsider)


def test_a_report_sent_on_leaves_the_old_queue_and_its_keys(
    report, officer, bueng_kan, member, nong_khai
):
    moved = move(report, "reroute", by=officer, to=bueng_kan, reason="เหตุเกิดที่บึงกาฬ")
    assert (moved.status, moved.centre, moved.assignee) == ("received", bueng_kan, None)
    assert not Report.objects.visible_to(officer).exists()
    for text in moved.sealed_texts.all():
        assert text.sealed_to == ["3801", "hq"]
    with pytest.raises(PermissionDenied):
        open_texts(moved, by=officer)
    words = [text.words for text in open_texts(moved, by=member(bueng_kan, "officer"))]
    assert words[-1] == {"note": "เหตุเกิดที่บึงกาฬ"}


def test_a_report_is_not_sent_where_it_is_nor_where_nobody_reads(report, officer, nong_khai):
    with pytest.raises(TransitionNotAllowed):
        move(report, "reroute", by=officer, to=nong_khai, reason="ก")
    nobody = CentreFactory()
    with pytest.raises(TransitionNotAllowed):
        move(report, "reroute", by=officer, to=nobody, reason="ก")
    report.refresh_from_db()
    assert report.centre == nong_khai


def test_what_concerns_an_official_never_goes_back_to_a_district(nong_khai, hq):
    report = file_report(district=nong_khai.district, concerns_official=True)
    with pytest.raises(TransitionNotAllowed):
        move(report, "reroute", by=hq, to=nong_khai, reason="ก")


def test_a_duplicate_names_another_report_of_its_queue(report, officer, nong_khai, bueng_kan):
    elsewhere = file_report(district=bueng_kan.district)
    for wrong in (report, elsewhere):
        with pytest.raises(TransitionNotAllowed):
            move(report, "merge", by=officer, into=wrong)
    original = file_report(district=nong_khai.district)
    assert move(report, "merge", by=officer, into=original).merged_into == original
    third = file_report(district=nong_khai.district)
    with pytest.raises(TransitionNotAllowed):
        move(third, "merge", by=officer, into=report)


def test_a_serious_report_repeats_only_an_open_serious_one(nong_khai, officer, chief):
    serious = CategoryFactory(code="grave", is_serious=True)
    ordinary = CategoryFactory(code="light", is_serious=False)

    def filed(category):
        return file_report(district=nong_khai.district, category=category)

    report, other, finished = filed(serious), filed(serious), filed(serious)
    move(finished, "reject", by=officer, reason="test", words="ซ้อมระบบ")
    closing = brought_to("closing", filed(serious), officer, chief, nong_khai)
    closed = move(closing, "close", by=chief, evidence_type="visit")
    closing_now = brought_to("closing", filed(serious), officer, chief, nong_khai)
    for into in (filed(ordinary), finished, closed, other, closing_now):
        with pytest.raises(TransitionNotAllowed):
            move(report, "merge", by=officer, into=into)
    move(other, "accept", by=officer)
    assert move(report, "merge", by=officer, into=other).merged_into == other
    assert move(filed(ordinary), "merge", by=officer, into=closed).merged_into == closed


@pytest.mark.parametrize("name", ["reroute", "reject", "merge", "assign"])
def test_a_step_without_what_it_needs_changes_nothing(name, report, officer):
    if name == "assign":
        report = move(report, "accept", by=officer)
    before = report.status
    with pytest.raises(TransitionNotAllowed):
        move(report, name, by=officer)
    report.refresh_from_db()
    assert report.status == before


@pytest.mark.parametrize(
    "wrong",
    [
        {**FINDING, "reliability": "Z"},
        {**FINDING, "credibility": "9"},
        {**FINDING, "reason": "  "},
        {},
    ],
)
def test_a_finding_needs_both_grades_and_a_reason(wrong, report, officer):
    for name in ("accept", "verify"):
        report = move(report, name, by=officer)
    with pytest.raises(TransitionNotAllowed):
        move(report, "record_finding", by=officer, **wrong)
    assert not report.findings.exists()


def test_a_referral_must_not_have_expired(report, officer, nong_khai, chief):
    report = brought_to("verifying", report, officer, chief, nong_khai)
    given = details("refer", report, centre=nong_khai, officer=officer)
    with pytest.raises(TransitionNotAllowed):
        move(
            report,
            "refer",
            by=officer,
            **{**given, "expires_on": timezone.localdate() - timedelta(1)},
        )
    assert move(report, "refer", by=officer, **given).referrals.count() == 1


def test_the_answer_of_an_agency_is_kept_with_its_referral(report, officer, nong_khai, chief):
    report = brought_to("referred", report, officer, chief, nong_khai)
    report = move(report, "return", by=officer, answer="จับกุมแล้ว")
    assert report.referrals.get().answer is not None
    assert {"answer": "จับกุมแล้ว"} in [text.words for text in open_texts(report, by=officer)]


def test_a_step_tells_why_it_is_not_open_to_somebody(report, officer, chief, nong_khai):
    report = brought_to("closing", report, officer, chief, nong_khai)
    Category.objects.filter(pk=report.category_id).update(is_serious=True)
    report = Report.objects.get(pk=report.pk)
    for_officer = {step.name: step.obstacle for step in steps_for(report, officer)}
    assert for_officer.keys() == {"assign", "close", "send_back"}
    assert for_officer["close"] is not None
    assert for_officer["send_back"] is None
    assert {step.obstacle for step in steps_for(report, chief)} == {None}


def test_hq_assigns_and_reopens_in_a_district_and_does_no_more(
    report, officer, hq, chief, nong_khai
):
    with pytest.raises(PermissionDenied):
        move(report, "accept", by=hq)
    with pytest.raises(PermissionDenied):
        open_texts(report, by=hq)
    report = move(report, "accept", by=officer)
    assert move(report, "assign", by=hq, assignee=officer).assignee == officer
    report = move(report, "verify", by=officer)
    report = move(report, "record_finding", by=officer, **FINDING)
    report = move(report, "propose_closing", by=officer, **CLOSING)
    report = move(report, "close", by=chief)
    assert move(report, "reopen", by=hq, reason="ตรวจเพิ่ม").status == "queued"


def test_hq_takes_over_when_the_last_officer_is_gone(report, hq, nong_khai):
    nong_khai.memberships.all().delete()
    assert move(report, "accept", by=hq).status == "queued"


def test_words_of_staff_are_sealed_and_choices_are_logged(report, officer, nong_khai):
    moved = move(report, "reroute", by=officer, to=None, reason="ความลับของเรื่องนี้")
    entry = moved.log.last()
    assert entry.data == {"from": "received", "queue": "4301", "to": "received", "to_queue": "hq"}
    assert "ความลับ".encode() not in bytes(entry.note.sealed)


def test_policy_and_queryset_never_disagree(report, officer, chief, hq, aranyaprathet, member):
    people = [officer, chief, hq, member(aranyaprathet, "chief"), UserFactory(is_superuser=True)]
    for person in people:
        sees = Report.objects.visible_to(person).filter(pk=report.pk).exists()
        may = permissions.policy.user_has_permission_for_instance(person, "view", report)
        assert sees == may


def test_danger_is_not_lost_with_a_duplicate(nong_khai, officer):
    urgent = file_report(district=nong_khai.district, is_urgent=True)
    original = file_report(district=nong_khai.district)
    move(urgent, "merge", by=officer, into=original)
    original.refresh_from_db()
    assert original.is_urgent
    assert original.due_at == urgent.due_at
    assert original.log.last().data == {"repeat": urgent.reference, "is_urgent": True}
    assert history.is_intact(original)


def test_after_a_contest_closing_needs_a_new_finding(report, officer, chief, nong_khai):
    report = brought_to("closed", report, officer, chief, nong_khai)
    report.findings.update(recorded_at=report.opened_at - timedelta(days=1))
    report = move(report, "contest", by=None)
    report = move(report, "verify", by=officer)
    with pytest.raises(TransitionNotAllowed):
        move(report, "propose_closing", by=officer, **CLOSING)


def test_rights_are_asked_once_for_all_the_steps_of_a_report(report, officer):
    with CaptureQueriesContext(connection) as queries:
        assert len(steps_for(report, officer)) > 2
    assert sum("reporting_membership" in query["sql"] for query in queries) == 1
