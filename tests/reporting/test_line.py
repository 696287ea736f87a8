"""LINE against a server of this machine that checks what it is sent, and our ear for LINE."""

import base64
import hashlib
import hmac
import json
import threading
import uuid
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from wagtail.users.models import UserProfile

from config.urls import addresses
from reporting import line_links, notices
from reporting.channels import Result, line
from reporting.models import LineCode, LineLink, LineNotice, Report, Telling
from reporting.notices import NoticeNotSent, send_owed, send_owed_by_line
from reporting.tasks import clear_taken_down
from tests.factories import MembershipFactory, file_report
from work import ledger, schedules
from work.models import Job
from work.runner import run

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

TOLD, LINK, UNLINK = (f"/admin/reports/people/told/{end}" for end in ("", "line/", "line/unlink/"))
SECRET, TOKEN = "a-secret-of-the-channel", "a-token-of-the-channel"
SOMEBODY, ANOTHER = f"U{'a1' * 16}", f"U{'b2' * 16}"
PLANTED = "เรือสีฟ้าที่ท่าน้ำ"


class Line(HTTPServer):
    """LINE's side of a push. It remembers keys, as LINE does, and answers 409 to a known one."""

    got: list[tuple[dict[str, str], dict]]
    accepted: set[str]
    statuses: list[int]  # what it answers first, before it takes anything

    @property
    def told(self) -> list[str]:
        return [body["to"] for _headers, body in self.got]


class Handler(BaseHTTPRequestHandler):
    server: Line

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.got.append((dict(self.headers), body))
        self.send_response(self.status(body))
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def status(self, body: dict) -> int:
        if self.path != "/v2/bot/message/push":
            return 404
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            return 401
        key = str(uuid.UUID(self.headers["X-Line-Retry-Key"]))
        if self.server.statuses:
            return self.server.statuses.pop(0)
        if set(body) != {"to", "messages"} or set(body["messages"][0]) != {"type", "text"}:
            return 400
        if key in self.server.accepted:
            return 409
        self.server.accepted.add(key)
        return 200

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server(settings):
    stub = Line(("127.0.0.1", 0), Handler)
    stub.got, stub.accepted, stub.statuses = [], set(), []
    threading.Thread(target=stub.serve_forever, daemon=True).start()
    settings.LINE_API_URL = f"http://127.0.0.1:{stub.server_port}"
    settings.LINE_CHANNEL_ACCESS_TOKEN = TOKEN
    settings.LINE_CHANNEL_SECRET = SECRET
    yield stub
    stub.shutdown()
    stub.server_close()


@pytest.fixture(autouse=True)
def mail_addresses(hq, second_hq):
    """Of everybody at HQ; tests give their own to others."""
    for person in (hq, second_hq):
        person.email = f"{person.username}@example.test"
        person.save()


@pytest.fixture
def linked(hq):
    """HQ's moderator, who linked LINE."""
    line_links.take_code(line_links.new_code(hq), sender=SOMEBODY)
    return hq


def send_all() -> None:
    """What the worker does each minute."""
    send_owed()
    send_owed_by_line()


def tell(**words) -> Report:
    """Files a report, and lets the worker do what that asked for."""
    report = file_report(**{"district": None, **words})
    for pk in ledger.take(10):
        run(pk)
    send_all()
    return report


def let_pass(**words) -> None:
    for notice in LineNotice.objects.all():
        notice.not_before -= timedelta(**words)
        notice.save()


# --- What LINE is told ---------------------------------------------------------------------------


def test_line_is_told_the_mails_words_and_never_anything_of_the_report(server, linked):
    report = tell(narrative=PLANTED, is_urgent=True)
    [(headers, body)] = server.got
    assert body["to"] == SOMEBODY
    [message] = body["messages"]
    assert message["type"] == "text"
    # The mail has the same two lines, and says then that it says no more.
    assert mail.outbox[0].body.startswith(f"{message['text']}\n\n")
    everything = str(headers) + json.dumps(body, ensure_ascii=False)
    for secret in (report.reference, PLANTED, report.category.name_th, report.category.code):
        assert secret not in everything


