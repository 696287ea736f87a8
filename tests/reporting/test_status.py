"""What a reporter reads with their receipt, and how they ask for a review."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from home.models import User
from reporting import lifecycle, receipts, status_words
from reporting.intake import NARRATIVE_LIMIT, Arrival, receive
from reporting.lifecycle import move
from reporting.models import Credibility, EvidenceType, Outcome, Reliability, Status
from tests.factories import CategoryFactory
from tests.reporting.report_site import FORM, STATUS, make_report_site, typed

THAI_DIGITS = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")


@pytest.fixture
def receipt(nong_khai):
    return receive(
        Arrival(category=CategoryFactory(), district=nong_khai.district, narrative="เห็นเรือ"),
        token=receipts.new_token(),
    )


@pytest.fixture
def officer(nong_khai, member) -> User:
    return member(nong_khai, "officer")


@pytest.fixture
def closed(receipt, officer):
    report = receipt.report
    for step in ("accept", "verify"):
        report = move(report, step, by=officer)
    report = move(
        report,
        "record_finding",
        by=officer,
        reliability=Reliability.B,
        credibility=Credibility.PROBABLE,
        reason="เหตุผลภายใน",
    )
    report = move(
        report,
        "propose_closing",
        by=officer,
        outcome=Outcome.ACTED,
        evidence_type=EvidenceType.VISIT,
    )
    move(report, "close", by=officer)
    return receipt


def ask(client, number: str, **more: str):
    return client.post(STATUS, {"receipt": number, **more})


def message(response) -> str | None:
    found = re.search(r'id="id_receipt_error">(.*?)</p>', response.content.decode())
    return found and found[1]


def stages(response) -> list[str]:
    return re.findall(r'class="timeline-title">(.*?)<', response.content.decode())


# --- The receipt --------------------------------------------------------------------------------


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "write",
    [
        lambda number: number,
        receipts.grouped,
        lambda number: number.translate(THAI_DIGITS),
        lambda number: f"No. {receipts.grouped(number).replace(' ', '-')}.",
    ],
)
def test_a_receipt_is_read_however_it_was_written_down(client, receipt, write):
    answer = ask(client, write(receipt.number))
    assert message(answer) is None
    assert len(stages(answer)) == 2


def test_a_slip_of_the_pen_is_told_from_a_missing_digit_and_from_an_unknown_receipt(client, db):
    number = receipts.issue("a token that was never used for any report")
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    messages = [message(ask(client, sent)) for sent in ("", number[:-2], wrong, number)]
    assert all(messages)
    assert len(set(messages)) == 4
    assert "14" in messages[1]


def test_what_was_typed_stays_beside_the_message(client, db):
    assert typed(ask(client, "12 ๓๔"), "receipt") == "12 ๓๔"


def test_a_receipt_in_the_address_is_not_read(client, receipt):
    answer = client.get(STATUS, {"receipt": receipt.number})
    assert stages(answer) == []
    assert typed(answer, "receipt") == ""


def test_a_receipt_of_an_earlier_key_is_still_read(client, receipt, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, as after a rotation, long enough to be one of fifty"
    assert len(stages(ask(client, receipt.number))) == 2


def test_nul_and_megabytes_are_answered_in_words(client, db):
    assert message(ask(client, "\x00"))
    assert message(ask(client, "1" * 1_000_000))


# --- The answer ---------------------------------------------------------------------------------


@pytest.mark.parametrize("status", Status)
def test_every_status_has_words_of_its_own(status):
    heading, sentence = status_words.WORDS[status]
    assert heading
    assert sentence
    assert str(heading) != str(Status(status).label)


def test_every_step_that_changes_the_status_is_a_stage_or_left_out_on_purpose():
    unsaid = {
        "reroute",
        "assign",
        "record_finding",
        "reverse_finding",
        "hand_over",
        "propose_closing",
        "send_back",
    }
    leading_on = {"receive", *lifecycle.TRANSITIONS} - unsaid
    assert set(status_words.STAGES) - status_words.BESIDE == leading_on


def test_the_stages_follow_the_report_with_their_days(client, receipt, officer):
    for step in ("accept", "verify"):
        move(receipt.report, step, by=officer)
    answer = ask(client, receipt.number)
    titles = [str(status_words.STAGES[step]) for step in ("receive", "accept", "verify", "close")]
    assert stages(answer) == titles
    html = answer.content.decode()
    assert html.count("<time datetime=") == 3
    assert not re.search(r'datetime="[^"]*:', html), "days, never times of day"
    assert html.count('aria-current="step"') == 1


def test_no_name_queue_grade_or_reason_is_shown(client, closed, officer, nong_khai):
    html = ask(client, closed.number).content.decode()
    for secret in (
        officer.username,
        nong_khai.district.name_th,
        nong_khai.district.code,
        closed.report.reference,
        "B2",
        "เหตุผลภายใน",
        "เห็นเรือ",
    ):
        assert secret not in html


@pytest.mark.parametrize("step", ["reject", "merge"])
def test_what_is_not_taken_further_is_said_without_the_reason(
    client, receipt, officer, nong_khai, step
):
    other = receive(
        Arrival(narrative="เรื่องเดิม", district=nong_khai.district), token=receipts.new_token()
    ).report
    details = {"reject": {"reason": "spam"}, "merge": {"into": other}}[step]
    report = move(receipt.report, step, by=officer, **details)
    html = ask(client, receipt.number).content.decode()
    assert str(status_words.WORDS[report.status].heading) in html
    assert "spam" not in html
    assert other.reference not in html


def test_the_answer_costs_the_same_number_of_queries_however_long_the_story(client, closed):
    short = receive(Arrival(narrative="สั้น"), token=receipts.new_token())
    ask(client, short.number)
    ask(client, closed.number, action="contest")
    counts = []
    for number in (short.number, closed.number):
        with CaptureQueriesContext(connection) as queries:
            ask(client, number)
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- Asking for a review ------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_closed_report_can_be_contested_once(client, closed, officer):
    assert b'value="contest"' in ask(client, closed.number).content
    answer = ask(client, closed.number, action="contest", words="ยังมีเรืออยู่")
    closed.report.refresh_from_db()
    assert closed.report.status == Status.QUEUED
    assert str(status_words.CONTESTED.heading) in answer.content.decode()
    assert b'value="contest"' not in answer.content
    assert closed.report.log.last().note is not None


def test_words_are_not_needed_to_contest(client, closed):
    ask(client, closed.number, action="contest")
    closed.report.refresh_from_db()
    assert closed.report.was_contested


def test_contesting_twice_changes_nothing_more(client, closed):
    ask(client, closed.number, action="contest")
    entries = closed.report.log.count()
    answer = ask(client, closed.number, action="contest")
    assert str(status_words.CONTESTED.heading) in answer.content.decode()
    assert closed.report.log.count() == entries


def test_an_open_report_cannot_be_contested(client, receipt):
    assert b'value="contest"' not in ask(client, receipt.number).content
    ask(client, receipt.number, action="contest")
    receipt.report.refresh_from_db()
    assert receipt.report.status == Status.RECEIVED
    assert not receipt.report.was_contested


def test_too_many_words_stay_and_the_report_stays_closed(client, closed):
    words = "ก" * (NARRATIVE_LIMIT + 1)
    answer = ask(client, closed.number, action="contest", words=words)
    assert typed_words(answer) == words
    closed.report.refresh_from_db()
    assert closed.report.status == Status.CLOSED


def test_without_keys_the_words_stay_and_the_report_stays_closed(client, closed, settings):
    settings.REPORT_PUBLIC_KEYS = ""
    answer = ask(client, closed.number, action="contest", words="ยังมีเรืออยู่")
    assert answer.status_code == 503
    assert typed_words(answer) == "ยังมีเรืออยู่"
    closed.report.refresh_from_db()
    assert closed.report.status == Status.CLOSED


def typed_words(response) -> str:
    html = response.content.decode()
    return re.search(r'<textarea id="id_words".*?>\n(.*?)</textarea>', html, re.DOTALL)[1]


# --- No trace -----------------------------------------------------------------------------------


def test_no_cookie_no_copy_no_index(client, receipt):
    for answer in (
        client.get(STATUS),
        ask(client, "1"),
        ask(client, receipt.number),
        ask(client, receipt.number, action="contest"),
    ):
        assert not answer.cookies
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer["X-Robots-Tag"]


def test_no_receipt_reaches_a_log(client, receipt, every_log):
    ask(client, receipt.number)
    ask(client, receipt.number[:-1])
    assert receipt.number[:-1] not in every_log.text
    assert receipts.grouped(receipt.number) not in every_log.text


def test_it_works_without_any_cookie_or_token_of_the_browser(receipt):
    client = Client(enforce_csrf_checks=True)
    assert stages(ask(client, receipt.number))


def test_the_language_switch_leads_to_the_same_page(client, db):
    make_report_site()
    assert 'href="/en/report/status/"' in client.get(STATUS).content.decode()
    assert f'href="{STATUS}"' in client.get("/en/report/status/").content.decode()
    assert f'href="{FORM}"' in client.get(STATUS).content.decode()


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(client, db, method):
    assert getattr(client, method)(STATUS).status_code == 405
