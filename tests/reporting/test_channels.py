"""Webhooks against a server of this machine: what is sent, refused, tried again, given up."""

import hashlib
import hmac
import json
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.urls import reverse
from django.utils import timezone

from reporting import endpoints, notices
from reporting.channels import Result, https, result_of, webhook
from reporting.models import Endpoint
from tests.factories import file_report
from work import ledger
from work.runner import run

LIST = "/admin/reports/endpoints/"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory) -> str:
    """A file with a key and its certificate for hook.test."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hook.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hook.test")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "hook.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return str(path)


class Receiver(HTTPServer):
    """A program of others: keeps what it got and answers as told."""

    got: list[tuple[str, dict[str, str], bytes]]
    status = 204
    headers: dict[str, str]
    delay = 0.0


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers), body))
        time.sleep(self.server.delay)
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def receiver(certificate, monkeypatch):
    """A server for https://hook.test that this machine takes for one of the internet."""
    server = Receiver(("127.0.0.1", 0), Handler)
    server.got, server.headers = [], {}
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.handle_error = lambda *args: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setattr(https, "PORTS", frozenset({443, server.server_port}))
    monkeypatch.setattr(https, "public_address", lambda host, port: "127.0.0.1")
    monkeypatch.setattr(https, "context", lambda: ssl.create_default_context(cafile=certificate))
    yield server
    server.shutdown()
    server.server_close()


def make(receiver: Receiver, **words) -> Endpoint:
    """An endpoint of HQ's queue at the receiver, with the secret "secret"."""
    url = f"https://hook.test:{receiver.server_port}/in?x=1"
    return Endpoint.objects.create(name="-", **{"url": url, **webhook.sealed("secret"), **words})


def tell(**words):
    """Files a report and lets the worker do what that asked for."""
    report = file_report(**words)
    for pk in ledger.take(10):
        run(pk)
    endpoints.send_owed()
    return report


def let_pass(**words) -> None:
    for endpoint in Endpoint.objects.all():
        endpoint.not_before -= timedelta(**words)
        endpoint.save(update_fields=["not_before"])


# --- What a program gets -------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_program_learns_that_something_came_in_and_the_hour_and_nothing_else(receiver):
    make(receiver)
    report = tell(narrative="เรือสีฟ้าที่ท่าน้ำ", is_urgent=True)
    [(path, headers, body)] = receiver.got
    assert path == "/in?x=1"
    said = json.loads(body)
    assert set(said) == {"event", "at"}
    assert said["event"] == "something_new"
    assert said["at"].endswith(":00:00Z")
    everything = path + str(headers) + body.decode()
    for secret in (report.reference, report.category.name_th, report.category.code, "urgent"):
        assert secret not in everything


@pytest.mark.django_db
def test_the_signature_covers_the_time_and_the_body(receiver):
    make(receiver)
    tell()
    [(_path, headers, body)] = receiver.got
    sent_at = headers["X-Mekong-Timestamp"]
    assert abs(int(sent_at) - time.time()) < 60
    made = hmac.new(b"secret", f"{sent_at}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["X-Mekong-Signature"] == f"sha256={made}"


@pytest.mark.django_db
def test_only_programs_of_the_queue_are_told(receiver, nong_khai, bueng_kan):
    make(receiver, centre=bueng_kan)
    tell(district=nong_khai.district)
    tell(district=nong_khai.district, concerns_official=True)
    assert receiver.got == []
    tell(district=bueng_kan.district)
    assert len(receiver.got) == 1


@pytest.mark.django_db
def test_a_report_on_an_official_is_told_to_no_program_of_the_district(receiver, nong_khai):
    make(receiver, centre=nong_khai)
    tell(district=nong_khai.district, concerns_official=True)
    assert receiver.got == []


@pytest.mark.django_db
def test_a_program_is_told_once_in_fifteen_minutes(receiver):
    make(receiver)
    for _ in range(3):
        tell()
    assert len(receiver.got) == 1
    let_pass(minutes=15)
    endpoints.send_owed()
    endpoints.send_owed()
    assert len(receiver.got) == 2


@pytest.mark.django_db
def test_what_a_program_was_told_leaves_no_time_behind(receiver):
    make(receiver)
    tell()
    assert Endpoint.objects.get().not_before > timezone.now()
    let_pass(minutes=15)
    endpoints.send_owed()
    assert Endpoint.objects.get().not_before == endpoints.LONG_AGO


# --- What goes wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (200, Result.OK),
        (204, Result.OK),
        (302, Result.GONE),
        (400, Result.GONE),
        (404, Result.GONE),
        (408, Result.RETRY),
        (410, Result.GONE),
        (429, Result.RETRY),
        (500, Result.RETRY),
        (503, Result.RETRY),
    ],
)
@pytest.mark.django_db
def test_an_answer_means_arrived_later_or_never(receiver, status, result):
    receiver.status = status
    assert webhook.send(make(receiver), "", "") is result is result_of(status)


