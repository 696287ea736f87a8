from datetime import timedelta

import pytest
from django.utils import timezone

from reporting import deadlines
from reporting.lifecycle import move
from reporting.models import Absence, Escalation, Report, ReportingSettings
from reporting.texts import open_texts
from tests.factories import CategoryFactory, CentreFactory, file_report

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def told(report):
    return [entry.data["told"] for entry in report.log.filter(action="escalate")]


def test_an_urgent_report_is_moderated_within_the_hour(nong_khai):
    report = file_report(district=nong_khai.district, is_urgent=True)
    assert report.due_at - report.received_at == timedelta(hours=1)


def test_an_ordinary_report_is_moderated_within_a_day(nong_khai):
    report = file_report(district=nong_khai.district)
    assert report.due_at - report.received_at == timedelta(hours=24)


def test_a_category_has_a_clock_of_its_own(nong_khai):
    category = CategoryFactory(code="online_scam", moderate_hours=6, check_hours=12, close_days=3)
    report = file_report(district=nong_khai.district, category=category)
    assert report.due_at - report.received_at == timedelta(hours=6)


def test_staff_change_the_clocks_in_the_settings(nong_khai):
    clocks = ReportingSettings.load()
    clocks.moderate_hours = 2
    clocks.save()
    report = file_report(district=nong_khai.district)
    assert report.due_at - report.received_at == timedelta(hours=2)


def test_each_stage_has_its_deadline_and_a_closed_report_has_none(nong_khai, member):
    officer, chief = member(nong_khai, "officer"), member(nong_khai, "chief")
    report = move(file_report(district=nong_khai.district), "accept", by=officer)
    assert timedelta(hours=71) < report.due_at - timezone.now() <= timedelta(hours=72)
    report = move(report, "verify", by=officer)
    assert report.due_at == report.opened_at + timedelta(days=30)
    report = move(
        report, "record_finding", by=officer, reliability="A", credibility="1", reason="ก"
    )
    report = move(report, "propose_closing", by=officer, outcome="acted", evidence_type="visit")
    assert move(report, "close", by=chief).due_at is None


def test_a_passed_deadline_tells_the_officer_the_chief_and_hq_once_each(nong_khai):
    report = file_report(district=nong_khai.district)
    at = report.due_at
    assert deadlines.escalate_overdue(at - timedelta(minutes=1)) == 0
    for hours, level in ((0, 1), (1, 1), (12, 2), (13, 2), (24, 3), (48, 3)):
        deadlines.escalate_overdue(at + timedelta(hours=hours))
        report.refresh_from_db()
        assert report.escalation == level
    assert told(report) == ["officer", "chief", "hq"]


def test_a_long_silence_still_tells_one_after_the_other(nong_khai):
    report = file_report(district=nong_khai.district)
    late = report.due_at + timedelta(days=30)
    for _ in range(4):
        deadlines.escalate_overdue(late)
    assert told(report) == ["officer", "chief", "hq"]


def test_a_centre_whose_last_officer_left_goes_to_hq_at_once(nong_khai):
    report = file_report(district=nong_khai.district)
    nong_khai.memberships.all().delete()
    deadlines.escalate_overdue(report.due_at)
    assert told(report) == ["hq"]


def test_what_lies_where_nobody_works_any_more_goes_to_hq_before_its_deadline(nong_khai):
    report, elsewhere = file_report(district=nong_khai.district), file_report()
    assert deadlines.escalate_unstaffed() == 0
    nong_khai.memberships.all().delete()
    assert deadlines.escalate_unstaffed() == 1
    assert deadlines.escalate_unstaffed() == 0
    assert (told(report), told(elsewhere)) == (["hq"], [])


def test_a_centre_where_all_are_away_goes_to_hq_at_once(nong_khai):
    report = file_report(district=nong_khai.district)
    today = timezone.localdate()
    for membership in nong_khai.memberships.all():
        Absence.objects.create(membership=membership, starts_on=today, ends_on=today)
    assert deadlines.escalate_unstaffed() == 1
    assert told(report) == ["hq"]


def test_hqs_own_queue_tells_hq():
    report = file_report(district=None)
    deadlines.escalate_overdue(report.due_at)
    assert told(report) == ["hq"]


def test_once_escalated_hq_may_read_and_act_to_the_end(nong_khai, hq):
    report = file_report(district=nong_khai.district)
    late = report.due_at + timedelta(days=30)
    for _ in range(3):
        deadlines.escalate_overdue(late)
    report.refresh_from_db()
    assert report.escalation == Escalation.HQ
    assert open_texts(report, by=hq)
    finding = {"reliability": "A", "credibility": "1", "reason": "ก"}
    closing = {"outcome": "acted", "evidence_type": "visit"}
    for name, details in (
        ("accept", {}),
        ("verify", {}),
        ("record_finding", finding),
        ("propose_closing", closing),
        ("close", {}),
    ):
        report = move(report, name, by=hq, **details)
    assert (report.status, report.escalation) == ("closed", Escalation.NONE)
    assert told(report) == ["officer", "chief", "hq"]


def test_a_step_taken_starts_the_clock_afresh(nong_khai, member):
    report = file_report(district=nong_khai.district)
    deadlines.escalate_overdue(report.due_at)
    report = move(report, "accept", by=member(nong_khai, "officer"))
    assert report.escalation == Escalation.NONE


def test_nothing_unread_is_ever_closed_by_the_clock():
    reports = [file_report(district=CentreFactory().district) for _ in range(3)]
    for _ in range(5):
        deadlines.escalate_overdue(timezone.now() + timedelta(days=3650))
    assert Report.objects.open().count() == len(reports)


def test_escalating_walks_in_batches(monkeypatch):
    monkeypatch.setattr(deadlines, "BATCH", 2)
    for _ in range(5):
        file_report(district=None)
    assert deadlines.escalate_overdue(timezone.now() + timedelta(days=2)) == 5
