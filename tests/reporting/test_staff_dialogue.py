"""How staff write to a reporter, and how they learn of an answer."""

import re

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import gettext

from reporting import dialogue, receipts
from reporting.intake import Arrival, receive
from reporting.lifecycle import move
from reporting.models import LogEntry, Message, Report
from reporting.staff_forms import MessageForm
from reporting.views import staff_timeline
from reporting.views import staff_words as words
from tests.factories import CategoryFactory, MembershipFactory, file_report

QUESTION = "เรือลำนั้นสีอะไร"
ANSWER = "สีเขียว จอดใต้ต้นไทร"


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
def officer(client, nong_khai, member):
    person = member(nong_khai, "officer")
    client.force_login(person)
    return person


def address(screen, report) -> str:
    return reverse(f"reports:{screen}", args=[report.reference])


def token_of(page) -> str:
    return re.search(r'name="token" value="(.*?)"', page.content.decode())[1]


def reply(report) -> None:
    dialogue.reply(report, ANSWER, token=receipts.new_token())


def test_an_officer_writes_and_is_told_that_it_waits(client, report, officer, receipt):
    token = token_of(client.get(address("message", report)))
    for _ in range(2):  # a double click
        sent = client.post(address("message", report), {"words": QUESTION, "token": token})
        assert (sent.status_code, sent["Location"]) == (302, address("report", report))
    assert list(get_messages(sent.wsgi_request))
    assert Message.objects.count() == 1
    assert dialogue.lines(report, receipt.number)[0].words == QUESTION
    assert address("message", report) in client.get(address("report", report)).content.decode()


def test_the_form_tells_never_to_ask_who_somebody_is(client, report, officer):
    warning = str(MessageForm.base_fields["words"].help_text)
    assert warning in client.get(address("message", report)).content.decode()


def test_an_empty_message_is_not_sent(client, report, officer):
    answer = client.post(address("message", report), {"words": " "})
    assert "words" in answer.context["form"].errors
    assert not Message.objects.exists()


def test_what_was_typed_stays_when_it_cannot_be_sealed(client, report, officer, settings):
    settings.REPORT_PUBLIC_KEYS = ""
    answer = client.post(address("message", report), {"words": QUESTION})
    assert answer.status_code == 503
    assert QUESTION in answer.content.decode()
    assert not Message.objects.exists()


def test_the_project_office_does_not_write_in_a_district_s_queue(client, report, hq):
    client.force_login(hq)
    assert client.post(address("message", report), {"words": QUESTION}).status_code == 403
    assert address("message", report) not in client.get(address("report", report)).content.decode()
    assert not Message.objects.exists()


def test_a_report_from_before_says_why_nobody_can_write(client, report, officer):
    Report.objects.filter(pk=report.pk).update(receipt_key="")
    assert client.get(address("message", report)).status_code == 409
    answer = client.post(address("message", report), {"words": QUESTION})
    assert answer.status_code == 409
    assert QUESTION in answer.content.decode()
    page = client.get(address("report", report)).content.decode()
    assert address("message", report) not in page


def test_messages_and_answers_show_among_the_opened_texts_alone(client, report, officer, hq):
    client.post(address("message", report), {"words": QUESTION})
    reply(report)
    opened = client.post(address("read", report)).content.decode()
    assert opened.index(QUESTION) < opened.index(ANSWER)
    auditor = MembershipFactory(role="auditor").user
    for person, path in (
        (officer, address("report", report)),
        (officer, address("message", report)),
        (officer, "/admin/reports/?status=all"),
        (officer, "/admin/"),
        (hq, address("report", report)),
        (auditor, reverse("reports:log")),
    ):
        client.force_login(person)
        page = client.get(path)
        assert page.status_code == 200 or (person is hq and page.status_code == 403)
        for text in (QUESTION, ANSWER):
            assert text not in page.content.decode(), path
    for entry in LogEntry.objects.filter(report=report):
        assert entry.data == {} or entry.action == "receive"


def test_the_history_tells_who_wrote_and_that_the_reporter_answered(client, report, officer):
    client.post(address("message", report), {"words": QUESTION})
    reply(report)
    page = client.get(address("report", report))
    told = [(event.who, event.what) for event in page.context["timeline"]][-2:]
    actions, reporter = staff_timeline.ACTIONS, str(LogEntry.Actor.REPORTER.label)
    assert told == [(words.person(officer), actions["message"]), (reporter, actions["reply"])]
    assert page.context["timeline"][-1].at == words.hour(report.log.last().at)


def test_a_new_answer_is_told_wherever_the_report_is_until_it_is_opened(client, report, officer):
    mark = f"{gettext('New answer of the reporter')}</span>"
    pages = ["/admin/reports/", "/admin/reports/?attention=answered", address("report", report)]
    assert all(mark not in client.get(page).content.decode() for page in pages)
    reply(report)
    assert all(mark in client.get(page).content.decode() for page in pages)
    assert mark not in client.post(address("read", report)).content.decode()
    assert all(mark not in client.get(page).content.decode() for page in pages)


def test_the_first_page_counts_new_answers_whatever_became_of_the_report(
    client, report, officer, nong_khai
):
    def tiles():
        panels = client.get("/admin/").context["panels"]
        panel = next(panel for panel in panels if getattr(panel, "name", "") == "open_reports")
        request = type("Request", (), {"user": officer})
        return panel.get_context_data({"request": request})["tiles"]

    before = len(tiles())
    move(report, "merge", by=officer, into=file_report(district=nong_khai.district))
    reply(report)
    assert len(tiles()) == before + 1
    assert (tiles()[-1].number, tiles()[-1].is_loud) == ("1", True)
    rows = client.get(tiles()[-1].url).context["rows"]
    assert [row.reference for row in rows] == [report.reference]


def test_the_report_that_goes_on_shows_which_of_its_repeats_was_answered(
    client, report, officer, nong_khai
):
    original = file_report(district=nong_khai.district)
    move(report, "merge", by=officer, into=original)
    reply(report)
    [repeat] = client.get(address("report", original)).context["relatives"].repeats
    assert (repeat.reference, repeat.has_new_answer) == (report.reference, True)


def test_the_mark_goes_with_a_report_that_is_sent_on(client, report, officer, bueng_kan, member):
    reply(report)
    move(report, "reroute", by=officer, to=bueng_kan, reason="อยู่คนละอำเภอ")
    assert client.get(address("report", report)).status_code == 404
    client.force_login(member(bueng_kan, "officer"))
    rows = client.get("/admin/reports/?attention=answered").context["rows"]
    assert [row.reference for row in rows] == [report.reference]


def test_a_dialogue_costs_a_report_page_no_query(client, report, officer):
    def cost(screen, method="get") -> int:
        with CaptureQueriesContext(connection) as queries:
            getattr(client, method)(address(screen, report))
        return len(queries)

    dialogue.write(report, QUESTION, by=officer, token=receipts.new_token())
    reply(report)
    cost("read", "post")
    counts = (cost("report"), cost("read", "post"))
    for _ in range(5):
        dialogue.write(report, QUESTION, by=officer, token=receipts.new_token())
        reply(report)
    cost("read", "post")
    assert (cost("report"), cost("read", "post")) == counts
