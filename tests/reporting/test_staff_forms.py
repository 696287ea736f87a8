"""Each step through the screens: taken, refused, and told."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from reporting import history
from reporting.lifecycle import move
from reporting.models import LogEntry, Membership, Report, SealedText, Status
from tests.factories import CategoryFactory, MembershipFactory, file_report

NEXT_MONTH = (timezone.localdate() + timedelta(days=30)).isoformat()
NARRATIVE = "เห็นคนขนกล่องข้ามน้ำตอนตีสองทุกคืนวันศุกร์"
SEALED = "ถ้อยคำของเจ้าหน้าที่ที่ต้องปิดผนึก"


@pytest.fixture
def report(nong_khai):
    return file_report(district=nong_khai.district, narrative=NARRATIVE)


@pytest.fixture
def officer(nong_khai, member):
    return member(nong_khai, "officer")


@pytest.fixture
def chief(nong_khai, member):
    return member(nong_khai, "chief")


@pytest.fixture
def take(client):
    """take(report, step, person, **typed) sends the step's form as the person."""

    def send(report, step, person, **typed):
        client.force_login(person)
        return client.post(reverse(f"reports:{step}", args=[report.reference]), typed)

    return send


def brought_to(report, status, officer, chief) -> Report:
    """The report, walked on to a status."""
    walk = {
        Status.QUEUED: [("accept", {})],
        Status.VERIFYING: [("accept", {}), ("verify", {})],
    }
    finding = ("record_finding", {"reliability": "B", "credibility": "2", "reason": SEALED})
    referral = {
        "agency": "police",
        "receiver": SEALED,
        "purpose": "ตรวจร่วม",
        "pack": SEALED,
        "expires_on": timezone.localdate(),
    }
    closing = ("propose_closing", {"outcome": "acted", "evidence_type": "visit"})
    walk[Status.REFERRED] = [*walk[Status.VERIFYING], finding, ("refer", referral)]
    walk[Status.CLOSING] = [*walk[Status.VERIFYING], finding, closing]
    walk[Status.CLOSED] = [*walk[Status.CLOSING], ("close", {})]
    for name, details in walk.get(status, []):
        move(report, name, by=officer, **details)
    report.refresh_from_db()
    return report


