import threading
from datetime import timedelta
from weakref import WeakKeyDictionary

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from home.models import District
from reporting import filing, history, receipts, sealing
from reporting.intake import NARRATIVE_LIMIT, Arrival, IntakeRefused, receive
from reporting.models import LogEntry, Report, SealedText, Status
from reporting.texts import open_texts
from tests.factories import CategoryFactory, CentreFactory, DistrictFactory, file_report

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
TEXT = "เห็นรถตู้ทึบจอดริมโขงตอนตีสอง มีคนขึ้นเรือไปราวสิบคน"


def test_a_report_is_filed_sealed_queued_and_logged(nong_khai, member):
    receipt = receive(
        Arrival(category=CategoryFactory(), district=nong_khai.district, narrative=TEXT),
        token=receipts.new_token(),
    )
    report = receipt.report
    assert (report.status, report.centre) == (Status.RECEIVED, nong_khai)
    assert report.due_at is not None
    assert [entry.action for entry in report.log.all()] == ["receive"]
    assert receipts.parse(receipt.grouped) == receipt.number
    assert report.receipt_digest == receipts.digest(receipt.number)
    [text] = open_texts(report, by=member(nong_khai, "officer"))
    assert text.words == {"narrative": TEXT}


def test_the_stored_text_is_not_readable():
    report = file_report(narrative=TEXT)
    sealed = bytes(report.sealed_texts.get().sealed)
    assert TEXT.encode() not in sealed
    assert sealed.startswith(b"age-encryption.org/v1")


def test_arrival_is_kept_to_the_hour():
    report = file_report()
    for moment in (report.received_at, report.opened_at, report.log.get().at):
        assert (moment.minute, moment.second, moment.microsecond) == (0, 0, 0)


def test_the_same_token_files_one_report_and_shows_the_same_receipt():
    token = receipts.new_token()
    first = receive(Arrival(category=CategoryFactory(), narrative=TEXT), token=token)
    again = receive(Arrival(category=CategoryFactory(), narrative="changed"), token=token)
    assert (first.is_repeat, again.is_repeat) == (False, True)
    assert again.number == first.number
    assert Report.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_token_sent_twice_at_once_files_one_report():
    token, category, numbers = receipts.new_token(), CategoryFactory(), []
    barrier = threading.Barrier(4)

    def send():
        barrier.wait()
        try:
            numbers.append(receive(Arrival(category=category, narrative=TEXT), token=token).number)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(numbers) == 4
    assert len(set(numbers)) == 1
    assert Report.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_reports_at_once_are_all_filed():
    category, filed = CategoryFactory(), []

    def send():
        try:
            for _ in range(5):
                token = receipts.new_token()
                filed.append(receive(Arrival(category=category, narrative=TEXT), token=token))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({receipt.number for receipt in filed}) == 40
    assert Report.objects.count() == 40


def test_filing_takes_one_trip_to_the_database(
    nong_khai, nothing_reserved, django_assert_max_num_queries
):
    arrival = Arrival(category=CategoryFactory(), district=nong_khai.district, narrative=TEXT)
    # After two the process knows clocks and centres, and PostgreSQL reserved it an id more.
    for _ in range(2):
        receive(arrival, token=receipts.new_token())
    trips = 1 if connection.vendor == "postgresql" else 5  # SQLite is asked in this process
    with django_assert_max_num_queries(trips):
        receive(arrival, token=receipts.new_token())


@pytest.fixture
def nothing_reserved(monkeypatch):
    monkeypatch.setattr(filing, "_reserved", WeakKeyDictionary())


def test_a_busy_connection_reserves_ever_more_ids(nothing_reserved):
    with CaptureQueriesContext(connection) as asked:
        assert len({file_report().pk for _ in range(8)}) == 8
    trips = [query for query in asked if "nextval" in (query["sql"] or "")]
    # For 1, 2, 4 and 8 of them; SQLite reserves inside the transaction that files.
    assert len(trips) == (4 if connection.vendor == "postgresql" else 0)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite reserves nothing ahead")
def test_ids_that_somebody_else_has_taken_cost_nobody_a_report(nothing_reserved):
    for _ in range(8):  # of 1, 2, 4 and 8 reserved ids seven are left
        last = file_report().pk
    for taken in range(last + 1, last + 8):
        digests = {"receipt_digest": f"r{taken}", "intake_digest": f"i{taken}"}
        at = timezone.now()
        Report.objects.create(pk=taken, channel="web", received_at=at, opened_at=at, **digests)
    assert file_report().pk > last + 7


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite prepares every statement")
def test_postgresql_plans_the_statement_once_and_survives_a_new_column():
    file_report()
    assert statements_prepared() == 1
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as at the end of a transaction
        cursor.execute("ALTER TABLE reporting_report ADD COLUMN added_by_the_next_release int")
    assert file_report().log.count() == 1
    assert statements_prepared() == 1


