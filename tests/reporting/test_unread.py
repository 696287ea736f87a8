"""The mark of what nobody of the queue has opened: one for all who work there."""

import pytest

from reporting import dialogue, receipts, texts
from reporting.lifecycle import move
from reporting.models import Report
from reporting.permissions import policy
from reporting.sealing import SealingUnavailable
from tests.factories import file_report

INDEX = "/admin/reports/"


@pytest.fixture
def officer(nong_khai, member):
    return member(nong_khai, "officer")


def is_unread(report: Report) -> bool:
    return Report.objects.get(pk=report.pk).is_unread


def listed(client, person, **query) -> set[str]:
    client.force_login(person)
    return {row.reference for row in client.get(INDEX, query).context["rows"]}


@pytest.mark.both_databases
def test_what_came_in_is_unread_until_one_of_the_queue_opens_it(
    client, nong_khai, officer, member, hq
):
    report, other = (file_report(district=nong_khai.district) for _ in range(2))
    chief = member(nong_khai, "chief")
    both = {report.reference, other.reference}
    for person in (officer, chief, hq):
        assert listed(client, person, attention="unread") == both
    client.force_login(officer)
    client.post(f"{INDEX}{report.reference}/read/")
    for person in (officer, chief, hq):
        assert listed(client, person, attention="unread") == {other.reference}
        assert listed(client, person) == both


def test_unread_is_a_word_and_not_only_a_colour(client, nong_khai, officer):
    report = file_report(district=nong_khai.district)
    client.force_login(officer)

    def rows() -> str:
        page = client.get(INDEX, headers={"accept-language": "en"}).content.decode()
        return page.split('<tr class="report-row')[1].split("</table>")[0]

    assert ">Unread<" in rows()
    client.post(f"{INDEX}{report.reference}/read/")
    assert ">Unread<" not in rows()


def test_looking_at_the_report_without_its_words_leaves_it_unread(client, nong_khai, officer):
    report = file_report(district=nong_khai.district)
    move(report, "accept", by=officer)
    client.force_login(officer)
    client.get(f"{INDEX}{report.reference}/")
    assert is_unread(report)


def test_what_could_not_be_opened_stays_unread(nong_khai, officer, settings):
    report = file_report(district=nong_khai.district)
    settings.REPORT_PRIVATE_KEYS = ""
    with pytest.raises(SealingUnavailable):
        texts.open_texts(report, by=officer)
    assert is_unread(report)


@pytest.mark.parametrize("news", ["answer", "reroute", "contest"])
def test_news_make_it_unread_again(news, nong_khai, bueng_kan, officer, member):
    report = file_report(district=nong_khai.district)
    texts.open_texts(report, by=officer)
    if news == "answer":
        dialogue.reply(report, "Two more boats.", token=receipts.new_token())
    elif news == "reroute":
        move(report, "reroute", by=officer, to=bueng_kan, reason="theirs")
        assert policy.actions_for(officer, Report.objects.get(pk=report.pk)) == frozenset()
    else:
        Report.objects.filter(pk=report.pk).update(status="closed", outcome="acted")
        move(report, "contest", by=None)
    assert is_unread(report)


def test_the_work_of_staff_is_no_news(nong_khai, officer, member):
    report = file_report(district=nong_khai.district)
    texts.open_texts(report, by=officer)
    move(report, "accept", by=officer)
    move(report, "assign", by=officer, assignee=officer)
    move(report, "verify", by=officer)
    assert not is_unread(report)


def test_what_was_rejected_unopened_waits_for_nobody(nong_khai, officer):
    report = file_report(district=nong_khai.district)
    move(report, "reject", by=officer, reason="spam")
    assert not is_unread(report)


def test_an_upgrade_marks_what_nobody_opened_since_it_came_into_its_queue(
    nong_khai, bueng_kan, officer, member
):
    from importlib import import_module

    from django.apps import apps

    opened, untouched, sent_on, done = (file_report(district=nong_khai.district) for _ in range(4))
    for report in (opened, sent_on):
        texts.open_texts(report, by=officer)
    move(sent_on, "reroute", by=officer, to=bueng_kan, reason="theirs")
    move(done, "reject", by=officer, reason="test")
    Report.objects.update(is_unread=False)
    import_module("reporting.migrations.0025_mark_what_nobody_opened").mark(apps, None)
    assert [is_unread(one) for one in (opened, untouched, sent_on, done)] == [
        False,
        True,
        True,
        False,
    ]
