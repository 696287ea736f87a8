"""What a container's health check says of a web process and of a worker."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import healthcheck
import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]


def check(**environment: str) -> int:
    command = [sys.executable, str(ROOT / "scripts" / "healthcheck.py")]
    said = subprocess.run(command, env={"PATH": os.environ["PATH"], **environment}, timeout=60)
    return said.returncode


@pytest.fixture
def web() -> Iterator[HTTPServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_known = (self.path, self.headers["Host"]) == ("/healthz", "watch.example")
            self.send_response(self.server.answer if is_known else 404)  # type: ignore[attr-defined]
            self.end_headers()

        def log_message(self, *args) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.answer = 200  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("answer", "code"), [(200, 0), (503, 1)])
@pytest.mark.parametrize("role", ["public", "staff"])
def test_a_web_process_is_well_when_it_says_so(web, role, answer, code):
    web.answer = answer
    place = f"0.0.0.0:{web.server_port}"
    assert check(ROLE=role, BIND=place, ALLOWED_HOSTS=" watch.example, other.example") == code


def test_a_web_process_that_does_not_answer_is_not_well(web):
    web.shutdown()
    web.server_close()
    assert check(ROLE="public", BIND=f"0.0.0.0:{web.server_port}") == 1


@pytest.mark.parametrize(("silence", "code"), [(0, 0), (150, 0), (300, 1)])
def test_a_worker_is_well_while_it_asks_for_work(tmp_path, silence, code):
    mark = tmp_path / "mark"
    mark.touch()
    os.utime(mark, times=(time.time() - silence,) * 2)
    assert check(ROLE="worker", WORKER_BEAT=str(mark)) == code


def test_a_worker_that_never_asked_is_not_well(tmp_path):
    assert check(ROLE="worker", WORKER_BEAT=str(tmp_path / "mark")) == 1
    assert check(ROLE="worker") == 1


def test_a_worker_whose_tasks_all_run_long_is_not_thought_dead():
    assert settings.Q_CLUSTER["timeout"] < healthcheck.LONGEST_SILENCE
