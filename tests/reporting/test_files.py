"""How a reporter adds files: as a plain form, and piece by piece."""

import http.client
import re
import socket
from html import unescape
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reporting import evidence, receipts, sealing
from reporting.intake import Arrival, receive
from reporting.lifecycle import move
from reporting.models import Attachment, SealedPiece
from tests.factories import CategoryFactory
from tests.reporting.made_files import photo, sound
from tests.reporting.report_site import FORM, STATUS, filled, make_report_site, shown_number, typed
from tests.reporting.test_evidence import stored, work

FILES, PIECES = "/th/report/files/", "/th/report/files/piece/"
PIECE = 1000
NOISE = bytes(range(256)) * 10

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_pieces(settings):
    settings.EVIDENCE = settings.EVIDENCE | {"piece": PIECE}


@pytest.fixture
def receipt(nong_khai):
    return receive(
        Arrival(category=CategoryFactory(), district=nong_khai.district, narrative="เห็นเรือ"),
        token=receipts.new_token(),
    )


def named(content: bytes, name: str = "IMG_20261126_PLANTED.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/planted")


def send(client, receipt, *files: bytes, **more: str):
    words = {"receipt": receipt.grouped, "token": receipts.new_token(), **more}
    return client.post(FILES, {**words, "files": [named(content) for content in files]})


def lines(response) -> list[str]:
    """What the page says about each file."""
    found = re.findall(r'<li class="file-\w+">(.*?)</li>', response.content.decode())
    return [unescape(re.sub(r"<[^>]+>", "", line)) for line in found]


def problems(response) -> str:
    found = re.search(r"notice-alarm.*?</div>", response.content.decode(), re.DOTALL)
    return unescape(found[0]) if found else ""


# --- As a plain form ------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_files_of_a_form_are_kept_and_their_names_are_not(client, receipt):
    answer = send(client, receipt, photo(), sound())
    assert answer.status_code == 200
    assert len(lines(answer)) == 2
    assert not problems(answer)
    for table in (Attachment, SealedPiece):
        assert "PLANTED" not in repr(list(table.objects.values()))
    assert "PLANTED" not in answer.content.decode()
    assert not any(b"PLANTED" in sealed for sealed in stored().values())
    work(evidence.CLEAN)
    kinds = receipt.report.attachments.values_list("status", "kind")
    assert list(kinds) == [("clean", "photo"), ("clean", "audio")]


def test_the_form_stands_on_the_receipt_and_beside_the_answer(client, nong_khai):
    make_report_site()
    shown = client.post(FORM, filled())
    number = shown_number(shown)
    assert typed(shown, "receipt") == receipts.grouped(number)
    assert f'action="{FILES}"' in shown.content.decode()
    beside = client.post(STATUS, {"receipt": number})
    assert typed(beside, "receipt") == receipts.grouped(number)
    assert f'action="{FILES}"' in beside.content.decode()


def test_the_answer_tells_how_each_file_stands_and_never_what_it_is_called(client, receipt):
    send(client, receipt, photo(), b"no file at all")
    before = lines(client.post(STATUS, {"receipt": receipt.number}))
    work(evidence.CLEAN)
    after = lines(client.post(STATUS, {"receipt": receipt.number}))
    assert len(before) == len(after) == 2
    assert before != after
    assert len(set(after)) == 2


def test_the_same_form_sent_twice_keeps_its_files_once(client, receipt):
    token = receipts.new_token()
    for _ in range(2):
        assert len(lines(send(client, receipt, photo(), NOISE, token=token))) == 2
    assert receipt.report.attachments.count() == 2


def test_one_file_that_is_not_taken_keeps_no_other_out(client, receipt, settings):
    settings.EVIDENCE = settings.EVIDENCE | {"file": 1200, "report": 4000}
    answer = send(client, receipt, photo(), NOISE, NOISE[:500])
    assert len(lines(answer)) == 2
    assert "2" in problems(answer)


def test_more_than_fits_at_once_is_answered_in_words_and_nothing_is_kept(client, receipt, settings):
    settings.EVIDENCE = settings.EVIDENCE | {"at_once": 3000}
    answer = send(client, receipt, NOISE, NOISE)
    assert answer.status_code == 413
    assert "MB" in answer.content.decode()
    assert not receipt.report.attachments.exists()


def test_an_empty_choice_and_an_empty_file_are_answered_in_words(client, receipt):
    assert problems(client.post(FILES, {"receipt": receipt.number, "token": "x" * 40}))
    assert problems(send(client, receipt, b""))
    assert not receipt.report.attachments.exists()


