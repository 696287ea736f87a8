"""Taking the queue's list along: what is in it, who gets it, for how long, and what is logged."""

import csv
import json
from datetime import timedelta
from io import BytesIO, StringIO

import openpyxl
import pypdfium2
import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reporting import export_rows, exporting, typesetting, vault
from reporting.lifecycle import move
from reporting.models import Export, ExportEntry, ExportPiece, Fold, Membership, Report
from reporting.permissions import EXPORT, VIEW, policy
from tests.factories import MembershipFactory, UserFactory, file_report
from tests.reporting.test_evidence import stored
from work import ledger
from work.models import Job
from work.runner import run

pytestmark = pytest.mark.django_db

EXPORTS, NEW = "/admin/reports/exports/", "/admin/reports/exports/new/"
LOG = "/admin/reports/log/exports/"
WORDS = "เห็นเรือแปลกเข้าฝั่งตอนกลางคืนหลายลำ"


@pytest.fixture
def chief(nong_khai, member):
    return member(nong_khai, "chief")


@pytest.fixture
def reports(nong_khai):
    return [file_report(district=nong_khai.district) for _ in range(3)]


@pytest.fixture
def ask(client):
    """ask(person, "csv", "status=all") asks for the list narrowed like that."""

    def press(person, form="csv", query="", language="en"):
        client.force_login(person)
        headers = {"accept-language": language}
        return client.post(f"{NEW}?{query}", {"format": form}, headers=headers)

    return press


@pytest.fixture
def save(client):
    def press(person, export):
        client.force_login(person)
        return client.post(f"{EXPORTS}{export.pk}/download/", headers={"accept-language": "en"})

    return press


@pytest.fixture
def exported(ask, save):
    """exported(person, "csv", "status=all") is the whole way, and the file at its end."""

    def go(person, form="csv", query="", language="en") -> bytes:
        assert ask(person, form, query, language)["Location"] == EXPORTS
        work()
        answer = save(person, Export.objects.latest("pk"))
        assert answer.status_code == 200, answer.content.decode()[-2000:]
        return b"".join(answer.streaming_content)

    return go


def work() -> None:
    for job in Job.objects.filter(path=exporting.MAKE):
        run(job.pk)


def lines(content: bytes) -> list[dict[str, str]]:
    _mark, headings, *rows = csv.reader(StringIO(content.decode("utf-8-sig"), newline=""))
    return [dict(zip(headings, row, strict=True)) for row in rows]


def references(content: bytes) -> set[str]:
    return {line["Reference"] for line in lines(content)}


def actions() -> list[tuple[str, int]]:
    return list(ExportEntry.objects.order_by("pk").values_list("action", "rows"))


# --- What is in it --------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_chief_takes_the_list_along_as_it_is_narrowed(
    exported, chief, reports, nong_khai, member
):
    officer = member(nong_khai, "officer")
    move(reports[0], "accept", by=officer)
    assert references(exported(chief)) == {one.reference for one in reports}
    assert references(exported(chief, query="status=queued")) == {reports[0].reference}
    assert Export.objects.latest("pk").choices == {"status": "queued"}


@pytest.mark.both_databases
def test_a_row_says_what_is_known_and_no_word_of_the_reporter(exported, chief, nong_khai, member):
    officer = member(nong_khai, "officer")
    report, other = (
        file_report(district=nong_khai.district, narrative=WORDS, is_urgent=True) for _ in range(2)
    )
    for step in ("accept", "verify"):
        move(report, step, by=officer)
    for grade in ("1", "2"):
        move(report, "record_finding", by=officer, reliability="B", credibility=grade, reason="r")
    move(report, "assign", by=officer, assignee=officer)
    move(other, "merge", by=officer, into=report)
    content = exported(chief)
    [line] = lines(content)
    report.refresh_from_db()
    assert line == {
        "Reference": report.reference,
        "Category": "Other illegal goods",
        "District": "Test district 4301",
        "Status": "being checked",
        "Somebody is in danger now": "yes",
        "Received (hour)": timezone.localtime(report.received_at).isoformat(timespec="minutes"),
        "Age in days": "0",
        "Deadline": timezone.localtime(report.due_at).isoformat(timespec="minutes"),
        "Overdue": "no",
        "Assigned to": officer.username,
        "Finding": "B2",
        "Outcome": "",
        "Duplicates of it": "1",
    }
    assert WORDS not in content.decode()


