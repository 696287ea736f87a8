"""Files of reporters: sealed from the moment they arrive, cleaned, and following their report."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import storages
from django.utils import timezone

from reporting import evidence, history, receipts, sealing, vault
from reporting.lifecycle import move
from reporting.models import Attachment, LogEntry, SealedPiece
from reporting.views import staff_words as words
from reporting.views.staff_timeline import when
from tests.factories import file_report
from tests.reporting.made_files import SPELLINGS, film, photo
from work import ledger
from work.models import Job
from work.runner import run

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

PIECE = 1000
NOISE = bytes(range(256)) * 10  # 2,560 bytes, and no kind of file


@pytest.fixture(autouse=True)
def small_pieces(settings):
    settings.EVIDENCE = settings.EVIDENCE | {"piece": PIECE}


@pytest.fixture
def report(nong_khai):
    return file_report(district=nong_khai.district)


@pytest.fixture
def officer(nong_khai, member):
    return member(nong_khai, "officer")


def token() -> str:
    return receipts.new_token()


def pieces(content: bytes) -> list[bytes]:
    return [content[at : at + PIECE] for at in range(0, len(content), PIECE)]


def taken(report, content: bytes) -> Attachment:
    """A file that arrived whole and was not looked at yet."""
    return evidence.take(report, pieces(content), token=token())


def cleaned(report, content: bytes) -> Attachment:
    """A file that a worker has dealt with."""
    attachment = taken(report, content)
    work(evidence.CLEAN)
    attachment.refresh_from_db()
    return attachment


def work(path: str) -> None:
    for job in Job.objects.filter(path=path):
        run(job.pk)


def stored() -> dict[str, bytes]:
    """Everything that lies in storage, by name."""
    storage = storages["evidence"]
    found = {}
    for folder in storage.listdir("")[0] if storage.exists("") else []:
        for name in storage.listdir(folder)[1]:
            with storage.open(f"{folder}/{name}") as file:
                found[f"{folder}/{name}"] = file.read()
    return found


def rows() -> str:
    """Every row of ours that could tell of a file."""
    found = ""
    for model in (Attachment, SealedPiece, LogEntry, Job):
        found += repr(list(model.objects.values()))
    return found


# --- Arriving -------------------------------------------------------------------------------------


def test_a_public_process_takes_a_file_and_can_open_nothing(report, settings):
    settings.REPORT_PRIVATE_KEYS = ""
    attachment = taken(report, NOISE)
    assert attachment.status == Attachment.Status.WAITING
    assert attachment.pieces.count() == 3
    with pytest.raises(sealing.SealingUnavailable):
        list(evidence.opened_pieces(attachment, SealedPiece.Part.ORIGINAL))


def test_what_is_stored_is_sealed_and_tells_nothing(report):
    content = photo()
    attachment = cleaned(report, content)
    assert attachment.is_clean
    for name, sealed in stored().items():
        assert sealed.startswith(b"age-encryption.org/v1")
        assert b"JFIF" not in sealed
        assert not any(spelling in sealed for spelling in SPELLINGS)
        assert "jpg" not in name
    assert "PLANTED" not in rows()


def test_a_file_is_sealed_to_the_queue_and_the_project_office(report):
    attachment = taken(report, NOISE)
    assert {tuple(piece.sealed_to) for piece in attachment.pieces.all()} == {("4301", "hq")}


def test_a_file_of_a_report_on_an_official_is_the_project_offices_alone(nong_khai):
    report = file_report(district=nong_khai.district, concerns_official=True)
    attachment = cleaned(report, photo())
    assert {tuple(piece.sealed_to) for piece in attachment.pieces.all()} == {("hq",)}


def test_the_hour_is_all_that_is_kept_of_the_time(report):
    attachment = taken(report, NOISE)
    entry = report.log.get(action="add_file")
    for at in (attachment.arrived_at, entry.at):
        assert (at.minute, at.second, at.microsecond) == (0, 0, 0)
    assert (entry.actor, entry.user, entry.data) == ("reporter", None, {"file": 1})


def test_a_piece_sent_twice_is_kept_once(report):
    attachment = evidence.begin(report, token=token(), size=len(NOISE))
    for _ in range(2):
        evidence.keep(attachment, 1, pieces(NOISE)[1])
    assert evidence.arrived(attachment) == {1}
    assert len(stored()) == 1


def test_pieces_may_come_in_any_order_and_the_last_one_begins_the_work(report):
    attachment = evidence.begin(report, token=token(), size=len(NOISE))
    for number in (2, 0):
        evidence.keep(attachment, number, pieces(NOISE)[number])
    assert not Job.objects.filter(path=evidence.CLEAN).exists()
    evidence.keep(attachment, 1, pieces(NOISE)[1])
    job = Job.objects.get(path=evidence.CLEAN)
    assert (job.args, job.kwargs) == ([attachment.pk], {})
    opened = evidence.opened_pieces(attachment, SealedPiece.Part.ORIGINAL)
    assert b"".join(opened) == NOISE


def test_a_piece_that_is_not_the_files_is_not_kept(report):
    attachment = evidence.begin(report, token=token(), size=len(NOISE))
    for number, content in [(0, b"short"), (3, b"x"), (-1, b"x"), (2, bytes(PIECE)), (10**9, b"")]:
        with pytest.raises(evidence.NotTaken):
            evidence.keep(attachment, number, content)
    assert stored() == {}


def test_the_same_token_is_the_same_file(report):
    same = token()
    first = evidence.begin(report, token=same, size=5)
    assert evidence.begin(report, token=same, size=5) == first
    with pytest.raises(evidence.NotTaken):
        evidence.begin(report, token=same, size=6)
    assert same not in rows()


def test_a_form_sent_twice_keeps_its_file_once(report):
    same = token()
    first = evidence.take(report, pieces(NOISE), token=same)
    assert evidence.take(report, pieces(NOISE), token=same) == first
    assert evidence.take(report, pieces(NOISE + b"more"), token=same) != first


def test_a_token_of_another_report_opens_no_file_of_it(report, nong_khai):
    same = token()
    first = evidence.begin(report, token=same, size=5)
    other = file_report(district=nong_khai.district)
    assert evidence.begin(other, token=same, size=5) != first


def test_there_is_a_limit_to_files_and_bytes(report, settings):
    settings.EVIDENCE = settings.EVIDENCE | {"files": 3, "file": 5000, "report": 9000}
    for size in (0, 5001):  # an empty one; too large a one
        with pytest.raises(evidence.NotTaken):
            evidence.begin(report, token=token(), size=size)
    evidence.begin(report, token=token(), size=5000)
    with pytest.raises(evidence.NotTaken, match="MB"):
        evidence.begin(report, token=token(), size=4001)
    evidence.begin(report, token=token(), size=1)
    evidence.begin(report, token=token(), size=1)
    with pytest.raises(evidence.NotTaken, match="3"):
        evidence.begin(report, token=token(), size=1)


def test_without_a_key_to_seal_to_nothing_is_kept(report, settings):
    settings.REPORT_PUBLIC_KEYS = ""
    with pytest.raises(sealing.SealingUnavailable):
        taken(report, NOISE)
    assert stored() == {}


def test_a_file_of_which_no_more_comes_is_given_up_and_what_came_is_kept(report):
    attachment = evidence.begin(report, token=token(), size=len(NOISE))
    evidence.keep(attachment, 0, pieces(NOISE)[0])
    evidence.close_incomplete()
    attachment.refresh_from_db()
    assert attachment.status == Attachment.Status.ARRIVING
    Attachment.objects.update(arrived_at=timezone.now() - timedelta(days=4))
    evidence.close_incomplete()
    attachment.refresh_from_db()
    assert (attachment.status, attachment.refusal) == ("refused", "incomplete")
    assert len(stored()) == 1


def test_a_file_that_was_given_up_goes_on_when_somebody_sends_the_rest(report):
    same = token()
    attachment = evidence.begin(report, token=same, size=len(NOISE))
    evidence.keep(attachment, 0, pieces(NOISE)[0])
    Attachment.objects.update(arrived_at=timezone.now() - timedelta(days=4))
    evidence.close_incomplete()
    attachment = evidence.begin(report, token=same, size=len(NOISE))
    for number in (1, 2):
        evidence.keep(attachment, number, pieces(NOISE)[number])
    attachment.refresh_from_db()
    assert attachment.status == Attachment.Status.WAITING


# --- Cleaning -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("content", "kind"), [(photo(), "photo"), (film(), "video")])
def test_a_worker_makes_a_clean_copy_and_the_original_stays_apart(report, content, kind):
    attachment = cleaned(report, content)
    assert (attachment.status, attachment.kind, attachment.refusal) == ("clean", kind, "")
    original = b"".join(evidence.opened_pieces(attachment, SealedPiece.Part.ORIGINAL))
    copy = b"".join(evidence.opened_pieces(attachment, SealedPiece.Part.CLEAN))
    assert original == content
    assert len(copy) == attachment.clean_size
    assert not any(spelling in copy for spelling in SPELLINGS)


def test_the_opening_for_cleaning_is_logged_first(report):
    cleaned(report, photo())
    entry = report.log.get(action="check_file")
    assert (entry.actor, entry.data) == ("system", {"file": 1})
    # It follows the reporter's last piece by seconds, so its minute would be the reporter's.
    assert entry.at == history.to_the_hour(entry.at)
    assert when(entry) == words.hour(entry.at)
    assert history.is_intact(report)


def test_a_file_that_cannot_be_used_is_refused_once_and_not_tried_again(report):
    attachment = cleaned(report, NOISE)
    assert (attachment.status, attachment.refusal) == ("refused", "unknown")
    assert not Job.objects.filter(path=evidence.CLEAN).exists()
    original = b"".join(evidence.opened_pieces(attachment, SealedPiece.Part.ORIGINAL))
    assert original == NOISE


def test_a_worker_without_keys_leaves_the_file_for_one_that_has_them(report, settings):
    keys, settings.REPORT_PRIVATE_KEYS = settings.REPORT_PRIVATE_KEYS, ""
    attachment = cleaned(report, photo())
    assert attachment.status == Attachment.Status.WAITING
    job = Job.objects.get(path=evidence.CLEAN)
    assert job.error == "SealingUnavailable"
    settings.REPORT_PRIVATE_KEYS = keys
    Job.objects.update(due_at=timezone.now())
    work(evidence.CLEAN)
    attachment.refresh_from_db()
    assert attachment.is_clean


def test_cleaning_twice_changes_nothing(report):
    attachment = cleaned(report, photo())
    before = stored()
    run(ledger.add(evidence.CLEAN, [attachment.pk]).pk)
    assert stored() == before


HOSTILE = (photo(), photo()[:700], b"%PDF-1.7 PLANTED-Somchai")


def test_no_word_of_a_file_reaches_a_log(report, every_log):
    for content in HOSTILE:
        cleaned(report, content)
    assert "PLANTED" not in every_log.text
    assert "Traceback" not in every_log.text


# --- Following the report -------------------------------------------------------------------------


def test_a_report_that_moves_takes_its_files_along(
    report, bueng_kan, nong_khai, member, keyrings, settings
):
    attachment = cleaned(report, photo())
    former = set(stored())
    move(report, "reroute", by=member(nong_khai, "chief"), to=bueng_kan, reason="ไม่ใช่พื้นที่")
    assert Job.objects.get(path=evidence.RESEAL).args == [report.pk]
    work(evidence.RESEAL)
    assert {tuple(piece.sealed_to) for piece in attachment.pieces.all()} == {("3801", "hq")}
    settings.REPORT_PRIVATE_KEYS = json.dumps({"3801": keyrings[1]["3801"]})
    assert b"".join(evidence.opened_pieces(attachment, SealedPiece.Part.CLEAN))[:2] == b"\xff\xd8"
    settings.REPORT_PRIVATE_KEYS = json.dumps({"4301": keyrings[1]["4301"]})
    with pytest.raises(sealing.SealingUnavailable):
        list(evidence.opened_pieces(attachment, SealedPiece.Part.CLEAN))
    assert {piece.stored_as for piece in attachment.pieces.all()}.isdisjoint(former)


@pytest.mark.django_db(transaction=True)
def test_what_was_sealed_to_the_former_queue_is_taken_out_of_storage(nong_khai, bueng_kan, member):
    report = file_report(district=nong_khai.district)
    attachment = cleaned(report, photo())
    former = set(stored())
    move(report, "reroute", by=member(nong_khai, "chief"), to=bueng_kan, reason="ไม่ใช่พื้นที่")
    work(evidence.RESEAL)
    assert former.isdisjoint(stored())
    assert set(stored()) == {piece.stored_as for piece in attachment.pieces.all()}
    work(evidence.RESEAL)  # and again: nothing is left to do


def test_a_report_without_files_asks_for_no_work(report, bueng_kan, nong_khai, member):
    move(report, "reroute", by=member(nong_khai, "chief"), to=bueng_kan, reason="ไม่ใช่พื้นที่")
    assert not Job.objects.filter(path=evidence.RESEAL).exists()


def test_what_no_row_names_is_taken_away_after_a_day(report, nong_khai, monkeypatch):
    attachment = taken(report, NOISE)
    loose = vault.put(b"x", centre=nong_khai)
    vault.clear_loose()
    assert loose.stored_as in stored()  # its row may be on its way
    monkeypatch.setattr(vault, "LOOSE_AFTER", timedelta(seconds=-5))
    vault.clear_loose()
    assert set(stored()) == {piece.stored_as for piece in attachment.pieces.all()}


# --- For people -----------------------------------------------------------------------------------


def test_an_officer_of_the_queue_opens_a_file_and_that_is_logged(report, officer):
    attachment = cleaned(report, photo())
    assert b"".join(evidence.open_file(attachment, by=officer))[:2] == b"\xff\xd8"
    entry = report.log.get(action="open_file")
    assert (entry.user, entry.data) == (officer, {"file": 1})
    assert history.is_intact(report)


def test_nobody_else_opens_it(report, bueng_kan, member, hq):
    attachment = cleaned(report, photo())
    for person in (member(bueng_kan, "chief"), hq):
        with pytest.raises(PermissionDenied):
            evidence.open_file(attachment, by=person)
    assert not report.log.filter(action="open_file").exists()


def test_without_a_key_an_opening_is_neither_done_nor_logged(report, officer, settings):
    attachment = cleaned(report, photo())
    settings.REPORT_PRIVATE_KEYS = ""
    with pytest.raises(sealing.SealingUnavailable):
        evidence.open_file(attachment, by=officer)
    assert not report.log.filter(action="open_file").exists()


def test_where_no_file_has_ever_arrived_there_is_nothing_to_clear(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "evidence": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "never")},
        }
    }
    vault.clear_loose()
    assert not (tmp_path / "never").exists()
