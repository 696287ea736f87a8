"""What a headman writes down: filed once, joined to nobody that a thief could name, kept sealed."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reporting import drafts, receipts, sealing, taking_down
from reporting.intake import Arrival
from reporting.models import Channel, Draft, LogEntry, Membership, Report, Slip, TakenDown
from reporting.taking_down import take_down, taken_down_by, this_year
from reporting.tasks import clear_taken_down
from tests.factories import MembershipFactory, file_report

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
TOLD = "ชาวบ้านเล่าว่ามีเรือมาลงของหลังวัดตอนตีสาม"
SESSION = "a session"


@pytest.fixture
def headman(nong_khai, member):
    return member(nong_khai, "coordinator")


def take(by, *, token="", **words) -> Report:
    words = {"narrative": TOLD, "channel": Channel.COORDINATOR, **words}
    token = token or receipts.new_token()
    return take_down(Arrival(**words), token=token, by=by, session=SESSION).report


def stored(model) -> str:
    return str(list(model.objects.values()))


# --- Whose it is ----------------------------------------------------------------------------------


def test_ones_own_list_has_what_one_wrote_down_newest_first(headman, nong_khai):
    first, second = (take(headman, district=nong_khai.district) for _ in range(2))
    file_report(district=nong_khai.district)
    take(MembershipFactory(centre=nong_khai, role="coordinator").user)
    assert taken_down_by(headman, this_year()) == [second.pk, first.pk]
    assert taken_down_by(headman, this_year() - 1) == []


def test_the_database_alone_does_not_tell_who_brought_a_report_nor_which_belong_together(
    headman, nong_khai
):
    reports = [take(headman, district=nong_khai.district) for _ in range(3)]
    rows = list(TakenDown.objects.values())
    assert {column for row in rows for column in row} == {"id", "digest", "report_id"}
    assert len({row["digest"] for row in rows}) == len(reports)
    for report in reports:
        assert [entry.user_id for entry in report.log.all()] == [None]
        assert report.assignee_id is None


def test_without_the_key_nothing_is_found_and_with_a_former_one_everything(headman, settings):
    report, former = take(headman), settings.SECRET_KEY
    settings.SECRET_KEY = "another key, as long as keys of this project usually are"
    assert taken_down_by(headman, this_year()) == []
    settings.SECRET_KEY_FALLBACKS = [former]
    assert taken_down_by(headman, this_year()) == [report.pk]


def test_what_concerns_an_official_is_joined_to_nobody(headman, nong_khai):
    report = take(headman, district=nong_khai.district, concerns_official=True)
    assert (report.centre, report.concerns_official) == (None, True)
    assert not TakenDown.objects.exists()
    assert taken_down_by(headman, this_year()) == []


def test_a_join_that_should_not_be_there_still_shows_nothing(headman):
    report = take(headman)
    Report.objects.filter(pk=report.pk).update(concerns_official=True, centre=None)
    assert taken_down_by(headman, this_year()) == []


def test_beyond_what_the_list_finds_in_a_year_reports_are_filed_all_the_same(headman, monkeypatch):
    monkeypatch.setattr(taking_down, "MOST_IN_A_YEAR", 2)
    reports = [take(headman) for _ in range(3)]
    assert Report.objects.count() == 3
    assert taken_down_by(headman, this_year()) == [reports[1].pk, reports[0].pk]


def test_a_report_that_is_purged_leaves_a_gap_and_no_number_is_given_twice(headman):
    first, second = take(headman), take(headman)
    TakenDown.objects.filter(report=first).delete()
    third = take(headman)
    assert taken_down_by(headman, this_year()) == [third.pk, second.pk]


# --- Sent again -----------------------------------------------------------------------------------


def test_the_same_form_files_once_and_the_same_session_may_see_the_slip_again(headman):
    token = receipts.new_token()
    assert take(headman, token=token) == take(headman, token=token)
    assert Report.objects.count() == TakenDown.objects.count() == 1
    assert taking_down.may_see_again(token, SESSION)
    assert not taking_down.may_see_again(token, "another session")
    assert not taking_down.may_see_again(receipts.new_token(), SESSION)


def test_minutes_later_nobody_may_and_nothing_is_left(headman):
    token = receipts.new_token()
    take(headman, token=token)
    Slip.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert not taking_down.may_see_again(token, SESSION)
    clear_taken_down.func()
    assert not Slip.objects.exists()


def test_a_slip_row_names_neither_person_nor_report(headman):
    report = take(headman)
    assert set(Slip.objects.values().get()) == {"id", "digest", "until"}
    assert report.intake_digest not in stored(Slip)
    assert report.receipt_digest not in stored(Slip)


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_by_several_at_once_is_one_report_of_one_person():
    headman = MembershipFactory(role="hq").user
    token, found = receipts.new_token(), []
    barrier = threading.Barrier(4)

    def send(token: str) -> None:
        barrier.wait()
        try:
            found.append(take(headman, token=token).pk)
        finally:
            connection.close()

    for tokens in ([token] * 4, [receipts.new_token() for _ in range(4)]):
        threads = [threading.Thread(target=send, args=[one]) for one in tokens]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(found) == 8
    assert Report.objects.count() == 5
    assert sorted(taken_down_by(headman, this_year())) == sorted(set(found))


# --- What is not sent yet -------------------------------------------------------------------------


def test_a_draft_is_sealed_to_the_office_and_comes_back_to_its_owner_alone(headman, member, hq):
    drafts.keep(headman, {"narrative": TOLD, "concerns_official": "on"})
    draft = Draft.objects.get()
    assert draft.sealed_to == [sealing.HQ]
    assert TOLD.encode() not in bytes(draft.sealed)
    assert "concerns" not in stored(Draft)
    assert drafts.open_draft(headman) == {"narrative": TOLD, "concerns_official": "on"}
    assert drafts.open_draft(hq) == {}
    assert draft.kept_at.minute == draft.kept_at.second == draft.kept_at.microsecond == 0
    assert not LogEntry.objects.exists()


def test_there_is_one_draft_and_the_last_one_counts(headman):
    for words in ("one", "two"):
        drafts.keep(headman, {"narrative": words})
    assert drafts.open_draft(headman) == {"narrative": "two"}
    drafts.discard(headman)
    assert drafts.open_draft(headman) == {}
    assert not Draft.objects.exists()


def test_a_draft_that_arrives_after_its_form_is_not_kept(headman):
    token = receipts.new_token()
    take(headman, token=token)
    assert not drafts.keep(headman, {"token": token, "narrative": TOLD})
    assert not Draft.objects.exists()


def test_a_draft_that_outlived_its_form_is_not_shown_again(headman):
    token = receipts.new_token()
    drafts.keep(headman, {"token": token, "narrative": TOLD})
    take(headman, token=token)
    assert drafts.open_draft(headman) == {}
    assert not Draft.objects.exists()


def test_more_than_a_draft_holds_leaves_the_former_one(headman):
    drafts.keep(headman, {"narrative": TOLD})
    with pytest.raises(drafts.TooMuch):
        drafts.keep(headman, {"narrative": "ก" * (drafts.LIMIT + 1)})
    assert drafts.open_draft(headman) == {"narrative": TOLD}


def test_a_draft_goes_after_a_day_and_with_the_role(headman, nong_khai):
    others = [MembershipFactory(centre=nong_khai, role="coordinator").user for _ in range(2)]
    for person in (headman, *others):
        drafts.keep(person, {"narrative": TOLD})
    Draft.objects.filter(user=others[0]).update(kept_at=timezone.now() - timedelta(hours=25))
    yesterday = timezone.localdate() - timedelta(days=1)
    Membership.objects.filter(user=others[1]).update(starts_on=yesterday, ends_on=yesterday)
    assert drafts.open_draft(others[1]) == {}
    clear_taken_down.func()
    assert [draft.user for draft in Draft.objects.all()] == [headman]


def test_a_process_without_private_keys_opens_no_draft(headman, settings):
    drafts.keep(headman, {"narrative": TOLD})
    settings.REPORT_PRIVATE_KEYS = ""
    with pytest.raises(sealing.SealingUnavailable):
        drafts.open_draft(headman)
    assert Draft.objects.exists()


def test_a_draft_goes_in_another_transaction_than_the_one_that_files(headman):
    """PostgreSQL's files keep the number of the transaction that deleted a row."""
    with CaptureQueriesContext(connection) as queries:
        take(headman)
    assert "reporting_draft" not in str([query["sql"] for query in queries])
    assert "home_user" not in str([query["sql"] for query in queries])