def statements_prepared():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%reporting_report%'"
        )
        return cursor.fetchone()[0]


def test_an_id_that_was_reserved_is_nobody_elses(nong_khai):
    ids = {file_report(district=nong_khai.district).pk for _ in range(3)}
    report = Report(reference="0" * 8, receipt_digest="a", intake_digest="a", channel="web")
    report.received_at = report.opened_at = timezone.now()
    report.save()  # the ORM takes its ids from the same place
    assert report.pk not in ids
    assert file_report().pk not in {*ids, report.pk}


def test_a_centre_that_lost_its_last_reader_gets_nothing_more(nong_khai):
    assert file_report(district=nong_khai.district).centre == nong_khai
    for membership in nong_khai.memberships.all():
        membership.ends_on = timezone.localdate() - timedelta(days=1)
        membership.save()
    assert file_report(district=nong_khai.district).centre is None


def test_a_repeat_leaves_nothing_behind_and_breaks_no_transaction():
    token, category = receipts.new_token(), CategoryFactory()
    with transaction.atomic():
        receive(Arrival(category=category), token=token)
        assert receive(Arrival(category=category), token=token).is_repeat
        assert Report.objects.count() == SealedText.objects.count() == LogEntry.objects.count() == 1


def test_two_receipts_never_meet(monkeypatch):
    numbers = iter(["1111222233334444", "1111222233334444", "5555666677778888"])
    monkeypatch.setattr(receipts, "issue", lambda token, attempt=0: next(numbers))
    file_report()
    second = file_report()
    assert second.receipt_digest == receipts.digest("5555666677778888")


@pytest.mark.parametrize(
    ("arrival", "token"),
    [
        ({}, "t" * 40),
        ({"narrative": "   "}, "t" * 40),
        ({"narrative": "ก" * (NARRATIVE_LIMIT + 1)}, "t" * 40),
        ({"narrative": TEXT}, "short"),
    ],
)
def test_what_cannot_become_a_report_is_refused_and_leaves_nothing(arrival, token):
    with pytest.raises(IntakeRefused):
        receive(Arrival(**arrival), token=token)
    assert not Report.objects.exists()


def test_a_category_or_a_text_is_enough():
    receive(Arrival(category=CategoryFactory()), token=receipts.new_token())
    receive(Arrival(narrative="ก" * NARRATIVE_LIMIT), token=receipts.new_token())
    assert Report.objects.count() == 2


def test_nothing_is_kept_when_it_cannot_be_sealed(settings):
    settings.REPORT_PUBLIC_KEYS = ""
    with pytest.raises(sealing.SealingUnavailable):
        receive(Arrival(narrative=TEXT), token=receipts.new_token())
    assert not Report.objects.exists()
    assert not LogEntry.objects.exists()


def test_a_district_without_readers_goes_to_the_office():
    report = file_report(district=CentreFactory().district)
    assert report.centre is None
    assert report.sealed_texts.get().sealed_to == ["hq"]


def test_no_district_goes_to_the_office():
    assert file_report(district=None).centre is None


def test_what_concerns_an_official_goes_around_the_district(nong_khai):
    report = file_report(district=nong_khai.district, concerns_official=True)
    assert report.centre is None
    assert report.sealed_texts.get().sealed_to == ["hq"]


def test_a_further_district_is_a_row_and_works_at_once(member):
    centre = CentreFactory(district=DistrictFactory(is_target=False), staffed=True)
    report = file_report(district=District.objects.get(pk=centre.district_id), narrative=TEXT)
    assert report.centre == centre
    assert open_texts(report, by=member(centre, "officer"))[0].words["narrative"] == TEXT


def test_the_log_of_a_report_shows_when_it_was_changed():
    report = file_report()
    assert history.is_intact(report)
    LogEntry.objects.filter(report=report).update(data={"channel": "api", "queue": "hq"})
    assert not history.is_intact(report)


def test_a_log_entry_is_neither_changed_nor_deleted():
    entry = file_report().log.get()
    with pytest.raises(TypeError):
        entry.save()
    with pytest.raises(TypeError):
        entry.delete()


def test_words_do_not_show_in_what_a_developer_prints():
    assert TEXT not in repr(Arrival(narrative=TEXT))
    receipt = receive(Arrival(narrative=TEXT), token=receipts.new_token())
    assert receipt.number not in repr(receipt)


def test_one_narrative_is_all_there_is():
    report = file_report()
    assert report.sealed_texts.get().kind == SealedText.Kind.NARRATIVE