def test_line_speaks_the_language_that_the_person_chose(server, linked):
    profile = UserProfile.get_for_user(linked)
    for language, words in (("en", "Please sign in"), ("th", "เข้าสู่ระบบ")):
        profile.preferred_language = language
        profile.save()
        let_pass(minutes=15)
        tell()
        assert words in server.got[-1][1]["messages"][0]["text"]


def test_only_who_linked_is_told_by_line_and_everybody_by_mail(server, linked, second_hq):
    tell()
    assert server.told == [SOMEBODY]
    assert len(mail.outbox) == 2


def test_line_is_told_once_in_fifteen_minutes_and_danger_does_not_wait(server, linked):
    tell()
    tell()
    assert len(server.got) == 1
    tell(is_urgent=True)
    assert len(server.got) == len(server.accepted) == 2


def test_who_chose_one_mail_a_day_is_told_by_line_then_too(server, linked):
    Telling.objects.create(user=linked, digest_hour=(timezone.localtime().hour + 12) % 24)
    tell()
    assert server.got == []
    notices_due = LineNotice.objects.get().not_before
    assert timezone.now() + timedelta(hours=10) < notices_due
    let_pass(hours=24)
    send_all()
    assert server.told == [SOMEBODY]


def test_what_was_told_by_line_leaves_no_time_behind(server, linked):
    tell()
    assert LineNotice.objects.exists()
    let_pass(minutes=15)
    send_all()
    assert not LineNotice.objects.exists()


# --- What goes wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (200, Result.OK),
        (409, Result.OK),
        (400, Result.GONE),
        (401, Result.GONE),
        (403, Result.GONE),
        (307, Result.GONE),
        (429, Result.RETRY),
        (500, Result.RETRY),
        (503, Result.RETRY),
    ],
)
def test_an_answer_of_line_means_arrived_later_or_never(server, status, result):
    server.statuses = [status]
    assert line.send(SOMEBODY, "-", "-") is result
    assert len(server.got) == 1  # a redirect is not followed


def test_nobody_listening_is_tried_later(server, settings):
    settings.LINE_API_URL = "http://127.0.0.1:9"
    assert line.send(SOMEBODY, "-", "-") is Result.RETRY


@pytest.mark.parametrize("status", [429, 503])
def test_what_line_did_not_take_is_tried_again_with_the_same_key(server, linked, status):
    server.statuses = [status]
    with pytest.raises(NoticeNotSent):
        tell()
    assert len(mail.outbox) == 2
    let_pass(minutes=15)
    send_all()
    keys = [headers["X-Line-Retry-Key"] for headers, _body in server.got]
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert server.accepted == set(keys)
    send_all()
    assert len(server.got) == 2


def test_while_line_is_silent_mail_goes_on_by_itself(server, linked):
    server.statuses = [503]
    schedules.ensure(notices.SCHEDULE, "reporting.tasks.send_notices", 1)
    schedules.ensure(notices.LINE_SCHEDULE, "reporting.tasks.send_line_notices", 1)
    file_report(district=None)
    let_the_worker_run()
    told = len(mail.outbox)
    assert told
    [resting] = Job.objects.exclude(schedule=None)
    assert resting.path.endswith("send_line_notices")
    file_report(district=None, is_urgent=True)
    let_the_worker_run()
    assert len(mail.outbox) == 2 * told


def let_the_worker_run() -> None:
    for _ in range(2):  # what is new, and then what it hurries
        schedules.tick()
        for pk in ledger.take(10):
            run(pk)