def test_a_finding_that_was_taken_back_is_not_told(exported, chief, reports, nong_khai, member):
    officer = member(nong_khai, "officer")
    for step in ("accept", "verify"):
        move(reports[0], step, by=officer)
    move(reports[0], "record_finding", by=officer, reliability="A", credibility="1", reason="r")
    [finding] = reports[0].findings.all()
    move(reports[0], "reverse_finding", by=officer, finding=finding.pk, reason="r")
    assert {line["Finding"] for line in lines(exported(chief))} == {""}


@pytest.mark.both_databases
def test_reports_of_another_district_or_on_an_official_are_never_in_it(
    exported, chief, hq, reports, nong_khai, bueng_kan
):
    theirs = file_report(district=bueng_kan.district)
    official = file_report(district=nong_khai.district, concerns_official=True)
    for query in ("", "status=all", "queue=3801", "queue=hq"):
        assert references(exported(chief, query=query)) == {one.reference for one in reports}
    everything = {one.reference for one in [*reports, theirs, official]}
    assert references(exported(hq)) == everything
    assert references(exported(hq, query="queue=3801")) == {theirs.reference}
    assert {line["Queue"] for line in lines(exported(hq, query="queue=hq"))} == {
        "the project office"
    }


def test_who_leads_one_queue_and_works_on_another_takes_along_the_one(
    exported, chief, reports, bueng_kan
):
    MembershipFactory(user=chief, role="officer", centre=bueng_kan)
    theirs = file_report(district=bueng_kan.district)
    assert theirs in Report.objects.visible_to(chief)
    assert references(exported(chief)) == {one.reference for one in reports}


def test_the_policy_and_the_rows_of_a_list_never_disagree(nong_khai, bueng_kan, hq, member):
    reports = [
        file_report(district=nong_khai.district),
        file_report(district=bueng_kan.district),
        file_report(district=nong_khai.district, concerns_official=True),
    ]
    people = [hq, UserFactory(is_superuser=True), *(m.user for m in Membership.objects.all())]
    for person in people:
        rows = set(policy.exportable_by(person))
        for report in reports:
            actions = policy.actions_for(person, report)
            assert (report in rows) is (EXPORT in actions)
            assert EXPORT not in actions or VIEW in actions


def test_what_somebody_hid_in_their_own_list_is_in_it(exported, chief, reports):
    Fold.objects.create(user=chief, report=reports[1], under=reports[0])
    assert len(references(exported(chief))) == 3


def test_thai_comes_with_days_of_the_buddhist_era_in_a_spreadsheet(exported, chief, reports):
    chief.first_name, chief.last_name = "=สมชาย", "ใจดี"
    chief.save()
    page = openpyxl.load_workbook(BytesIO(exported(chief, "xlsx", language="th"))).active
    mark, _headings, first, *_rest = page.iter_rows(values_only=True)
    assert "สมชาย ใจดี" in mark[0]
    assert str(timezone.localdate().year + 543) in mark[0]
    assert first[1] == "สินค้าผิดกฎหมายอื่น ๆ"
    assert str(timezone.localdate().year + 543) in first[5]
    assert page.max_row == 5


def test_the_pdf_has_the_rows_and_the_mark(exported, chief, reports):
    document = pypdfium2.PdfDocument(exported(chief, "pdf"))
    text = document[0].get_textpage().get_text_range()
    assert all(one.reference in text for one in reports)
    assert text.count(chief.username) > 20


