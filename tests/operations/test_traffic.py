"""Requests are counted by kind of screen and by their end, and never those of reporters."""

import os
from types import SimpleNamespace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from config import gunicorn
from operations import traffic
from operations.middleware import TrafficMiddleware
from tests.factories import UserFactory

TOKEN = "for-tests-only"


@pytest.fixture(autouse=True)
def nothing_counted():
    traffic.forget()
    yield
    traffic.forget()


@pytest.fixture
def counting(settings, client):
    """A client whose requests are counted."""
    settings.METRICS_TOKEN = TOKEN
    settings.ROLE = "all"
    client.handler.load_middleware()
    return client


def told(client) -> dict[tuple[str, str], int]:
    """How many requests /metrics tells of, by screen and end; those that are none left out."""
    answer = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    return {
        (sample.labels["screen"], sample.labels["status"]): int(sample.value)
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
        if sample.name == "mekong_request_seconds_count" and sample.value
    }


@pytest.mark.django_db
def test_requests_of_staff_are_counted_by_kind_of_screen_and_end(counting):
    counting.get("/admin/login/")
    counting.get("/admin/")
    counting.get("/admin/reports/")
    counting.force_login(UserFactory())
    counting.get("/admin/")
    counting.get("/admin/reports/ABCDEF/")
    found = told(counting)
    assert found["sign_in", "2xx"] == 1
    assert found["admin", "2xx"] == 1
    assert found["admin", "3xx"] == 1
    assert found["reports", "3xx"] == 1
    assert sum(found.values()) == 5


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        *("/th/report/", "/en/report/status/", "/captcha/x/", "/th/", "/healthz", "/readyz"),
        *("/metrics", "/admin/intake/", "/admin/intake/keep/"),
    ],
)
def test_nothing_that_a_reader_or_a_reporter_does_is_counted(counting, path):
    for method in ("get", "post"):
        getattr(counting, method)(path)
    assert told(counting) == {}


@pytest.mark.parametrize(("role", "token"), [("public", TOKEN), ("worker", TOKEN), ("staff", "")])
def test_where_nobody_may_ask_nothing_is_counted(settings, role, token):
    from django.core.exceptions import MiddlewareNotUsed

    settings.ROLE, settings.METRICS_TOKEN = role, token
    with pytest.raises(MiddlewareNotUsed):
        TrafficMiddleware(lambda request: None)


def test_a_request_counts_for_every_duration_that_it_did_not_exceed():
    for seconds in (0.05, 0.07, 3.0, 60.0):
        traffic.count("admin", 200, seconds)
    (found,) = [row for row in traffic.counted() if row.up_to[-1]]
    assert found.up_to == [1, 2, 2, 2, 2, 2, 3, 3, 4]
    assert found.seconds == pytest.approx(63.12)


def test_processes_count_apart_and_every_one_knows_the_sum():
    server = SimpleNamespace(WORKERS={})
    for pid in range(3):
        worker = SimpleNamespace()
        gunicorn.pre_fork(server, worker)
        server.WORKERS[pid] = worker
    assert sorted(worker.part for worker in server.WORKERS.values()) == [0, 1, 2]
    for worker in server.WORKERS.values():
        child = os.fork()
        if not child:
            gunicorn.post_fork(server, worker)
            traffic.count("reports", 404, 0.2)
            os._exit(0)
        os.waitpid(child, 0)
    sums = {row.screen: row.up_to[-1] for row in traffic.counted() if row.end == "4xx"}
    assert sums["reports"] == 3
    del server.WORKERS[1]
    replaced = SimpleNamespace()
    gunicorn.pre_fork(server, replaced)
    assert replaced.part == 1, "it goes on where the one before it ended"