def test_a_wrong_receipt_takes_no_file(client, receipt):
    words = {"receipt": "1234", "token": receipts.new_token(), "files": [named(NOISE)]}
    answer = client.post(FILES, words)
    assert 'id="id_receipt_error"' in answer.content.decode()
    assert not Attachment.objects.exists()


def test_a_report_that_is_finished_takes_no_file(client, receipt, nong_khai, member):
    move(receipt.report, "reject", by=member(nong_khai, "officer"), reason="spam")
    assert problems(send(client, receipt, NOISE))
    assert "id_files" not in client.post(STATUS, {"receipt": receipt.number}).content.decode()
    assert not Attachment.objects.exists()


def test_without_a_receipt_the_address_leads_to_where_one_is_typed(client, db):
    assert client.get(FILES)["Location"] == STATUS
    assert client.get(f"{FILES}?receipt=1234")["Location"] == STATUS


def test_the_pages_leave_no_trace(client, receipt):
    for answer in (
        send(client, receipt, NOISE),
        client.get(FILES),
        client.post(PIECES, {"receipt": receipt.number, "token": "x" * 40, "size": "5"}),
    ):
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert not answer.cookies
        assert not answer.has_header("Set-Cookie")


def test_no_csrf_token_is_asked_for(receipt):
    assert send(Client(enforce_csrf_checks=True), receipt, NOISE).status_code == 200


def test_no_temporary_file_is_ever_written(client, receipt, settings, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("A temporary file.")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    monkeypatch.setattr("django.core.files.uploadedfile.TemporaryUploadedFile.__init__", refuse)
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10
    send(client, receipt, NOISE)
    assert receipt.report.attachments.count() == 1


def test_nothing_of_it_reaches_a_log(client, receipt, every_log, monkeypatch):
    send(client, receipt, NOISE)
    send(client, receipt)

    def fail(*args, **kwargs):
        raise OperationalError(f"value {receipt.number}")

    monkeypatch.setattr(evidence, "take", fail)
    send(client, receipt, NOISE)
    for secret in (receipt.number, receipt.grouped, "PLANTED"):
        assert secret not in every_log.text


@pytest.mark.parametrize("error", [OperationalError("x"), sealing.SealingUnavailable("x")])
def test_when_nothing_can_be_kept_it_says_so_and_asks_again(client, receipt, monkeypatch, error):
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(evidence, "keep", fail)
    answer = send(client, receipt, NOISE)
    assert (answer.status_code, answer["Retry-After"]) == (503, "300")
    assert piece(client, receipt, 0, token="x" * 40).status_code == 503


def test_the_page_asks_the_database_as_often_for_two_files_as_for_nine(client, receipt):
    counts = []
    for size in (2, 7):
        send(client, receipt, *(bytes([number]) * size for number in range(size)))
        with CaptureQueriesContext(connection) as queries:
            client.post(STATUS, {"receipt": receipt.number})
        counts.append(len(queries))
    assert receipt.report.attachments.count() == 9
    assert counts[0] == counts[1]


# --- Piece by piece -------------------------------------------------------------------------------


def piece(client, receipt, number: int | None, *, token: str, content: bytes = NOISE, **more: str):
    """Sends one piece of a file; without a number it only asks."""
    words = {"receipt": receipt.number, "token": token, "size": str(len(content)), **more}
    if number is not None:
        part = content[number * PIECE : (number + 1) * PIECE]
        words |= {"number": str(number), "piece": named(part)}
    return client.post(PIECES, words)


@pytest.mark.both_databases
def test_a_file_arrives_in_pieces_and_each_answer_tells_what_is_missing(client, receipt):
    token = receipts.new_token()
    asked = [piece(client, receipt, None, token=token)]
    asked += [piece(client, receipt, number, token=token) for number in (0, 2, 2, 1)]
    missing = [answer.json()["missing"] for answer in asked]
    assert missing == [[0, 1, 2], [1, 2], [1], [1], []]
    attachment = receipt.report.attachments.get()
    assert attachment.status == Attachment.Status.WAITING
    opened = evidence.opened_pieces(attachment, SealedPiece.Part.ORIGINAL)
    assert b"".join(opened) == NOISE


def test_a_file_chosen_again_goes_on_where_it_stopped(client, receipt):
    token = receipts.new_token()
    piece(client, receipt, 0, token=token)
    line = lines(client.post(STATUS, {"receipt": receipt.number}))
    assert len(line) == 1  # it says that the same file can be chosen again
    assert piece(client, receipt, None, token=token).json() == {"missing": [1, 2]}


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ({"receipt": "1234567812345678"}, 404),
        ({"receipt": ""}, 404),
        ({"token": "short"}, 400),
        ({"size": "-1"}, 400),
        ({"size": "๑๒"}, 400),
        ({"size": "9" * 12}, 400),
        ({"size": "9" * 400}, 400),
        ({"size": ""}, 400),
        ({"number": "7"}, 400),
        ({"number": "x"}, 400),
    ],
)
def test_what_is_wrong_is_answered_in_words(client, receipt, words, status):
    fields = {"receipt": receipt.number, "token": "x" * 40, "size": "2560", "number": "0", **words}
    answer = client.post(PIECES, {**fields, "piece": named(NOISE[:PIECE])})
    assert answer.status_code == status
    assert answer.json()["problem"]
    assert not SealedPiece.objects.exists()