def test_rows_cost_the_same_number_of_queries_for_two_and_for_twenty(nong_khai, chief):
    filters = exporting.filters_for(chief, {})

    def cost() -> int:
        columns = export_rows.columns(shows_queue=True)
        reader = export_rows.Reader(timezone.now(), is_program=False)
        with CaptureQueriesContext(connection) as queries:
            rows = exporting.rows_of(filters, chief)
            for report in export_rows.reports_of(rows, filters.order):
                assert [column.cell(report, reader) for column in columns]
        return len(queries)

    file_report(district=nong_khai.district)
    cost()
    few = cost()
    for _ in range(20):
        file_report(district=nong_khai.district)
    assert cost() == few


# --- Who gets it, and for how long ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "code"),
    [("chief", 200), ("secretary", 200), ("officer", 404), ("coordinator", 404), ("analyst", 404)],
)
def test_who_leads_a_queue_may_ask_and_nobody_else(client, nong_khai, role, code):
    centre = None if role == "analyst" else nong_khai
    client.force_login(MembershipFactory(role=role, centre=centre).user)
    for address in (EXPORTS, NEW):
        assert client.get(address).status_code == code


def test_the_button_stands_below_the_list_for_those_alone(client, nong_khai, member, reports):
    for role, is_there in (("chief", True), ("officer", False)):
        client.force_login(member(nong_khai, role))
        assert bool(client.get("/admin/reports/?status=received").context["export_url"]) is is_there
    client.force_login(member(nong_khai, "chief"))
    shown = client.get("/admin/reports/?status=received")
    assert shown.context["export_url"] == f"{NEW}?status=received"
    assert f'href="{NEW}?status=received"' in shown.content.decode()
    assert not client.get(f"/admin/reports/?q={reports[0].reference}").context["export_url"]


@pytest.mark.both_databases
def test_somebody_elses_list_is_404(ask, save, client, chief, hq, reports, nong_khai, member):
    ask(chief)
    work()
    export = Export.objects.get()
    for other in (hq, member(nong_khai, "secretary"), UserFactory(is_superuser=True)):
        assert save(other, export).status_code == 404
        assert client.get(f"{EXPORTS}{export.pk}/download/").status_code == 404
    assert save(chief, export).status_code == 200


@pytest.mark.both_databases
def test_who_lost_the_role_meanwhile_gets_nothing(ask, save, chief, reports):
    ask(chief)
    work()
    Membership.objects.filter(user=chief).update(role="officer")
    assert save(chief, Export.objects.get()).status_code == 404
    assert actions()[-1] == ("make", 3)


@pytest.mark.both_databases
def test_a_list_with_a_report_that_left_the_queue_is_withdrawn(
    ask, save, client, chief, reports, nong_khai, member
):
    ask(chief)
    work()
    move(reports[0], "reroute", by=member(nong_khai, "officer"), to=None, reason="r")
    export = Export.objects.get()
    assert save(chief, export).status_code == 404
    export.refresh_from_db()
    assert (export.state, export.contents, export.pieces.count()) == ("withdrawn", [], 0)
    assert actions()[-1] == ("withdraw", 3)
    page = client.get(EXPORTS, headers={"accept-language": "en"}).content.decode()
    assert "no longer yours to see" in page
    assert save(chief, export).status_code == 409


@pytest.fixture
def ready(ask, chief, reports) -> Export:
    """A list of the chief's, made."""
    ask(chief)
    work()
    return Export.objects.get()


@pytest.mark.both_databases
@pytest.mark.parametrize("is_over", [False, True])
def test_a_file_is_opened_for_nobody_but_the_one_who_asked(ready, hq, nong_khai, member, is_over):
    if is_over:
        Export.objects.update(expires_at=timezone.now())
    for other in (hq, member(nong_khai, "secretary"), UserFactory(is_superuser=True)):
        with pytest.raises(PermissionDenied):
            exporting.open_file(ready, by=other)
    assert actions() == [("ask", 3), ("make", 3)]
    assert ready.pieces.exists()