@pytest.mark.django_db
def test_a_redirect_is_not_followed(receiver):
    receiver.status, receiver.headers = 307, {"Location": f"https://hook.test/{'x'}"}
    assert webhook.send(make(receiver), "", "") is Result.GONE
    assert len(receiver.got) == 1


@pytest.mark.django_db
def test_a_program_that_does_not_answer_in_time_is_tried_later(receiver, monkeypatch):
    monkeypatch.setattr(https, "TIMEOUT", 0.3)
    receiver.delay = 1.5
    assert webhook.send(make(receiver), "", "") is Result.RETRY


@pytest.mark.django_db
def test_nobody_listening_and_a_strange_certificate_are_tried_later(receiver, monkeypatch):
    endpoint = make(receiver)
    strange = make(receiver, url=endpoint.url.replace("hook.test", "other.test"))
    assert webhook.send(strange, "", "") is Result.RETRY
    monkeypatch.setattr(https, "context", ssl.create_default_context)
    assert webhook.send(endpoint, "", "") is Result.RETRY
    assert receiver.got == []
    closed = make(receiver, url="https://hook.test:443/")
    assert webhook.send(closed, "", "") is Result.RETRY


@pytest.mark.django_db
def test_without_the_private_key_nothing_is_sent(receiver, settings):
    endpoint = make(receiver)
    settings.REPORT_PRIVATE_KEYS = ""
    assert webhook.send(endpoint, "", "") is Result.RETRY
    assert receiver.got == []


@pytest.mark.django_db
def test_what_failed_is_tried_again_and_forgotten_when_it_arrives(receiver):
    receiver.status = 503
    make(receiver)
    tell()
    endpoint = Endpoint.objects.get()
    assert (endpoint.failures, endpoint.is_owed, endpoint.is_active) == (1, True, True)
    receiver.status = 204
    let_pass(minutes=15)
    endpoints.send_owed()
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.is_owed) == (0, False)


@pytest.mark.django_db
def test_a_program_that_never_answers_is_switched_off_and_hq_sees_it(receiver, client, hq):
    receiver.status = 500
    make(receiver)
    tell()
    for _ in range(endpoints.MOST_FAILURES + 3):
        let_pass(minutes=15)
        endpoints.send_owed()
    assert len(receiver.got) == endpoints.MOST_FAILURES
    assert not Endpoint.objects.get().is_active
    client.force_login(hq)
    assert LIST in client.get("/admin/").content.decode()
    client.post(reverse("endpoints:switch", args=[Endpoint.objects.get().pk]))
    assert (Endpoint.objects.get().is_active, Endpoint.objects.get().failures) == (True, 0)


@pytest.mark.django_db
def test_a_program_that_is_gone_is_switched_off_at_once(receiver):
    receiver.status = 410
    make(receiver)
    tell()
    assert list(Endpoint.objects.gave_up()) == [Endpoint.objects.get()]


