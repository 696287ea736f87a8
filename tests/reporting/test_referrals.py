"""Referring to a partner agency: what leaves the building, who may see it, and until when."""

from datetime import datetime, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from reporting import deadlines, history, referral_pack
from reporting.lifecycle import TransitionNotAllowed, move
from reporting.models import LogEntry, Referral, Report, ReportingSettings, SealedText, Stage
from reporting.texts import open_referral, seal_text
from tests.factories import MembershipFactory, UserFactory, file_report
from tests.reporting.test_referral_sheet import plain, text_of

NARRATIVE = "ผมเห็นชายสามคนหิ้วกระสอบลงเรือหางยาวสีเขียวตรงท่าทรายใต้ต้นโพธิ์ใหญ่ตอนตีสองของทุกคืนวันศุกร์"
PLANTED = ["หิ้วกระสอบ", "ท่าทราย", "ต้นโพธิ์", "zebra-7731"]
RECEIVER = "พ.ต.ท. สมมติ ผู้รับแทน สภ.เมืองหนองคาย"
PURPOSE = "ขอให้ร่วมตรวจพื้นที่ริมน้ำ"
PACK = "อำเภอได้รับแจ้งและตรวจสอบเบื้องต้นแล้ว เห็นว่าควรตรวจสอบร่วมกัน"
FINDING = {"reliability": "B", "credibility": "2", "reason": "ตรงกับที่ผู้ใหญ่บ้านเล่า"}


@pytest.fixture
def officer(nong_khai, member):
    return member(nong_khai, "officer")


@pytest.fixture
def report(nong_khai, officer):
    report = file_report(district=nong_khai.district, narrative=f"{NARRATIVE} zebra-7731")
    for name in ("accept", "verify"):
        report = move(report, name, by=officer)
    return report


def refer(report, officer, **words) -> Report:
    given = {
        "agency": "police",
        "receiver": RECEIVER,
        "purpose": PURPOSE,
        "pack": PACK,
        "expires_on": timezone.localdate() + timedelta(days=7),
    }
    return move(report, "refer", by=officer, **{**given, **words})


@pytest.fixture
def referred(report, officer):
    return refer(report, officer)


def run_out(report) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    Referral.objects.filter(report=report).update(expires_on=yesterday)


def screen(name, report, number=1) -> str:
    return reverse(f"reports:{name}", args=[report.reference, number])


# --- The sheet -------------------------------------------------------------------------------


def test_the_pdf_says_what_the_officer_wrote_and_who_looks_at_it(client, referred, officer):
    client.force_login(officer)
    answer = client.post(screen("download_referral", referred))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == (
        f'attachment; filename="{referred.reference}-police.pdf"'
    )
    assert "no-store" in answer["Cache-Control"]
    said = plain(text_of(answer.content))
    assert f"{referred.reference}/1" in said
    assert officer.username in said
    buddhist_year = str(timezone.localdate().year + 543)
    assert buddhist_year in said


def test_nothing_that_the_reporter_wrote_is_in_the_pdf_or_on_the_sheet(client, referred, officer):
    client.force_login(officer)
    pdf = client.post(screen("download_referral", referred)).content
    page = client.post(screen("print_referral", referred)).content.decode()
    for planted in PLANTED:
        assert planted not in text_of(pdf)
        assert planted.encode() not in pdf
        assert planted.encode("utf-16-be") not in pdf
        assert planted not in page
    assert PACK in page
    assert RECEIVER in page


def test_the_sheet_is_made_from_a_fixed_list_of_facts(referred):
    facts = referral_pack.facts_of(referred, referred.referrals.get(), number=1)
    assert set(facts._fields) == {
        "reference",
        "number",
        "centre",
        "agency",
        "category",
        "place",
        "when",
        "made_on",
        "until",
    }
    assert all(isinstance(fact, (str, int)) for fact in facts)


# --- Opening it ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["referral", "print_referral", "download_referral"])
@pytest.mark.django_db
@pytest.mark.both_databases
def test_each_opening_leaves_one_entry_and_a_look_at_the_page_none(client, referred, officer, name):
    client.force_login(officer)
    before = referred.log.count()
    client.get(screen(name, referred))
    assert referred.log.count() == before
    answer = client.post(screen(name, referred))
    assert answer.status_code == 200
    entry = referred.log.order_by("number").last()
    action = {"referral": "read_referral"}.get(name, name)
    assert (referred.log.count(), entry.action, entry.user) == (before + 1, action, officer)
    assert entry.data == {"agency": "police", "referral": 1}
    assert history.is_intact(referred)