def test_a_file_is_opened_for_the_one_who_asked_while_they_lead(ready, chief):
    assert b"".join(exporting.open_file(ready, by=chief))
    assert actions()[-1] == ("download", 3)
    Membership.objects.filter(user=chief).update(role="officer")
    with pytest.raises(PermissionDenied):
        exporting.open_file(ready, by=chief)
    assert actions().count(("download", 3)) == 1


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"expires_at": timezone.now()}, exporting.Expired),
        ({"state": "making"}, exporting.NotReady),
        ({"state": "failed"}, exporting.NotReady),
        ({"state": "withdrawn"}, exporting.NotReady),
    ],
)
def test_what_happened_since_the_row_was_read_is_seen(ready, chief, changed, refusal):
    Export.objects.update(**changed)
    with pytest.raises(refusal):
        exporting.open_file(ready, by=chief)
    assert actions()[-1] == ("make", 3)


@pytest.mark.both_databases
def test_a_withdrawal_is_kept_although_it_ends_in_a_refusal(
    ready, chief, reports, nong_khai, member
):
    move(reports[0], "reroute", by=member(nong_khai, "officer"), to=None, reason="r")
    with pytest.raises(exporting.Withdrawn):
        exporting.open_file(ready, by=chief)
    ready.refresh_from_db()
    assert (ready.state, ready.pieces.count()) == ("withdrawn", 0)
    assert actions()[-1] == ("withdraw", 3)


def test_of_whom_hq_was_a_list_of_all_is_none_of_a_chief(ask, save, hq, reports, bueng_kan):
    file_report(district=bueng_kan.district)
    ask(hq)
    work()
    Membership.objects.filter(user=hq).update(role="chief", centre=bueng_kan)
    assert save(hq, Export.objects.get()).status_code == 404


def test_a_role_lost_before_it_was_made_makes_none(ask, chief, reports):
    ask(chief)
    Membership.objects.filter(user=chief).update(role="officer")
    work()
    assert Export.objects.get().state == "withdrawn"
    assert not ExportPiece.objects.exists()
    assert not Job.objects.filter(path=exporting.MAKE).exists()


def test_a_filter_that_is_no_longer_on_offer_never_makes_a_wider_list(ask, hq, reports, bueng_kan):
    file_report(district=bueng_kan.district)
    ask(hq, query="queue=3801")
    Export.objects.update(choices={"queue": "9999"})
    work()
    assert Export.objects.get().state == "withdrawn"


@pytest.mark.both_databases
def test_after_a_day_the_file_is_gone_and_the_page_says_so(
    ask, save, client, chief, reports, django_capture_on_commit_callbacks
):
    ask(chief)
    work()
    assert stored()
    Export.objects.update(expires_at=timezone.now())
    answer = save(chief, Export.objects.get())
    assert answer.status_code == 410
    assert "kept for 24 hours" in answer.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        run(ledger.add("reporting.tasks.clear_exports").pk)
    export = Export.objects.get()
    assert (export.state, export.contents) == ("expired", [])
    assert not stored()
    assert save(chief, export).status_code == 410
    assert actions()[-1] == ("expire", 3)


def test_what_is_not_ready_is_said_to_be_under_way(ask, save, client, chief, reports):
    ask(chief)
    answer = save(chief, Export.objects.get())
    assert answer.status_code == 409
    assert "0 of 3 reports" in answer.content.decode()
    assert client.get(EXPORTS).context["is_waiting"]
    work()
    assert not client.get(EXPORTS).context["is_waiting"]


def test_without_a_key_nothing_is_opened_or_logged(ask, save, chief, reports, settings):
    ask(chief)
    work()
    settings.REPORT_PRIVATE_KEYS = ""
    assert save(chief, Export.objects.get()).status_code == 503
    assert actions()[-1] == ("make", 3)


# --- How it is made and kept ----------------------------------------------------------------------


@pytest.mark.both_databases
def test_the_file_lies_sealed_and_a_task_names_no_more_than_a_row(ask, chief, reports):
    ask(chief)
    job = Job.objects.get(path=exporting.MAKE)
    assert (job.args, job.kwargs) == ([Export.objects.get().pk], {})
    work()
    assert stored()
    for content in stored().values():
        assert content.startswith(b"age-encryption.org/v1")
        assert not any(one.reference.encode() in content for one in reports)
    assert Export.objects.get().pieces.get().sealed_to == ["hq"]