def test_a_message_whose_answer_was_lost_is_shown_once(server, linked, monkeypatch):
    post = line._post

    def cut_off(*args):
        post(*args)
        raise ConnectionResetError

    monkeypatch.setattr(line, "_post", cut_off)
    with pytest.raises(NoticeNotSent):
        tell()
    monkeypatch.undo()
    let_pass(minutes=15)
    send_all()
    assert len(server.got) == 2
    assert len(server.accepted) == 1
    assert not LineNotice.objects.filter(is_owed=True).exists()


def test_what_line_refuses_is_dropped_and_the_log_says_the_number_alone(server, linked, every_log):
    server.statuses = [400]
    tell(narrative=PLANTED)
    let_pass(minutes=15)
    send_all()
    assert len(server.got) == 1
    assert "LINE refused a message: 400." in every_log.text
    for secret in (SOMEBODY, TOKEN, PLANTED, linked.username):
        assert secret not in every_log.text
    tell()  # the next one is sent again
    assert server.accepted


def test_nobodys_mail_waits_for_line_and_line_is_asked_once_while_it_is_away(
    server, linked, second_hq
):
    line_links.take_code(line_links.new_code(second_hq), sender=ANOTHER)
    server.statuses = [503]
    with pytest.raises(NoticeNotSent):
        tell()
    assert len(mail.outbox) == 2
    assert len(server.got) == 1
    send_all()  # the other one is next
    assert len(set(server.told)) == 2


def test_without_the_private_key_the_message_waits(server, linked, settings):
    keys, settings.REPORT_PRIVATE_KEYS = settings.REPORT_PRIVATE_KEYS, ""
    notices.announce(file_report(district=None))
    with pytest.raises(NoticeNotSent):
        send_all()
    settings.REPORT_PRIVATE_KEYS = keys
    let_pass(minutes=15)
    send_all()
    assert server.told == [SOMEBODY]


def test_without_a_token_nobody_is_owed_a_message_by_line(server, linked, settings):
    settings.LINE_CHANNEL_ACCESS_TOKEN = ""
    tell()
    assert not LineNotice.objects.exists()
    assert len(mail.outbox) == 2
    assert server.got == []


def test_line_costs_the_same_for_two_people_and_for_twenty(
    server, nong_khai, django_assert_max_num_queries
):
    for number in range(20):
        person = MembershipFactory(centre=nong_khai, role="officer").user
        person.email = f"{person.username}@example.test"
        person.save()
        line_links.take_code(line_links.new_code(person), sender=f"U{number:032}")
    report = file_report(district=nong_khai.district)
    with django_assert_max_num_queries(12):
        notices.announce(report)
    assert LineNotice.objects.count() == 20


# --- What LINE posts to us -----------------------------------------------------------------------


def signed(body: bytes, secret: str = SECRET) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def post(client, *events, signature: str | None = None):
    body = json.dumps({"destination": "U0", "events": events}).encode()
    headers = {"x-line-signature": signed(body) if signature is None else signature}
    return client.post("/line/", body, content_type="application/json", headers=headers)


def said(words: str, *, sender: str = SOMEBODY, source: str = "user") -> dict:
    return {
        "type": "message",
        "source": {"type": source, "userId": sender},
        "message": {"type": "text", "id": "1", "text": words},
        "replyToken": "never-used",
    }


def unfollowed(sender: str = SOMEBODY) -> dict:
    return {"type": "unfollow", "source": {"type": "user", "userId": sender}}


def code_of(client, person) -> str:
    """The code that the person's own page shows."""
    assert person.email
    client.force_login(person)
    return client.post(LINK).context["code"]


def test_a_code_from_ones_own_page_links_and_is_shown_once(server, client, hq):
    code = code_of(client, hq)
    assert code not in client.get(TOLD).content.decode()
    answer = post(client, said(f" {code.lower()} \n"))
    assert (answer.status_code, answer.content) == (200, b"")
    assert line_links.address_of(hq.pk) == SOMEBODY
    assert client.get(TOLD).context["is_linked"]


