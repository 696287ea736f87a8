"""Messages between the office and a reporter: who opens which, and what is kept of them."""

import json

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from reporting import dialogue, history, receipts, sealing
from reporting.effects import TransitionNotAllowed
from reporting.intake import Arrival, receive
from reporting.lifecycle import move
from reporting.models import LogEntry, Message, Report, SealedText, Status
from reporting.texts import open_texts, open_with_receipt
from tests.factories import CategoryFactory, file_report
from work.models import Job

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

QUESTION = "เรือลำนั้นสีอะไร และจอดอยู่ตรงไหนของหมู่บ้าน"
ANSWER = "สีเขียว จอดใต้ต้นไทรหลังวัด"
FINISHED = {
    Status.CLOSED: {"outcome": "acted"},
    Status.REJECTED: {"reject_reason": "test"},
}


@pytest.fixture
def receipt(nong_khai):
    return receive(
        Arrival(category=CategoryFactory(), district=nong_khai.district, narrative="เห็นเรือ"),
        token=receipts.new_token(),
    )


@pytest.fixture
def report(receipt):
    return receipt.report


@pytest.fixture
def officer(nong_khai, member):
    return member(nong_khai, "officer")


def ask(report, officer, words=QUESTION, token="t" * 43) -> Message:
    dialogue.write(report, words, by=officer, token=token)
    return report.messages.last()


def answer(report, words=ANSWER, token="u" * 43) -> Message:
    dialogue.reply(report, words, token=token)
    return report.messages.last()


# --- Who opens what -----------------------------------------------------------------------------


def test_the_receipt_opens_what_the_office_wrote_where_no_private_key_is(
    receipt, report, officer, settings
):
    ask(report, officer)
    settings.REPORT_PRIVATE_KEYS = ""
    [line] = dialogue.lines(report, receipt.number)
    assert line.words == QUESTION
    assert (line.sender, line.is_own) == (str(Message.Sender.CENTRE.label), False)
    assert QUESTION not in repr(line)


def test_the_database_alone_opens_no_message(receipt, report, officer, settings):
    text = ask(report, officer).text
    assert QUESTION.encode() not in bytes(text.sealed)
    settings.SECRET_KEY = "what a thief of the database does not have, in fifty letters or so"
    settings.REPORT_PRIVATE_KEYS = ""
    with pytest.raises(sealing.SealingUnavailable):
        open_with_receipt(text, receipt.number)
    with pytest.raises(sealing.SealingUnavailable):
        sealing.open_sealed(text.sealed, sealed_to=text.sealed_to)
    [line] = dialogue.lines(report, receipt.number)
    assert line.words is None


def test_whoever_holds_the_keys_of_staff_and_worker_reads_every_text_and_no_receipt(
    receipt, report, officer
):
    ask(report, officer)
    answer(report)
    opened = b" ".join(
        sealing.open_sealed(text.sealed, sealed_to=text.sealed_to)
        for text in SealedText.objects.all()
    )
    for words in ("เห็นเรือ", QUESTION, ANSWER):
        assert json.dumps(words)[1:-1].encode() in opened or words.encode() in opened
    stored = repr([list(model.objects.values()) for model in (Report, SealedText, Message)])
    assert receipt.number not in stored
    assert receipt.number.encode() not in opened


def test_another_receipt_opens_no_message(report, officer):
    text = ask(report, officer).text
    other = receive(Arrival(narrative="เรื่องอื่น"), token=receipts.new_token())
    with pytest.raises(sealing.SealingUnavailable):
        open_with_receipt(text, other.number)


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    words=st.text(min_size=1, max_size=300).filter(lambda text: text.strip() and "\0" not in text)
)
def test_whatever_is_written_is_read_as_it_was_written(receipt, report, officer, words):
    ask(report, officer, words, token=receipts.new_token())
    assert dialogue.lines(report, receipt.number)[-1].words == words.strip()


def test_what_the_reporter_wrote_is_opened_by_the_queue_and_not_by_the_receipt(
    receipt, report, officer
):
    text = answer(report).text
    assert text.sealed_to == ["4301", "hq"]
    with pytest.raises(sealing.SealingUnavailable):
        open_with_receipt(text, receipt.number)
    assert open_texts(report, by=officer)[-1].words == {"reply": ANSWER}
    [line] = dialogue.lines(report, receipt.number)
    assert (line.is_own, line.words) == (True, None)


def test_a_report_sent_on_keeps_its_dialogue_for_the_reporter_and_the_new_queue_alone(
    receipt, report, officer, bueng_kan, member, settings, keyrings
):
    ask(report, officer)
    answer(report)
    move(report, "reroute", by=officer, to=bueng_kan, reason="อยู่คนละอำเภอ")
    report.refresh_from_db()
    message, reply = report.messages.all()
    assert message.text.sealed_to == ["3801", "hq", "receipt"]
    assert reply.text.sealed_to == ["3801", "hq"]
    words = [text.words for text in open_texts(report, by=member(bueng_kan, "officer"))]
    assert {"message": QUESTION} in words
    settings.REPORT_PRIVATE_KEYS = json.dumps({"4301": keyrings[1]["4301"]})
    for text in (message.text, reply.text):
        with pytest.raises(sealing.SealingUnavailable):
            sealing.open_sealed(text.sealed, sealed_to=["4301", *text.sealed_to])
    settings.REPORT_PRIVATE_KEYS = ""
    assert dialogue.lines(report, receipt.number)[0].words == QUESTION


def test_a_receipt_still_opens_when_the_secret_of_the_site_was_replaced(
    receipt, report, officer, settings
):
    ask(report, officer)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, as after a rotation, long enough to be one of fifty"
    ask(report, officer, "ถามอีกข้อ", token="v" * 43)
    assert [line.words for line in dialogue.lines(report, receipt.number)] == [
        QUESTION,
        "ถามอีกข้อ",
    ]