def test_loose_pieces_are_told_from_those_of_a_list(ask, save, chief, reports, monkeypatch):
    ask(chief)
    work()
    vault.put_export(b"of a worker that was killed")
    monkeypatch.setattr(vault, "LOOSE_AFTER", timedelta(days=-1))
    vault.clear_loose()
    assert len(stored()) == 1
    assert save(chief, Export.objects.get()).status_code == 200


@pytest.mark.both_databases
def test_a_task_that_was_killed_half_way_runs_again_and_one_more_time_does_no_harm(
    ask, save, chief, reports
):
    ask(chief)
    Export.objects.update(state="making", done=2)
    export = Export.objects.get()
    exporting.make(export)
    export.refresh_from_db()
    first = list(export.pieces.values_list("stored_as", flat=True))
    assert (export.state, export.done) == ("ready", 3)
    exporting.make(export)
    assert list(export.pieces.values_list("stored_as", flat=True)) == first
    assert [action for action, _rows in actions()] == ["ask", "make"]


def test_of_two_workers_at_once_the_first_to_end_is_kept(ask, chief, reports):
    ask(chief)
    export = Export.objects.get()
    assert exporting._begin(export)
    assert exporting._begin(export)
    exporting._finish(export, [vault.put_export(b"first")], [reports[0].pk])
    exporting._finish(export, [vault.put_export(b"second")], [reports[1].pk])
    assert vault.get(export.pieces.get()) == b"first"


def test_a_task_that_fails_is_counted_and_the_list_is_not_lost(ask, chief, reports, monkeypatch):
    ask(chief)
    monkeypatch.setattr("reporting.vault.put_export", lambda content: 1 / 0)
    work()
    job = Job.objects.get(path=exporting.MAKE)
    assert (job.attempts, job.error) == (1, "ZeroDivisionError")
    monkeypatch.undo()
    Job.objects.update(free_at=timezone.now(), due_at=timezone.now())
    work()
    assert Export.objects.get().state == "ready"


def test_how_far_it_is_is_written_down_chunk_by_chunk(ask, chief, reports, monkeypatch):
    monkeypatch.setattr(export_rows, "CHUNK", 1)
    seen = []
    original = Report.objects.none().__class__.iterator

    def watched(rows, chunk_size):
        for row in original(rows, chunk_size=chunk_size):
            seen.append(Export.objects.values_list("done", flat=True).get())
            yield row

    monkeypatch.setattr(Report.objects.none().__class__, "iterator", watched)
    ask(chief)
    work()
    assert seen == [0, 1, 2]


def test_too_long_a_list_is_refused_and_nothing_is_asked(ask, chief, reports, monkeypatch):
    monkeypatch.setitem(exporting.MOST, Export.Format.CSV, 2)
    answer = ask(chief)
    assert answer.status_code == 200
    assert "at most 2 reports" in answer.content.decode()
    assert not Export.objects.exists()
    assert ask(chief, "xlsx").status_code == 302


def test_a_list_that_grew_too_long_meanwhile_is_not_made(ask, chief, reports, monkeypatch):
    ask(chief)
    monkeypatch.setitem(exporting.MOST, Export.Format.CSV, 2)
    work()
    assert Export.objects.get().state == "failed"
    assert actions()[-1] == ("fail", 3)


def test_a_pdf_that_cannot_be_set_fails_once_and_says_nothing_of_why(
    ask, chief, reports, monkeypatch
):
    def fail(*args, **kwargs):
        raise typesetting.SheetNotSet

    monkeypatch.setattr("reporting.typesetting.pdf", fail)
    ask(chief, "pdf")
    work()
    assert Export.objects.get().state == "failed"
    assert not Job.objects.filter(path=exporting.MAKE).exists()


