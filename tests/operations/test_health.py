"""Whether a process says truly how it is."""

import socket
import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from operations import health
from reporting import sealing
from tests.config.test_wiring import python
from work import ledger

pytestmark = pytest.mark.django_db
PARTS = {"database", "cache", "queue", "keys", "storage", "tasks"}


@pytest.fixture(autouse=True)
def not_asked_yet():
    health.storage.forget()


def test_all_is_well(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == dict.fromkeys(PARTS, True)
    assert "no-store" in answer["Cache-Control"]


def fail(*args, **kwargs):
    raise OSError("planted reason")


@pytest.mark.parametrize(
    ("part", "broken"),
    [
        ("database", "django.db.backends.utils.CursorWrapper.execute"),
        ("queue", "work.models.Job.objects.exists"),
    ],
)
def test_a_part_that_is_needed_and_fails_takes_the_process_out(client, monkeypatch, part, broken):
    with monkeypatch.context() as patch:
        patch.setattr(broken, fail)
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()[part] is False
    assert b"planted" not in answer.content


def test_a_process_that_cannot_seal_is_taken_out(client, settings):
    settings.REPORT_PUBLIC_KEYS = ""
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["keys"]) == (503, False)


@pytest.mark.parametrize(("role", "status"), [("public", 200), ("staff", 503), ("all", 503)])
def test_who_opens_texts_needs_the_private_keys(client, settings, role, status):
    settings.ROLE, settings.REPORT_PRIVATE_KEYS = role, ""
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["keys"]) == (status, status == 200)


def test_without_its_cache_the_report_form_stays_open(client, monkeypatch):
    monkeypatch.setattr("django.core.cache.cache.set", fail)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["cache"]) == (200, False)


def test_without_its_storage_the_report_form_stays_open(client, monkeypatch):
    monkeypatch.setattr("django.core.files.storage.default_storage.save", fail)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["storage"]) == (200, False)


def test_storage_that_says_nothing_holds_up_no_answer_and_is_asked_once(client, monkeypatch):
    answered, asked = threading.Event(), []

    def hang(*args, **kwargs):
        asked.append(args)
        answered.wait(60)
        raise OSError

    monkeypatch.setattr("django.core.files.storage.default_storage.save", hang)
    monkeypatch.setattr(health.Seldom, "patience", 0.01)
    try:
        for _ in range(3):
            answer = client.get("/readyz")
            assert (answer.status_code, answer.json()["storage"]) == (200, False)
        assert len(asked) == 1
    finally:
        answered.set()


def test_storage_is_not_written_at_each_request_and_asked_again_later(client, monkeypatch):
    asked = []
    monkeypatch.setattr(health.storage, "_check", lambda: bool(asked.append(1)) or len(asked) > 1)
    assert [client.get("/readyz").json()["storage"] for _ in range(3)] == [False] * 3
    assert len(asked) == 1
    monkeypatch.setattr(health.Seldom, "pause", 0)
    assert client.get("/readyz").json()["storage"] is True


def test_a_database_that_says_nothing_is_given_up():
    """Unbounded, the process would wait for as long as the silence lasts."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        said = python(
            "import django; django.setup(); from django.db import connection; connection.cursor()",
            DJANGO_SETTINGS_MODULE="config.settings.production",
            SECRET_KEY="x" * 60,
            DATABASE_URL=f"postgres://nobody@127.0.0.1:{port}/0",
        )
    assert said.returncode != 0
    assert "Timeout" in said.stderr


def test_the_probe_in_storage_is_taken_away_again(client, settings):
    client.get("/readyz")
    folder = settings.MEDIA_ROOT / "probes"
    assert not folder.exists() or not list(folder.iterdir())


@pytest.mark.parametrize(("minutes", "is_well"), [(14, True), (16, False)])
def test_a_worker_that_does_not_come_is_told(client, minutes, is_well):
    due = timezone.now() - timedelta(minutes=minutes)
    ledger.add("reporting.tasks.check_deadlines", due_at=due)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["tasks"]) == (200, is_well)


def test_to_open_is_to_hold_the_offices_private_key(settings):
    assert sealing.can_open()
    settings.REPORT_PRIVATE_KEYS = '{"4301": ["AGE-SECRET-KEY-1X"]}'
    assert not sealing.can_open()