def test_a_piece_that_is_too_long_is_not_kept(client, receipt):
    words = {"receipt": receipt.number, "token": "x" * 40, "size": "2560", "number": "0"}
    answer = client.post(PIECES, {**words, "piece": named(NOISE)})
    assert answer.status_code == 413
    assert not SealedPiece.objects.exists()


def test_nobody_asks_for_pieces_with_get(client, receipt):
    assert client.get(PIECES).status_code == 405


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_breaks_off_costs_one_piece(live_server, nong_khai):
    """Through a real server: the line is cut in the middle of the second piece."""
    receipt = receive(
        Arrival(category=CategoryFactory(), district=nong_khai.district), token=receipts.new_token()
    )
    token = receipts.new_token()

    def body(number: int) -> bytes:
        made = BytesIO()
        fields = {"receipt": receipt.number, "token": token, "size": "2560", "number": str(number)}
        for name, value in fields.items():
            made.write(f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())  # noqa: E501  # fmt: skip
        made.write(b'--b\r\nContent-Disposition: form-data; name="piece"; filename="p"\r\n\r\n')
        made.write(NOISE[number * PIECE : (number + 1) * PIECE] + b"\r\n--b--\r\n")
        return made.getvalue()

    def post(content: bytes) -> list[int]:
        line = http.client.HTTPConnection(urlsplit(live_server.url).netloc, timeout=30)
        line.request("POST", PIECES, content, {"Content-Type": "multipart/form-data; boundary=b"})
        answer = line.getresponse().read()
        line.close()
        return [int(number) for number in re.findall(rb"\d+", answer)]

    assert post(body(0)) == [1, 2]
    cut = body(1)
    with socket.create_connection((live_server.thread.host, live_server.thread.port)) as line:
        head = (
            f"POST {PIECES} HTTP/1.1\r\nHost: {live_server.thread.host}\r\n"
            f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {len(cut)}\r\n\r\n"
        )
        line.sendall(head.encode() + cut[: len(cut) // 2])
    assert post(body(1)) == [2]
    assert post(body(2)) == []
    attachment = receipt.report.attachments.get()
    opened = evidence.opened_pieces(attachment, SealedPiece.Part.ORIGINAL)
    assert b"".join(opened) == NOISE


def test_a_flooded_queue_takes_no_file_and_keeps_the_report(client, receipt, monkeypatch):
    flooded = frozenset({receipt.report.centre_id})
    monkeypatch.setattr("reporting.breaker.flooded_queues", lambda: flooded)
    assert 'type="file"' not in client.post(STATUS, {"receipt": receipt.number}).content.decode()
    assert "notice-alarm" in send(client, receipt, NOISE).content.decode()
    assert not receipt.report.attachments.exists()
    monkeypatch.setattr("reporting.breaker.flooded_queues", frozenset)
    send(client, receipt, NOISE)
    assert receipt.report.attachments.count() == 1


def test_guesses_by_way_of_files_are_counted_and_whoever_saw_a_page_goes_on(client, receipt):
    wrong = receipts.issue(receipts.new_token())
    for _ in range(5):
        client.post(FILES, {"receipt": wrong})
        client.post(PIECES, {"receipt": wrong})
    plain = client.post(FILES, {"receipt": receipt.number}).content.decode()
    assert 'name="captcha_1"' in plain
    proof = receipts.proof(receipt.number)
    assert piece(client, receipt, 0, token="x" * 40).status_code == 404
    assert piece(client, receipt, 0, token="x" * 40, proof=proof).status_code == 200