# --- Writing to a reporter ----------------------------------------------------------------------


def test_a_message_is_logged_without_its_words_and_shows_whose_it_is(report, officer):
    message = ask(report, officer)
    entry = report.log.last()
    assert (entry.action, entry.user, entry.data, entry.note) == (
        "message",
        officer,
        {},
        message.text,
    )
    assert (message.sender, message.written_by, message.at) == ("centre", officer, entry.at)
    assert history.is_intact(report)


def test_the_project_office_writes_in_its_own_name(hq):
    receipt = receive(Arrival(narrative="ไม่ระบุอำเภอ"), token=receipts.new_token())
    assert ask(receipt.report, hq).sender == Message.Sender.OFFICE


def test_the_project_office_writes_in_its_own_name_in_a_queue_it_took_over(report, hq):
    Report.objects.filter(pk=report.pk).update(escalation=3)
    assert ask(report, hq).sender == Message.Sender.OFFICE


@pytest.mark.parametrize("who", ["hq", "stranger", "coordinator"])
def test_nobody_else_writes_to_a_reporter(report, hq, nong_khai, bueng_kan, member, who):
    person = {
        "hq": hq,
        "stranger": member(bueng_kan, "officer"),
        "coordinator": member(nong_khai, "coordinator"),
    }[who]
    with pytest.raises(PermissionDenied):
        ask(report, person)
    assert not Message.objects.exists()


def test_the_same_form_sent_twice_is_one_message(report, officer):
    ask(report, officer)
    ask(report, officer)
    assert report.messages.count() == report.log.filter(action="message").count() == 1
    assert SealedText.objects.filter(kind="message").count() == 1


def test_without_keys_nothing_of_a_message_is_kept(report, officer, settings):
    settings.REPORT_PUBLIC_KEYS = ""
    with pytest.raises(sealing.SealingUnavailable):
        ask(report, officer)
    with pytest.raises(sealing.SealingUnavailable):
        answer(report)
    assert not Message.objects.exists()
    assert report.log.count() == 1
    report.refresh_from_db()
    assert not report.has_new_answer


# --- Answering ----------------------------------------------------------------------------------


def test_an_answer_is_kept_to_the_hour_and_owes_the_queue_a_notice(report):
    Job.objects.all().delete()
    message = answer(report)
    entry = report.log.last()
    for moment in (message.at, entry.at):
        assert (moment.minute, moment.second, moment.microsecond) == (0, 0, 0)
    assert (entry.actor, entry.user, entry.data) == (LogEntry.Actor.REPORTER, None, {})
    assert message.written_by is None
    job = Job.objects.get()
    assert (job.path, job.args, job.kwargs) == (
        "reporting.tasks.announce",
        [report.pk, "reply", None],
        {},
    )


def test_a_new_answer_is_marked_until_the_queue_opens_it(report, officer):
    answer(report)
    report.refresh_from_db()
    assert report.has_new_answer
    open_texts(report, by=officer)
    report.refresh_from_db()
    assert not report.has_new_answer


def test_an_answer_that_cannot_be_opened_stays_new(report, officer, settings):
    answer(report)
    settings.REPORT_PRIVATE_KEYS = ""
    with pytest.raises(sealing.SealingUnavailable):
        open_texts(report, by=officer)
    report.refresh_from_db()
    assert report.has_new_answer


def test_the_same_answer_sent_twice_is_kept_once_though_the_report_was_closed_meanwhile(report):
    answer(report)
    Job.objects.all().delete()
    Report.objects.filter(pk=report.pk).update(status="closed", outcome="acted")
    answer(report)
    assert report.messages.count() == 1
    assert not Job.objects.exists()


@pytest.mark.parametrize("status", Status)
def test_answers_are_taken_while_somebody_works_on_the_matter(nong_khai, report, status):
    more = FINISHED.get(status, {})
    if status == Status.MERGED:
        more = {"merged_into": file_report(district=nong_khai.district)}
    Report.objects.filter(pk=report.pk).update(status=status, **more)
    if status in FINISHED:
        with pytest.raises(TransitionNotAllowed):
            answer(report)
        assert not report.messages.exists()
    else:
        assert answer(report).report == report


def test_a_flood_of_answers_waits_for_a_word_of_the_office(report, officer):
    for number in range(dialogue.MOST_IN_A_ROW):
        answer(report, token=f"{number:032}")
    with pytest.raises(TransitionNotAllowed):
        answer(report, token=f"{dialogue.MOST_IN_A_ROW:032}")
    ask(report, officer)
    answer(report, token=f"{dialogue.MOST_IN_A_ROW:032}")
    assert report.messages.count() == dialogue.MOST_IN_A_ROW + 2


# --- Reports from before ------------------------------------------------------------------------


def test_a_report_from_before_gets_its_key_when_its_receipt_is_shown(receipt, report, officer):
    Report.objects.filter(pk=report.pk).update(receipt_key="")
    report.refresh_from_db()
    with pytest.raises(TransitionNotAllowed):
        ask(report, officer)
    dialogue.remember_key(report, receipt.number)
    report.refresh_from_db()
    ask(report, officer)
    assert dialogue.lines(report, receipt.number)[0].words == QUESTION


def test_a_key_that_is_there_is_never_replaced(receipt, report):
    before = report.receipt_key
    assert before == sealing.public_key(receipts.identity(receipt.number))
    dialogue.remember_key(report, receipts.issue("a token of somebody else, long enough"))
    report.refresh_from_db()
    assert report.receipt_key == before
