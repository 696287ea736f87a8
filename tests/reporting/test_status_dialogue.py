"""The office's messages and the reporter's answers on the page of a receipt."""

import re

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reporting import dialogue, receipts, status_words
from reporting.intake import NARRATIVE_LIMIT, Arrival, receive
from reporting.lifecycle import move
from reporting.models import Message, Report
from reporting.texts import open_texts
from tests.factories import CategoryFactory, file_report
from tests.reporting.report_site import STATUS

QUESTION = "เรือลำนั้นสีอะไร\n\nจอดอยู่ตรงไหน <b>ของ</b>หมู่บ้าน"
ANSWER = "สีเขียว จอดใต้ต้นไทร"
TOKEN = "t" * 43


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


@pytest.fixture
def look(client, receipt):
    """look(action="reply", ...) is what the page of the receipt answers."""

    def send(**more: str):
        return client.post(STATUS, {"receipt": receipt.number, **more})

    return send


@pytest.fixture
def closed(report):
    Report.objects.filter(pk=report.pk).update(status="closed", outcome="acted")
    return report


def ask(report, officer, words=QUESTION):
    return dialogue.write(report, words, by=officer, token=receipts.new_token())


def field(answer, name: str) -> str | None:
    found = re.search(
        rf'<textarea id="id_{name}".*?>\n(.*?)</textarea>', answer.content.decode(), re.DOTALL
    )
    return found and found[1]


def problem(answer, name: str) -> str | None:
    found = re.search(rf'id="id_{name}_error">(.*?)</p>', answer.content.decode())
    return found and found[1]


def token_of(answer) -> str:
    return re.search(r'name="token" value="(.*?)"', answer.content.decode())[1]


# --- Reading ------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_the_office_is_read_with_the_receipt_and_no_person_is_named(look, report, officer):
    ask(report, officer)
    page = look().content.decode()
    assert "จอดอยู่ตรงไหน &lt;b&gt;ของ&lt;/b&gt;หมู่บ้าน" in page
    assert str(Message.Sender.CENTRE.label) in page
    for secret in (officer.username, report.reference, "เห็นเรือ", str(report.centre)):
        assert secret not in page


def test_nobody_is_told_to_do_nothing_beside_a_question(look, report, officer):
    sentence = str(status_words.words_for(report).sentence)
    assert sentence in look().content.decode()
    ask(report, officer)
    assert sentence not in look().content.decode()
    assert sentence in look(action="reply", words=ANSWER, token=TOKEN).content.decode()


def test_messages_are_read_where_no_private_key_is(look, report, officer, settings):
    ask(report, officer)
    settings.REPORT_PRIVATE_KEYS = ""
    assert "เรือลำนั้นสีอะไร" in look().content.decode()


def test_a_message_that_cannot_be_opened_is_said_to_be_there(look, report, officer, settings):
    Report.objects.filter(pk=report.pk).update(receipt_key=receipts_key_of_another())
    ask(report, officer)
    answer = look()
    assert answer.status_code == 200
    assert "เรือลำนั้นสีอะไร" not in answer.content.decode()
    assert str(Message.Sender.CENTRE.label) in answer.content.decode()


def receipts_key_of_another() -> str:
    return receive(Arrival(narrative="อื่น"), token=receipts.new_token()).report.receipt_key


def test_the_timeline_tells_of_messages_once_a_day_and_keeps_its_place(look, report, officer):
    move(report, "accept", by=officer)
    for _ in range(3):
        ask(report, officer)
    titles = [stage.title for stage in status_words.timeline(report)]
    stages = status_words.STAGES
    assert titles == [stages[name] for name in ("receive", "accept", "message", "close")]
    current = [stage.title for stage in status_words.timeline(report) if stage.is_current]
    assert current == [stages["accept"]]


def test_the_page_costs_the_same_for_one_message_and_for_ten(look, report, officer):
    look()
    counts = []
    for number in (1, 9):
        for _ in range(number):
            ask(report, officer)
        with CaptureQueriesContext(connection) as queries:
            look()
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_oldest_messages_give_way_on_a_page_that_stays_bounded(
    look, report, officer, monkeypatch
):
    monkeypatch.setattr(dialogue, "MOST_SHOWN", 2)
    for number in range(3):
        ask(report, officer, f"ข้อความที่ {number}")
    page = look().content.decode()
    assert "ข้อความที่ 0" not in page
    assert page.index("ข้อความที่ 1") < page.index("ข้อความที่ 2")


def test_a_report_from_before_can_be_answered_once_its_receipt_was_shown(look, report, officer):
    Report.objects.filter(pk=report.pk).update(receipt_key="")
    look()
    ask(Report.objects.get(pk=report.pk), officer)
    assert "เรือลำนั้นสีอะไร" in look().content.decode()


# --- Answering ----------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_an_answer_reaches_the_queue_and_is_never_shown_back(look, report, officer):
    ask(report, officer)
    form = look()
    answer = look(action="reply", words=ANSWER, token=token_of(form))
    assert answer.status_code == 200
    assert 'role="status"' in answer.content.decode()
    for page in (answer, look()):
        assert ANSWER not in page.content.decode()
        assert page.content.decode().count("message-reporter") == 1
    assert open_texts(report, by=officer)[-1].words == {"reply": ANSWER}


def test_an_answer_sent_twice_is_kept_once_and_thanked_for_twice(look, report):
    pages = [look(action="reply", words=ANSWER, token=TOKEN) for _ in range(2)]
    assert all('role="status"' in page.content.decode() for page in pages)
    assert report.messages.count() == 1