def test_neither_the_code_nor_the_number_is_readable_in_the_database(server, client, hq):
    code = code_of(client, hq)
    assert code.replace("-", "") not in str(LineCode.objects.values_list())
    post(client, said(code))
    [row] = LineLink.objects.values_list()
    assert SOMEBODY not in str(row)
    assert SOMEBODY.encode() not in bytes(LineLink.objects.get().sealed_id)
    assert not LineCode.objects.exists()


@pytest.mark.parametrize("words", ["AAAAA-AAAAA", "", "สวัสดีครับ", PLANTED, "x" * 5000])
def test_other_words_link_nobody_and_get_the_same_answer(server, client, hq, words):
    code_of(client, hq)
    answer = post(client, said(words))
    assert (answer.status_code, answer.content) == (200, b"")
    assert not LineLink.objects.exists()
    assert LineCode.objects.exists()


def test_a_code_is_good_for_ten_minutes(server, client, hq):
    code = code_of(client, hq)
    LineCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    post(client, said(code))
    assert not LineLink.objects.exists()
    clear_taken_down.call()
    assert not LineCode.objects.exists()
    code = code_of(client, hq)
    assert LineCode.objects.get().expires_at <= timezone.now() + timedelta(minutes=10)
    clear_taken_down.call()
    post(client, said(code))
    assert LineLink.objects.exists()


def test_a_code_is_good_once_and_a_replay_changes_nothing(server, client, hq):
    code = code_of(client, hq)
    post(client, said(code))
    post(client, said(code, sender=ANOTHER))
    assert line_links.address_of(hq.pk) == SOMEBODY
    client.post(UNLINK)
    post(client, said(code))
    assert not LineLink.objects.exists()


def test_a_new_code_voids_the_former_one(server, client, hq):
    former = code_of(client, hq)
    code_of(client, hq)
    post(client, said(former))
    assert not LineLink.objects.exists()


def test_a_code_written_in_a_group_is_not_taken(server, client, hq):
    post(client, said(code_of(client, hq), source="group"))
    assert not LineLink.objects.exists()


def test_a_code_of_somebody_whose_account_was_closed_is_not_taken(server, client, hq):
    code = code_of(client, hq)
    hq.is_active = False
    hq.save()
    post(client, said(code))
    assert not LineLink.objects.exists()


def test_of_a_closed_account_the_link_is_forgotten(server, linked, second_hq):
    line_links.take_code(line_links.new_code(second_hq), sender=ANOTHER)
    linked.is_active = False
    linked.save()
    clear_taken_down.call()
    assert LineLink.objects.get().user == second_hq


def test_one_account_at_line_speaks_for_one_person(server, client, linked, second_hq):
    post(client, said(code_of(client, second_hq)))
    assert LineLink.objects.get().user == second_hq


@pytest.mark.parametrize(
    "signature", ["", "x", "é", signed(b"another body"), signed(b"{}", secret="another")]
)
def test_without_lines_signature_nothing_is_read_and_nothing_said(
    server, client, hq, every_log, signature
):
    code = code_of(client, hq)
    every_log.clear()
    answer = post(client, said(code), signature=signature)
    assert (answer.status_code, answer.content) == (403, b"")
    assert not LineLink.objects.exists()
    for secret in (code, SOMEBODY, SECRET):
        assert secret not in every_log.text
    assert post(client, said(code)).status_code == 200
    assert LineLink.objects.exists()


def test_nothing_that_was_written_to_us_is_kept_or_logged(server, client, hq, every_log):
    code = code_of(client, hq)
    every_log.clear()
    post(client, said(PLANTED), said(code), unfollowed(ANOTHER))
    for secret in (PLANTED, code, SOMEBODY, ANOTHER, "never-used"):
        assert secret not in every_log.text
    assert server.got == []  # no answer goes back
    assert mail.outbox == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no json",
        b"[]",
        b'{"events": {}}',
        b'{"events": [1, {"type": "message"}, {"type": "unfollow", "source": 1}]}',
        b'{"events": [{"type": "message", "source": {"type": "user", "userId": 1}, "message": 2}]}',
        b"\xff",
    ],
)
def test_what_has_another_shape_is_passed_over(server, client, body):
    headers = {"x-line-signature": signed(body)}
    answer = client.post("/line/", body, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.content) == (200, b"")