def test_an_empty_list_and_a_fourth_at_once_are_refused(ask, chief, reports):
    assert "no report in this list" in ask(chief, query="status=closed").content.decode()
    for _ in range(3):
        assert ask(chief).status_code == 302
    assert "still being made" in ask(chief).content.decode()
    assert Export.objects.count() == 3


@pytest.mark.parametrize("form", ["", "docx", "XLSX"])
def test_another_format_is_refused(ask, chief, reports, form):
    assert ask(chief, form).status_code == 200
    assert not Export.objects.exists()


def test_what_was_typed_is_never_kept(ask, chief, reports):
    ask(chief, query=f"status=received&q={WORDS}&assignee={WORDS}&x={WORDS}")
    assert WORDS not in json.dumps(list(Export.objects.values()), default=str)
    assert Export.objects.get().choices == {"status": "received"}


# --- The log --------------------------------------------------------------------------------------


@pytest.fixture
def auditor():
    return MembershipFactory(role="auditor").user


@pytest.mark.both_databases
def test_auditors_read_who_asked_for_what_and_each_saving(
    exported, save, client, chief, auditor, reports
):
    exported(chief, query="attention=unread")
    export = Export.objects.get()
    save(chief, export)
    client.force_login(auditor)
    page = client.get(LOG, headers={"accept-language": "en"})
    entries = page.context["entries"]
    assert [str(entry["what"]) for entry in entries] == [
        *("Saved the list", "Saved the list"),
        *("The list was made", "Asked for a list"),
    ]
    asked = entries[-1]
    assert (asked["who"], asked["count"]) == (chief.username, "3")
    assert asked["chosen"] == ["Status: All open reports", "Attention: Unread"]
    assert asked["format"] == "CSV, for other programs"
    assert exporting.is_log_intact(export)


def test_nobody_but_auditors_reads_the_log(client, chief, hq, auditor):
    for person, code in ((chief, 404), (hq, 404), (auditor, 200)):
        client.force_login(person)
        assert client.get(LOG).status_code == code
    assert client.get(EXPORTS).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        lambda: ExportEntry.objects.filter(number=1).update(rows=1),
        lambda: ExportEntry.objects.filter(action="make").update(user=None, at=timezone.now()),
        lambda: Export.objects.update(choices={}),
        lambda: Export.objects.update(format="pdf"),
    ],
)
def test_what_is_changed_in_the_log_is_seen(exported, chief, reports, change):
    exported(chief, query="status=received")
    export = Export.objects.get()
    assert exporting.is_log_intact(export)
    change()
    assert not exporting.is_log_intact(Export.objects.get())


def test_an_entry_is_written_once_and_never_deleted(ask, chief, reports):
    ask(chief)
    entry = ExportEntry.objects.get()
    for change in (entry.save, entry.delete):
        with pytest.raises(TypeError):
            change()


def test_who_took_a_list_along_stays_on_record(ask, client, chief, reports):
    ask(chief)
    Membership.objects.filter(user=chief).delete()
    client.force_login(UserFactory(is_superuser=True))
    client.post(f"/admin/users/delete/{chief.pk}/")
    chief.refresh_from_db()
    assert Export.objects.get().user == chief


def test_lists_of_exports_cost_the_same_for_one_and_for_many(client, ask, chief, auditor, reports):
    def cost(person, address) -> int:
        client.force_login(person)
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    ask(chief)
    work()
    few = cost(chief, EXPORTS), cost(auditor, LOG)
    for _ in range(5):
        ask(chief)
        work()
    assert (cost(chief, EXPORTS), cost(auditor, LOG)) == few


def test_a_long_list_is_asked_for_in_bounded_questions(ask, chief, reports, monkeypatch):
    ask(chief)
    work()
    export = Export.objects.get()
    monkeypatch.setattr(exporting, "ASKED_AGAIN", 2)
    with CaptureQueriesContext(connection) as queries:
        exporting.open_file(export, by=chief)
    assert sum("COUNT" in query["sql"] for query in queries) == 2


def test_no_log_of_the_application_tells_anything(every_log, exported, chief, reports):
    exported(chief, "xlsx")
    assert not any(one.reference in every_log.text for one in reports)