def said(answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


# --- Reading ---------------------------------------------------------------------------------


def test_reading_opens_the_text_once_and_leaves_one_entry_in_the_log(take, report, officer):
    before = report.log.count()
    answer = take(report, "read", officer)
    assert answer.status_code == 200
    assert NARRATIVE in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    entry = report.log.order_by("number").last()
    assert (report.log.count(), entry.action, entry.user) == (before + 1, "read", officer)
    assert history.is_intact(report)


def test_a_get_opens_nothing(client, report, officer):
    client.force_login(officer)
    answer = client.get(reverse("reports:read", args=[report.reference]))
    assert answer.status_code == 302
    assert not report.log.filter(action="read").exists()


def test_what_was_written_shows_nowhere_but_in_the_opened_page(
    client, take, report, officer, chief, hq
):
    report = brought_to(report, Status.VERIFYING, officer, chief)
    take(
        report,
        "record_finding",
        officer,
        reliability="B",
        credibility="2",
        reason=SEALED,
        evidence=SEALED,
    )
    take(report, "read", officer)
    for person, path in (
        (officer, "/admin/reports/?status=all"),
        (officer, reverse("reports:report", args=[report.reference])),
        (officer, reverse("reports:propose_closing", args=[report.reference])),
        (officer, "/admin/"),
        (hq, "/admin/reports/"),
        (hq, reverse("reports:report", args=[report.reference])),
        (MembershipFactory(role="auditor").user, "/admin/reports/log/"),
    ):
        client.force_login(person)
        page = client.get(path)
        assert page.status_code == 200
        for words in (NARRATIVE, SEALED):
            assert words not in page.content.decode()
    for entry in LogEntry.objects.filter(report=report):
        assert NARRATIVE not in str(entry.data)
        assert SEALED not in str(entry.data)


def test_hq_reads_a_district_report_only_once_it_was_escalated(take, report, hq):
    refused = take(report, "read", hq)
    assert refused.status_code == 403
    assert NARRATIVE not in refused.content.decode()
    assert not report.log.filter(action="read").exists()
    Report.objects.filter(pk=report.pk).update(escalation=3)
    assert NARRATIVE in take(report, "read", hq).content.decode()


def test_without_a_key_reading_says_so_and_is_undone(take, report, officer, settings):
    settings.REPORT_PRIVATE_KEYS = ""
    answer = take(report, "read", officer)
    assert answer.status_code == 503
    assert 'role="alert"' in answer.content.decode()
    assert not report.log.filter(action="read").exists()


def test_opened_texts_are_escaped(take, nong_khai, officer):
    report = file_report(district=nong_khai.district, narrative="<script>alert(1)</script>")
    page = take(report, "read", officer).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


# --- Each step -------------------------------------------------------------------------------

FORM_STEPS = [
    (Status.RECEIVED, "reject", {"reason": "spam"}, Status.REJECTED),
    (Status.RECEIVED, "accept", {}, Status.QUEUED),
    (Status.QUEUED, "verify", {}, Status.VERIFYING),
    (
        Status.VERIFYING,
        "record_finding",
        {"reliability": "C", "credibility": "3", "reason": SEALED},
        Status.VERIFYING,
    ),
    (
        Status.VERIFYING,
        "refer",
        {
            "agency": "police",
            "receiver": SEALED,
            "purpose": "ตรวจ",
            "pack": SEALED,
            "expires_on": NEXT_MONTH,
        },
        Status.REFERRED,
    ),
    (Status.REFERRED, "hand_over", {"referral": 1}, Status.REFERRED),
    (Status.REFERRED, "return", {"referral": 1, "answer": SEALED}, Status.VERIFYING),
    (
        Status.REFERRED,
        "propose_closing",
        {"outcome": "unfounded", "evidence_type": "witness"},
        Status.CLOSING,
    ),
    (Status.CLOSING, "close", {}, Status.CLOSED),
    (Status.CLOSING, "send_back", {"reason": SEALED}, Status.VERIFYING),
]


@pytest.mark.parametrize(("status", "step", "typed", "target"), FORM_STEPS)
def test_a_step_is_taken_and_told(take, report, officer, chief, status, step, typed, target):
    report = brought_to(report, status, officer, chief)
    answer = take(report, step, officer, **typed)
    assert answer.status_code == 302
    assert answer["Location"] == reverse("reports:report", args=[report.reference])
    assert report.reference in said(answer)[0]
    report.refresh_from_db()
    assert report.status == target
    assert report.log.order_by("number").last().action == step
    assert SEALED not in "".join(said(answer))


@pytest.mark.parametrize(("status", "step", "typed", "target"), FORM_STEPS)
def test_a_step_of_another_status_is_refused_with_the_reason(
    take, report, officer, status, step, typed, target
):
    Report.objects.filter(pk=report.pk).update(status=Status.CLOSED, outcome="acted")
    entries = report.log.count()
    answer = take(report, step, officer, **typed)
    assert answer.status_code == 409
    assert 'role="alert"' in answer.content.decode()
    for words in typed.values():
        if words == SEALED:
            assert words in answer.content.decode()  # what was typed is kept
    assert report.log.count() == entries


@pytest.mark.parametrize(
    ("step", "missing"),
    [
        ("reject", {}),
        ("reject", {"reason": "because"}),
        ("merge", {}),
        ("reroute", {"to": "hq"}),
        ("reroute", {"to": "999999", "reason": "x"}),
    ],
)
def test_what_is_missing_is_asked_for_again(take, report, officer, step, missing):
    answer = take(report, step, officer, **missing)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    report.refresh_from_db()
    assert report.status == Status.RECEIVED


def test_long_words_are_refused_and_kept(take, report, officer):
    answer = take(report, "reroute", officer, to="hq", reason="ก" * 4001)
    assert answer.context["form"].errors["reason"]
    assert "ก" * 4001 in answer.content.decode()


def test_the_reason_of_a_blocked_step_is_said(client, report, officer, chief):
    report = brought_to(report, Status.VERIFYING, officer, chief)
    client.force_login(officer)
    answer = client.get(reverse("reports:report", args=[report.reference]))
    blocked = {step.name: str(step.obstacle.sentence) for step in answer.context["blocked_steps"]}
    assert "propose_closing" in blocked
    assert blocked["propose_closing"] in answer.content.decode().replace("&#x27;", "'")
    assert "record_finding" in {step.name for step in answer.context["steps"]}


def test_rerouting_leaves_the_page_for_the_list_and_offers_staffed_centres(
    client, take, report, officer, bueng_kan, aranyaprathet
):
    Membership.objects.filter(centre=aranyaprathet).delete()
    client.force_login(officer)
    form = client.get(reverse("reports:reroute", args=[report.reference])).context["form"]
    assert [value for value, _label in form.fields["to"].choices] == ["", "hq", str(bueng_kan.pk)]
    answer = take(report, "reroute", officer, to=str(bueng_kan.pk), reason=SEALED)
    assert answer["Location"] == reverse("reports:index")
    report.refresh_from_db()
    assert (report.centre, report.status) == (bueng_kan, Status.RECEIVED)
    assert client.get(reverse("reports:report", args=[report.reference])).status_code == 404


def test_rerouting_without_a_private_key_keeps_what_was_typed(take, report, officer, settings):
    settings.REPORT_PRIVATE_KEYS = ""
    answer = take(report, "reroute", officer, to="hq", reason=SEALED)
    assert answer.status_code == 503
    assert SEALED in answer.content.decode()
    report.refresh_from_db()
    assert report.centre is not None


def test_merging_takes_a_report_of_the_same_queue(take, report, officer, nong_khai):
    other = file_report(district=nong_khai.district)
    typed = f" {other.reference[:4].lower()}-{other.reference[4:].lower()} "
    assert take(report, "merge", officer, into=typed).status_code == 302
    report.refresh_from_db()
    assert report.merged_into == other


def test_merging_answers_alike_for_what_is_unknown_and_what_is_elsewhere(
    take, report, officer, bueng_kan, hq
):
    elsewhere = file_report(district=bueng_kan.district)
    unplaced = file_report()
    errors = {
        str(take(report, "merge", officer, into=into).context["form"].errors)
        for into in (elsewhere.reference, unplaced.reference, "0" * 8, report.reference, "?")
    }
    assert len(errors) == 1
    hq_answer = take(unplaced, "merge", hq, into=elsewhere.reference)
    assert hq_answer.context["form"].errors


def test_a_merged_report_names_its_original_only_while_that_is_visible(
    client, report, officer, nong_khai, bueng_kan
):
    original = file_report(district=nong_khai.district)
    move(report, "merge", by=officer, into=original)
    client.force_login(officer)
    address = reverse("reports:report", args=[report.reference])
    assert original.reference in client.get(address).content.decode()
    original.refresh_from_db()
    move(original, "reroute", by=officer, to=bueng_kan, reason="ผิดอำเภอ")
    assert original.reference not in client.get(address).content.decode()


def test_an_officer_takes_a_report_and_a_chief_gives_it(take, report, nong_khai, officer, chief):
    report = brought_to(report, Status.QUEUED, officer, chief)
    colleague = nong_khai.memberships.filter(role="officer").exclude(user=officer).get().user
    refused = take(report, "assign", officer, assignee=colleague.pk)
    assert refused.context["form"].errors
    assert take(report, "assign", officer, assignee=officer.pk).status_code == 302
    assert take(report, "assign", chief, assignee=colleague.pk).status_code == 302
    report.refresh_from_db()
    assert report.assignee == colleague


def test_a_serious_report_is_closed_by_somebody_else(take, nong_khai, officer, chief):
    serious = CategoryFactory(code="human_trafficking", is_serious=True)
    report = file_report(district=nong_khai.district, category=serious)
    report = brought_to(report, Status.CLOSING, officer, chief)
    assert take(report, "close", officer).status_code == 409
    refused = take(report, "close", chief)
    assert refused.context["form"].errors["evidence_type"]
    assert take(report, "close", chief, evidence_type="record").status_code == 302
    report.refresh_from_db()
    assert (report.status, report.evidence_type) == (Status.CLOSED, "record")
    assert report.log.get(action="propose_closing").data["evidence_type"] == "visit"
    assert report.log.get(action="close").data["evidence_type"] == "record"


def test_reopening_is_the_chiefs(take, report, officer, chief):
    report = brought_to(report, Status.CLOSED, officer, chief)
    assert take(report, "reopen", officer, reason=SEALED).status_code == 403
    assert take(report, "reopen", chief, reason=SEALED).status_code == 302
    report.refresh_from_db()
    assert report.status == Status.QUEUED


def test_a_referral_does_not_expire_before_today(take, report, officer, chief):
    report = brought_to(report, Status.VERIFYING, officer, chief)
    yesterday = timezone.localdate() - timedelta(days=1)
    typed = {
        "agency": "police",
        "receiver": SEALED,
        "purpose": "ตรวจ",
        "pack": SEALED,
        "expires_on": yesterday,
    }
    answer = take(report, "refer", officer, **typed)
    assert answer.context["form"].errors["expires_on"]
    assert SEALED in answer.content.decode()


def test_every_note_is_sealed(take, report, officer, chief):
    take(report, "reroute", officer, to="hq", reason=SEALED)
    for text in SealedText.objects.filter(report=report):
        assert SEALED.encode() not in bytes(text.sealed)


def test_forms_need_a_token_against_forgery(report, officer):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(officer)
    for step in ("accept", "read", "reject"):
        answer = client.post(reverse(f"reports:{step}", args=[report.reference]), {})
        assert answer.status_code == 403
    report.refresh_from_db()
    assert report.status == Status.RECEIVED


def test_a_report_that_left_between_looking_and_acting_is_404(
    take, report, officer, bueng_kan, monkeypatch
):
    """The gate let it pass; then a colleague sent it elsewhere."""
    from reporting import lifecycle

    real = lifecycle.move

    def late(found, name, **details):
        real(found, "reroute", by=officer, to=bueng_kan, reason="ผิดอำเภอ")
        return real(found, name, **details)

    monkeypatch.setattr(lifecycle, "move", late)
    assert take(report, "accept", officer).status_code == 404
    report.refresh_from_db()
    assert report.centre == bueng_kan


def test_the_timeline_keeps_a_reporters_step_to_the_hour(client, report, officer):
    client.force_login(officer)
    answer = client.get(reverse("reports:report", args=[report.reference]))
    first = answer.context["timeline"][0]
    received = timezone.localtime(report.received_at)
    assert f"{received:%H}:00" in first.at
