"""Findings that are taken back, closings that are sent back, and the reasons that are kept."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from reporting import history
from reporting.lifecycle import TransitionNotAllowed, move, obstacle
from reporting.models import SealedText
from reporting.texts import open_texts
from tests.factories import CategoryFactory, file_report

FINDING = {"reliability": "B", "credibility": "2", "reason": "ตรงกับที่ผู้ใหญ่บ้านเล่า"}
CLOSING = {"outcome": "acted", "evidence_type": "visit"}
WHY = "ถามซ้ำแล้วไม่ตรงกัน"

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def officer(nong_khai, member):
    return member(nong_khai, "officer")


@pytest.fixture
def colleague(nong_khai, officer):
    return nong_khai.memberships.filter(role="officer").exclude(user=officer).get().user


@pytest.fixture
def chief(nong_khai, member):
    return member(nong_khai, "chief")


@pytest.fixture
def serious():
    return CategoryFactory(code="human_trafficking", is_serious=True)


def judged(report, officer):
    for name, details in (("accept", {}), ("verify", {}), ("record_finding", FINDING)):
        report = move(report, name, by=officer, **details)
    return report


@pytest.fixture
def report(nong_khai, officer):
    return judged(file_report(district=nong_khai.district), officer)


def take_back(report, by, **words):
    given = {"finding": report.findings.last().pk, "reason": WHY, **words}
    return move(report, "reverse_finding", by=by, **given)


# --- Taking a finding back -------------------------------------------------------------------


def test_a_finding_that_was_taken_back_stays_on_record(report, officer):
    report = take_back(report, officer)
    finding = report.findings.get()
    assert (finding.is_standing, finding.reversed_by, finding.grade) == (False, officer, "B2")
    entry = report.log.last()
    assert (entry.action, entry.data["grade"]) == ("reverse_finding", "B2")
    assert open_texts(report, by=officer)[-1].words == {"note": WHY}
    assert history.is_intact(report)


@pytest.mark.parametrize("role", ["chief", "secretary"])
def test_a_chief_or_secretary_takes_back_what_somebody_else_recorded(
    role, report, nong_khai, member
):
    person = member(nong_khai, role)
    assert take_back(report, person).findings.get().reversed_by == person


def test_another_officer_takes_nothing_of_a_colleague_back(report, colleague, officer):
    assert obstacle(report, "reverse_finding", by=colleague) is not None
    with pytest.raises(TransitionNotAllowed):
        take_back(report, colleague)
    report = move(report, "record_finding", by=colleague, **FINDING)
    with pytest.raises(TransitionNotAllowed):
        take_back(report, colleague, finding=report.findings.first().pk)
    assert take_back(report, colleague).findings.standing().get().recorded_by == officer


def test_a_finding_is_taken_back_once_and_with_a_reason(report, officer, nong_khai):
    elsewhere = judged(file_report(district=nong_khai.district), officer)
    for wrong in ({"reason": " "}, {"finding": elsewhere.findings.get().pk}, {"finding": 0}):
        with pytest.raises(TransitionNotAllowed):
            take_back(report, officer, **wrong)
    report = take_back(report, officer)
    with pytest.raises(TransitionNotAllowed):
        take_back(report, officer)
    assert elsewhere.findings.get().is_standing


def test_closing_needs_a_finding_that_stands(report, officer):
    report = take_back(report, officer)
    with pytest.raises(TransitionNotAllowed):
        move(report, "propose_closing", by=officer, **CLOSING)
    report = move(report, "record_finding", by=officer, **FINDING)
    assert move(report, "propose_closing", by=officer, **CLOSING).status == "closing"


def test_the_page_shows_findings_latest_first_and_says_who_took_one_back(
    client, report, officer, colleague
):
    report = take_back(report, officer)
    again = {"reliability": "C", "credibility": "3", "reason": "ใหม่"}
    report = move(report, "record_finding", by=colleague, **again)
    client.force_login(officer)
    answer = client.get(reverse("reports:report", args=[report.reference]))
    findings = answer.context["findings"]
    assert [finding["grade"] for finding in findings] == ["C3", "B2"]
    assert findings[0]["reversed"] == ""
    assert officer.username in findings[1]["reversed"]
    assert findings[1]["reversed"] in answer.content.decode()
    assert WHY not in answer.content.decode()


def test_only_what_one_may_take_back_is_offered(client, report, officer, colleague, chief):
    report = move(report, "record_finding", by=colleague, **FINDING)
    first, second = report.findings.all()
    address = reverse("reports:reverse_finding", args=[report.reference])
    for person, offered in ((colleague, [second.pk]), (chief, [second.pk, first.pk])):
        client.force_login(person)
        form = client.get(address).context["form"]
        assert [value for value, _label in form.fields["finding"].choices] == offered


# --- Sending a closing back ------------------------------------------------------------------


def test_a_proposed_closing_is_sent_back_with_a_reason(report, officer, chief):
    report = move(report, "propose_closing", by=officer, **CLOSING)
    with pytest.raises(TransitionNotAllowed):
        move(report, "send_back", by=chief, reason=" ")
    report = move(report, "send_back", by=chief, reason=WHY)
    assert (report.status, report.outcome, report.evidence_type) == ("verifying", "", "")
    assert report.proposed_by is None
    assert report.log.get(action="propose_closing").data["outcome"] == "acted"
    assert open_texts(report, by=officer)[-1].words == {"note": WHY}


def test_the_proposer_takes_the_proposal_back_and_a_colleague_does_not(report, officer, colleague):
    report = move(report, "propose_closing", by=officer, **CLOSING)
    with pytest.raises(TransitionNotAllowed):
        move(report, "send_back", by=colleague, reason=WHY)
    assert move(report, "send_back", by=officer, reason=WHY).status == "verifying"


def test_who_proposes_again_after_a_sending_back_is_the_one_who_may_not_close(
    nong_khai, officer, chief, member, serious
):
    report = judged(file_report(district=nong_khai.district, category=serious), officer)
    report = move(report, "propose_closing", by=officer, **CLOSING)
    report = move(report, "send_back", by=chief, reason=WHY)
    report = move(report, "propose_closing", by=chief, **CLOSING)
    with pytest.raises(TransitionNotAllowed):
        move(report, "close", by=chief, evidence_type="visit")
    secretary = member(nong_khai, "secretary")
    assert move(report, "close", by=secretary, evidence_type="visit").status == "closed"


# --- Closing what is serious -----------------------------------------------------------------


@pytest.mark.parametrize("wrong", [{}, {"evidence_type": ""}, {"evidence_type": "hearsay"}])
def test_the_second_person_says_what_they_looked_at(wrong, nong_khai, officer, chief, serious):
    report = judged(file_report(district=nong_khai.district, category=serious), officer)
    report = move(report, "propose_closing", by=officer, **CLOSING)
    with pytest.raises(TransitionNotAllowed):
        move(report, "close", by=chief, **wrong)
    report = move(report, "close", by=chief, evidence_type="record")
    assert (report.status, report.evidence_type) == ("closed", "record")
    kept = {
        entry.action: entry.data["evidence_type"]
        for entry in report.log.filter(action__in=("propose_closing", "close"))
    }
    assert kept == {"propose_closing": "visit", "close": "record"}


def test_an_ordinary_closing_asks_for_nothing_more(client, report, officer):
    report = move(report, "propose_closing", by=officer, **CLOSING)
    client.force_login(officer)
    form = client.get(reverse("reports:close", args=[report.reference])).context["form"]
    assert not form.fields
    report = move(report, "close", by=officer)
    assert report.evidence_type == "visit"
    assert "evidence_type" not in report.log.last().data


# --- Rejecting -------------------------------------------------------------------------------


def test_the_words_of_a_rejection_are_kept_sealed(nong_khai, officer):
    report = file_report(district=nong_khai.district)
    report = move(report, "reject", by=officer, reason="spam", words=WHY)
    note = SealedText.objects.get(report=report, kind="note")
    assert WHY.encode() not in bytes(note.sealed)
    assert WHY not in str(report.log.last().data)
    assert open_texts(report, by=officer)[-1].words == {"note": WHY}


def test_a_serious_report_is_not_rejected_without_words(nong_khai, officer, serious, client):
    report = file_report(district=nong_khai.district, category=serious)
    with pytest.raises(TransitionNotAllowed):
        move(report, "reject", by=officer, reason="spam")
    client.force_login(officer)
    address = reverse("reports:reject", args=[report.reference])
    assert client.post(address, {"reason": "spam"}).context["form"].errors["words"]
    assert client.post(address, {"reason": "spam", "words": WHY}).status_code == 302


def test_hq_takes_no_finding_of_a_district_back_before_it_must_act(report, hq):
    with pytest.raises(PermissionDenied):
        take_back(report, hq)