@pytest.mark.django_db
def test_slow_programs_do_not_keep_the_others_waiting_for_ever(receiver, monkeypatch):
    monkeypatch.setattr(endpoints, "AT_ONCE", 1)
    receiver.status = 503
    first, second = make(receiver), make(receiver)
    Endpoint.objects.update(is_owed=True)
    endpoints.send_owed()
    endpoints.send_owed()
    for endpoint in (first, second):
        endpoint.refresh_from_db()
        assert endpoint.failures == 1


# --- What nothing is sent to ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://hook.test/",
        "ftp://hook.test/",
        "https:///x",
        "https://user:word@hook.test/",
        "https://hook.test/#part",
        "https://hook.test:22/",
        "https://hook.test:99999/",
        "https://hook.test/\r\nX-Injected: 1",
        "https://hook.test/ด",
        "file:///etc/passwd",
        "",
    ],
)
def test_an_address_that_is_not_plain_https_is_refused(url):
    with pytest.raises(https.Refused):
        https.checked(url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
    ],
)
def test_nothing_is_sent_inwards(monkeypatch, address):
    found = [(0, 0, 0, "", ("93.184.215.14", 443)), (0, 0, 0, "", (address, 443))]
    monkeypatch.setattr(https.socket, "getaddrinfo", lambda *args, **kwargs: found)
    with pytest.raises(https.Refused):
        https.public_address("hook.test", 443)


def test_a_public_address_is_taken_as_it_was_looked_up(monkeypatch):
    found = [(0, 0, 0, "", ("93.184.215.14", 443))]
    monkeypatch.setattr(https.socket, "getaddrinfo", lambda *args, **kwargs: found)
    assert https.public_address("hook.test", 443) == "93.184.215.14"


@pytest.mark.django_db
def test_an_address_that_turned_inwards_later_is_switched_off(receiver, monkeypatch):
    make(receiver)

    def inwards(host, port):
        raise https.Refused("not a public address")

    monkeypatch.setattr(https, "public_address", inwards)
    tell()
    assert receiver.got == []
    assert not Endpoint.objects.get().is_active


# --- HQ's screen ---------------------------------------------------------------------------------


@pytest.fixture
def public(monkeypatch):
    monkeypatch.setattr(https, "public_address", lambda host, port: "93.184.215.14")


@pytest.mark.django_db
def test_hq_adds_an_endpoint_and_sees_its_secret_once(client, hq, nong_khai, public):
    client.force_login(hq)
    answer = client.post(
        LIST, {"name": "War room", "url": "https://hook.test/in", "queue": nong_khai.pk}
    )
    secret = answer.context["secret"]
    assert secret in answer.content.decode()
    assert secret not in client.get(LIST).content.decode()
    endpoint = Endpoint.objects.get()
    assert endpoint.centre == nong_khai
    assert secret.encode() not in bytes(endpoint.sealed_secret)
    again = client.post(
        LIST, {"name": "Again", "url": "https://hook.test/in", "queue": nong_khai.pk}
    )
    assert "url" in again.context["form"].errors
    client.post(reverse("endpoints:remove", args=[endpoint.pk]))
    assert not Endpoint.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url", ["http://hook.test/", "https://127.0.0.1/", "https://localhost/", "https://[::1]/"]
)
def test_hq_cannot_add_an_address_that_leads_inwards(client, hq, url):
    client.force_login(hq)
    answer = client.post(LIST, {"name": "-", "url": url, "queue": "hq"})
    assert "url" in answer.context["form"].errors
    assert not Endpoint.objects.exists()


@pytest.mark.django_db
def test_an_address_that_staffs_process_cannot_look_up_is_left_to_the_worker(
    client, hq, monkeypatch
):
    def without_network(*args, **kwargs):
        raise OSError

    monkeypatch.setattr(https.socket, "getaddrinfo", without_network)
    client.force_login(hq)
    client.post(LIST, {"name": "-", "url": "https://hook.test/", "queue": "hq"})
    assert webhook.send(Endpoint.objects.get(), "", "") is Result.RETRY


@pytest.mark.django_db
def test_an_endpoint_that_is_off_is_owed_nothing(receiver):
    make(receiver, is_active=False)
    notices.announce(file_report())
    endpoints.send_owed(timezone.now())
    assert receiver.got == []