def test_who_blocks_the_account_is_unlinked_and_nobody_else(server, client, linked, second_hq):
    post(client, said(code_of(client, second_hq), sender=ANOTHER))
    tell()
    post(client, unfollowed())
    assert LineLink.objects.get().user == second_hq
    assert not LineNotice.objects.filter(user=linked).exists()


def test_unlinking_on_ones_own_page_forgets_the_number_and_what_waits(server, client, linked):
    notices.announce(file_report(district=None))
    client.force_login(linked)
    client.post(UNLINK)
    send_all()
    assert not LineLink.objects.exists()
    assert not client.get(TOLD).context["is_linked"]
    assert server.got == []
    assert len(mail.outbox) == 2


def test_a_link_is_found_again_after_a_change_of_the_key(server, client, linked, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-that-is-long-enough-to-be-one-of-fifty-characters"
    post(client, unfollowed())
    assert not LineLink.objects.exists()


def test_while_no_key_seals_line_is_asked_to_come_again(server, client, hq, settings):
    code = code_of(client, hq)
    keys, settings.REPORT_PUBLIC_KEYS = settings.REPORT_PUBLIC_KEYS, ""
    assert post(client, said(code)).status_code == 503
    settings.REPORT_PUBLIC_KEYS = keys
    post(client, said(code))
    assert LineLink.objects.exists()


def test_a_body_that_is_too_large_is_not_read(server, client, hq):
    code = code_of(client, hq)
    answer = post(client, said(code), said("x" * 300_000))
    assert answer.status_code == 403
    assert not LineLink.objects.exists()


# --- Where there is no such channel --------------------------------------------------------------


def test_without_a_secret_nothing_of_it_is_there(client, hq):
    client.force_login(hq)
    assert "LINE" not in client.get(TOLD).content.decode()
    assert client.post(LINK).status_code == 404
    assert client.post(UNLINK).status_code == 404
    assert post(client, unfollowed()).status_code == 404
    assert not LineCode.objects.exists()


def test_the_page_shows_it_where_it_is(server, client, hq, settings):
    settings.LINE_BOT_ID = "@mekong-test"
    client.force_login(hq)
    assert f'action="{LINK}"' in client.get(TOLD).content.decode()
    assert "@mekong-test" in client.post(LINK).content.decode()
    assert client.get(LINK).status_code == client.get(UNLINK).status_code == 302


def test_who_is_told_of_nothing_has_no_code(server, client, nong_khai, member):
    client.force_login(member(nong_khai, "coordinator"))
    assert client.post(LINK).status_code == client.post(UNLINK).status_code == 404
    assert not LineCode.objects.exists()


def test_who_has_no_mail_address_cannot_link_and_can_unlink(server, client, linked):
    linked.email = ""
    linked.save()
    client.force_login(linked)
    assert client.post(LINK).status_code == 404
    assert f'action="{UNLINK}"' in client.get(TOLD).content.decode()
    client.post(UNLINK)
    assert not LineLink.objects.exists()
    assert not client.get(TOLD).context["has_line"]


@pytest.mark.parametrize(("role", "code"), [("public", 404), ("staff", 200), ("worker", 404)])
def test_staffs_processes_alone_hear_line(server, client, settings, role, code):
    class Map:
        urlpatterns = addresses(role)

    settings.ROOT_URLCONF = Map
    assert post(client, unfollowed()).status_code == code


def test_line_is_heard_without_a_session_and_by_post_alone(server, client):
    assert client.get(reverse("line")).status_code == 405
    answer = post(client, unfollowed())
    assert not answer.cookies