def test_the_page_opens_the_referral_and_nothing_else(client, referred, officer):
    client.force_login(officer)
    closed = client.get(screen("referral", referred)).content.decode()
    opened = client.post(screen("referral", referred)).content.decode()
    for words in (RECEIVER, PURPOSE, PACK):
        assert words not in closed
        assert words in opened
    for planted in PLANTED:
        assert planted not in opened


def test_a_number_that_no_referral_has_is_nowhere(client, referred, officer):
    client.force_login(officer)
    for number in (0, 2, 10**9):
        assert client.get(screen("referral", referred, number)).status_code == 404
        assert client.post(screen("download_referral", referred, number)).status_code == 404


@pytest.mark.parametrize("name", ["referral", "print_referral", "download_referral"])
def test_hq_sees_that_a_district_referred_and_not_what(client, referred, hq, name):
    client.force_login(hq)
    entries = referred.log.count()
    assert client.get(screen("referral", referred)).status_code == 200
    answer = client.post(screen(name, referred))
    assert answer.status_code == 403
    assert RECEIVER not in answer.content.decode()
    assert referred.log.count() == entries


def test_nobody_else_opens_a_referral(referred, bueng_kan, member):
    referral = referred.referrals.get()
    for person in (
        member(bueng_kan, "chief"),
        MembershipFactory(role="auditor").user,
        UserFactory(is_superuser=True),
    ):
        with pytest.raises(PermissionDenied):
            open_referral(referred, referral, number=1, by=person)


def test_without_a_key_the_sheet_is_not_made_and_that_is_said(client, referred, officer, settings):
    settings.REPORT_PRIVATE_KEYS = ""
    client.force_login(officer)
    entries = referred.log.count()
    for name in ("referral", "print_referral", "download_referral"):
        answer = client.post(screen(name, referred))
        assert answer.status_code == 503
        assert 'role="alert"' in answer.content.decode()
    assert referred.log.count() == entries


def test_a_pdf_that_cannot_be_set_is_said_and_the_opening_stays_logged(
    client, referred, officer, monkeypatch
):
    def fail(*args, **kwargs):
        raise RuntimeError(PACK)

    monkeypatch.setattr("typst.compile", fail)
    client.force_login(officer)
    answer = client.post(screen("download_referral", referred))
    assert answer.status_code == 503
    assert PACK not in answer.content.decode()
    assert referred.log.order_by("number").last().action == "download_referral"


# --- Its stages ------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.both_databases
def test_a_referral_is_prepared_handed_over_and_answered(referred, officer):
    assert referred.referrals.get().stage == Stage.PREPARED
    report = move(referred, "hand_over", by=officer)
    referral = report.referrals.get()
    assert (referral.stage, referral.handed_over_by) == (Stage.HANDED_OVER, officer)
    with pytest.raises(TransitionNotAllowed):
        move(report, "hand_over", by=officer)
    report = move(report, "return", by=officer, answer="ตรวจแล้ว")
    assert report.referrals.get().stage == Stage.ANSWERED
    words = open_referral(report, report.referrals.get(), number=1, by=officer)
    assert words == {"receiver": RECEIVER, "purpose": PURPOSE, "pack": PACK, "answer": "ตรวจแล้ว"}


def test_what_ran_out_is_said_and_leaves_no_more(client, referred, officer):
    run_out(referred)
    client.force_login(officer)
    page = client.get(reverse("reports:report", args=[referred.reference])).content.decode()
    reminder = client.get(screen("referral", referred)).context["ran_out"]
    assert reminder
    assert reminder in page
    entries = referred.log.count()
    for name in ("print_referral", "download_referral"):
        answer = client.post(screen(name, referred))
        assert answer.status_code == 409
        assert reminder in answer.content.decode()
    assert referred.log.count() == entries
    assert client.post(screen("referral", referred)).status_code == 200
    with pytest.raises(TransitionNotAllowed):
        move(referred, "hand_over", by=officer)
    late = move(referred, "return", by=officer, answer="ตอบช้า")
    assert late.referrals.get().stage == Stage.ANSWERED


def test_the_last_day_still_counts(report, officer):
    report = refer(report, officer, expires_on=timezone.localdate())
    assert not report.referrals.get().has_run_out


def test_the_officer_hears_of_a_pack_that_ran_out_and_of_none_before(report, officer):
    move(report, "assign", by=officer, assignee=officer)
    report = refer(report, officer, expires_on=timezone.localdate())
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(), time.max))
    assert not deadlines.escalate_overdue(midnight)
    assert deadlines.escalate_overdue(midnight + timedelta(seconds=1)) == 1
    assert report.log.last().data["told"] == "officer"