def test_every_page_has_a_token_of_its_own(look):
    assert token_of(look()) != token_of(look())


def test_a_token_that_cannot_be_ours_costs_nobody_the_answer(look, report):
    for token in ("", "short", "x" * 5000):
        look(action="reply", words=ANSWER, token=token)
    assert report.messages.count() == 3


def test_an_answer_needs_words(look, report):
    answer = look(action="reply", words=" \n", token=TOKEN)
    assert problem(answer, "reply")
    assert not report.messages.exists()


def test_too_many_words_stay_with_their_token(look, report):
    words = "ก" * (NARRATIVE_LIMIT + 1)
    answer = look(action="reply", words=words, token=TOKEN)
    assert (field(answer, "reply"), token_of(answer)) == (words, TOKEN)
    assert problem(answer, "reply")
    assert not report.messages.exists()


def test_without_keys_an_answer_stays_in_the_form(look, report, settings):
    settings.REPORT_PUBLIC_KEYS = ""
    answer = look(action="reply", words=ANSWER, token=TOKEN)
    assert answer.status_code == 503
    assert (field(answer, "reply"), token_of(answer)) == (ANSWER, TOKEN)
    assert not report.messages.exists()


def test_while_no_database_answers_an_answer_can_be_sent_again(look, report, monkeypatch):
    def away(*args, **kwargs):
        raise OperationalError

    with monkeypatch.context() as broken:
        broken.setattr("reporting.views.status.lookup.find", away)
        kept = look(action="reply", words=ANSWER, token=TOKEN)
    assert kept.status_code == 503
    page = kept.content.decode()
    sent = dict(re.findall(r'<input type="hidden" name="(\w+)" value="(.*?)"', page))
    assert (sent["action"], sent["token"]) == ("reply", TOKEN)
    look(**{**sent, "words": re.search(r"<textarea.*?>\n(.*?)</textarea>", page, re.S)[1]})
    assert report.messages.count() == 1


def test_a_flood_is_asked_to_wait_and_keeps_what_was_typed(look, report):
    for number in range(dialogue.MOST_IN_A_ROW):
        dialogue.reply(report, ANSWER, token=f"{number:032}")
    assert field(look(), "reply") is None
    answer = look(action="reply", words=ANSWER, token=TOKEN)
    assert (field(answer, "reply"), bool(problem(answer, "reply"))) == (ANSWER, True)


def test_an_answer_leaves_no_cookie_no_copy_and_no_word_in_a_log(look, receipt, every_log):
    answer = look(action="reply", words=ANSWER, token=TOKEN)
    assert not answer.cookies
    assert answer["Cache-Control"] == "no-store"
    for secret in (ANSWER, receipt.number, TOKEN):
        assert secret not in every_log.text


def test_an_answer_takes_no_cookie_and_no_token_of_the_browser(receipt):
    client = Client(enforce_csrf_checks=True)
    sent = {"receipt": receipt.number, "action": "reply", "words": ANSWER, "token": TOKEN}
    assert 'role="status"' in client.post(STATUS, sent).content.decode()


def test_without_the_receipt_nothing_is_kept(client, report, receipt):
    wrong = receipts.issue("a token of nobody, as long as it has to be")
    client.post(STATUS, {"receipt": wrong, "action": "reply", "words": ANSWER, "token": TOKEN})
    assert not Message.objects.exists()


# --- When the work is finished ------------------------------------------------------------------


def test_on_a_closed_report_there_is_the_contest_and_no_answer(look, closed):
    page = look()
    assert field(page, "words") is not None
    assert field(page, "reply") is None


def test_an_answer_that_comes_after_the_closing_becomes_the_words_of_a_contest(look, closed):
    page = look(action="reply", words=ANSWER, token=TOKEN)
    assert field(page, "words") == ANSWER
    assert problem(page, "words")
    assert not closed.messages.exists()


def test_a_contest_stays_one_and_opens_the_dialogue_again(look, closed, officer):
    ask(closed, officer)
    look(action="contest", words="ยังมีเรืออยู่")
    look(action="contest", words="อีกครั้ง")
    closed.refresh_from_db()
    assert (closed.status, closed.log.filter(action="contest").count()) == ("queued", 1)
    look(action="reply", words=ANSWER, token=TOKEN)
    words = [text.words for text in open_texts(closed, by=officer)]
    assert words[1:] == [{"message": QUESTION}, {"note": "ยังมีเรืออยู่"}, {"reply": ANSWER}]
    Report.objects.filter(pk=closed.pk).update(status="closed", outcome="acted")
    page = look()
    assert (field(page, "words"), field(page, "reply")) == (None, None)
    assert "เรือลำนั้นสีอะไร" in page.content.decode()


def test_after_the_last_word_an_answer_stays_in_the_form(look, closed):
    Report.objects.filter(pk=closed.pk).update(was_contested=True)
    page = look(action="reply", words=ANSWER, token=TOKEN)
    assert (field(page, "reply"), bool(problem(page, "reply"))) == (ANSWER, True)
    assert field(page, "words") is None


def test_a_rejected_report_takes_no_answer_and_says_what_to_do(look, report, officer):
    move(report, "reject", by=officer, reason="test")
    assert field(look(), "reply") is None
    look(action="reply", words=ANSWER, token=TOKEN)
    assert not report.messages.exists()


def test_a_merged_report_takes_answers_of_its_own(look, report, officer, nong_khai):
    original = file_report(district=nong_khai.district)
    move(report, "merge", by=officer, into=original)
    look(action="reply", words=ANSWER, token=TOKEN)
    assert report.messages.count() == 1
    assert not original.messages.exists()