def test_a_pack_that_lasts_long_leaves_the_agencys_own_clock(report, officer):
    ReportingSettings.objects.update_or_create(defaults={"answer_days": 3})
    report = refer(report, officer, expires_on=timezone.localdate() + timedelta(days=300))
    assert report.due_at - timezone.now() < timedelta(days=4)


def test_each_answer_belongs_to_its_referral(report, officer):
    report = move(report, "record_finding", by=officer, **FINDING)
    report = refer(report, officer)
    report = move(report, "propose_closing", by=officer, outcome="acted", evidence_type="visit")
    report = move(report, "send_back", by=officer, reason="ยังไม่ครบ")
    report = refer(report, officer, agency="navy", pack="สรุปเรื่องเรือโดยเจ้าหน้าที่")
    with pytest.raises(TransitionNotAllowed):
        move(report, "return", by=officer, answer="ตอบ", referral=3)
    report = move(report, "return", by=officer, answer="ตำรวจตอบ", referral=1)
    first, second = report.referrals.all()
    assert (first.stage, second.stage) == (Stage.ANSWERED, Stage.PREPARED)
    assert open_referral(report, first, number=1, by=officer)["answer"] == "ตำรวจตอบ"
    assert "answer" not in open_referral(report, second, number=2, by=officer)
    report = refer(report, officer, agency="social", pack="สรุปเรื่องเด็กโดยเจ้าหน้าที่")
    report = move(report, "return", by=officer, answer="หน่วยสุดท้ายตอบ")
    assert report.referrals.last().stage == Stage.ANSWERED


def test_many_referrals_cost_the_page_no_more_queries(client, referred, officer):
    address = reverse("reports:report", args=[referred.reference])

    def queries() -> int:
        client.force_login(officer)
        client.get(address)
        with CaptureQueriesContext(connection) as found:
            client.get(address)
        return len(found)

    few = queries()
    report = referred
    for _ in range(4):
        report = move(report, "return", by=officer, answer="ตอบ")
        report = refer(report, officer, agency="customs")
    assert queries() == few


# --- The reporter's words --------------------------------------------------------------------


@pytest.mark.parametrize("field", ["pack", "purpose", "receiver"])
def test_a_passage_of_the_reporter_is_not_passed_on(report, officer, field):
    entries = report.log.count()
    copied = f"สรุป: {NARRATIVE[10:70]} จบ"
    with pytest.raises(TransitionNotAllowed):
        refer(report, officer, **{field: copied})
    report.refresh_from_db()
    assert (report.status, report.log.count()) == ("verifying", entries)
    assert not report.referrals.exists()


def test_an_answer_and_a_contest_of_the_reporter_are_their_words_too(report, officer):
    reply = "ครั้งล่าสุดเห็นเมื่อคืนวันพุธใกล้ศาลาไม้หลังเก่าตรงข้ามโรงสี"
    seal_text(report, SealedText.Kind.REPLY, {"reply": reply})
    with pytest.raises(TransitionNotAllowed):
        refer(report, officer, pack=reply)
    contest = "ยังเห็นเรือลำเดิมเข้ามาทุกคืนตรงท่าน้ำหลังวัดไม่มีใครมาดูเลย"
    report = move(report, "record_finding", by=officer, **FINDING)
    for name, words in (
        ("propose_closing", {"outcome": "acted", "evidence_type": "visit"}),
        ("close", {}),
    ):
        report = move(report, name, by=officer, **words)
    report = move(report, "contest", by=None, words=contest)
    report = move(report, "verify", by=officer)
    with pytest.raises(TransitionNotAllowed):
        refer(report, officer, pack=contest)


def test_the_comparison_is_logged_before_the_referral(referred, officer):
    actions = referred.log.order_by("number").values_list("action", "user")
    assert list(actions)[-2:] == [("compare", officer.pk), ("refer", officer.pk)]


def test_without_a_key_nothing_is_referred(report, officer, settings, client):
    settings.REPORT_PRIVATE_KEYS = ""
    client.force_login(officer)
    typed = {
        "agency": "police",
        "receiver": RECEIVER,
        "purpose": PURPOSE,
        "pack": PACK,
        "expires_on": timezone.localdate().isoformat(),
    }
    answer = client.post(reverse("reports:refer", args=[report.reference]), typed)
    assert answer.status_code == 503
    assert PACK in answer.content.decode()
    assert not report.referrals.exists()


# --- The log ------------------------------------------------------------


def test_no_word_of_a_referral_is_in_the_log(client, referred, officer):
    client.force_login(officer)
    client.post(screen("download_referral", referred))
    for entry in LogEntry.objects.filter(report=referred):
        for words in (RECEIVER, PURPOSE, PACK):
            assert words not in str(entry.data)
