"""A real web process and a real worker, as talkative as they can be made, name nobody."""

import http.client
import json
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
import redis

from reporting import receipts
from services import postgresql
from tests.processes import GUNICORN, WORKER, Installation

pytestmark = pytest.mark.xdist_group("loud")
PATIENCE = 90
WORDS = "ถ้อยคำลับของชาวบ้าน planted-narrative"
WHO = {
    "User-Agent": "planted-agent",
    "Referer": "http://planted.example/planted-referrer",
    "X-Forwarded-For": "203.0.113.77",
    "Accept-Language": "planted-language",
    "Cookie": "planted=planted-cookie",
}
THAI_DIGITS = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")


class Site:
    """The address of a running site and what its processes have said so far."""

    def __init__(self, installation: Installation, database, log: Path) -> None:
        self.installation, self.database, self._log = installation, database, log

    def said(self) -> str:
        return self._log.read_text(errors="replace")

    def wait_for(self, words: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while words not in self.said():
            assert time.monotonic() < deadline, f"{words} was never said: {self.said()[-3000:]}"
            time.sleep(0.3)

    def ask(self, path: str, **form: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.installation.port, timeout=60)
        try:
            headers = WHO | {"Content-Type": "application/x-www-form-urlencoded"}
            body = urlencode(form) if form else None
            connection.request("POST" if form else "GET", path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        finally:
            connection.close()


@pytest.fixture(scope="module")
def database() -> Iterator:
    """A server of our own: this test stops it."""
    with postgresql() as server:
        yield server


@pytest.fixture
def site(tmp_path, database, storage_url) -> Iterator[Site]:
    redis_url = os.environ.get("TEST_REDIS_URL", "")
    if not redis_url:
        pytest.skip("Needs Redis: `make test` starts it.")
    log = tmp_path / "log"
    installation = Installation(
        tmp_path,
        database.url,
        DJANGO_SETTINGS_MODULE="tests.config.loud",
        LOG_LEVEL="DEBUG",
        LOG_FORMAT="json",
        REDIS_URL=redis_url,
        STORAGE_URL=storage_url,
        TRUSTED_PROXIES="1",
        PYTHONWARNINGS="default",
    )
    installation.prepare(with_demo=False)
    talkative = [*GUNICORN, "--log-level", "debug"]
    groups = [installation.run(talkative, log), installation.run(WORKER, log)]
    try:
        installation.wait_until_up()
        yield Site(installation, database, log)
    finally:
        for group in groups:
            group.stop()


def in_redis() -> dict[bytes, tuple[bytes, int]]:
    """What this site's cache holds there, as it lies there: value and seconds left, by key."""
    server = redis.Redis.from_url(os.environ["TEST_REDIS_URL"])
    return {key: (server.get(key) or b"", server.ttl(key)) for key in server.scan_iter("mekong:*")}


def form_of(site: Site, **more: str) -> dict[str, str]:
    key = re.search(r'value="(\w{40})"', site.ask("/th/report/")[1])
    return {
        "token": receipts.new_token(),
        "narrative": WORDS,
        "captcha_0": key[1] if key else "",
        "captcha_1": "PASSED",
        **more,
    }


def test_nothing_that_could_identify_a_reporter_is_ever_said(site):
    before = in_redis()
    form = form_of(site)
    status, page = site.ask("/th/report/?planted-query=1", **form)
    shown = re.search(r'id="receipt">(.*?)</p>', page, re.S)
    assert status == 200
    assert shown
    number = re.sub(r"\D", "", re.sub(r"<[^>]+>", "", shown[1]))
    forms = [number, receipts.grouped(number), number.translate(THAI_DIGITS)]
    for written in forms:
        assert site.ask("/th/report/status/", receipt=written)[0] == 200
        site.ask(f"/th/{quote(written)}/?receipt={quote(written)}")
        assert site.ask("/boom/", narrative=WORDS, receipt=written)[0] == 500
    site.ask("/th/report/", **form_of(site, captcha_1="planted-wrong"))
    site.ask("/th/report/", **form_of(site, website="planted-by-a-program"))
    for _ in range(11):  # so many guesses that a captcha is asked for
        guess = site.ask("/th/report/status/", receipt=receipts.issue(receipts.new_token()))
    assert "id_captcha_1" in guess[1]
    counted = {key: kept for key, kept in in_redis().items() if key not in before}
    site.ask("/th/search/?q=planted-search")
    site.ask("/readyz")
    site.installation.python(
        "import sys; from work import ledger; ledger.add('tests.config.loud_urls.fail_later',"
        " [sys.argv[1]])",
        f"planted-task {receipts.grouped(number)}",
    )
    site.wait_for("fail_later failed")
    site.database.stop(signal.SIGQUIT)
    try:
        status, page = site.ask("/th/report/", **form_of(site))
        assert (status, WORDS in page) == (503, True)
    finally:
        site.database.start()

    said = site.said()
    everything = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    # They did speak, each of them, and of the failures.
    assert {"DEBUG", "ERROR"} <= {line["level"] for line in everything}
    assert "Careless: [number] from [address]" in said
    assert "builtins.ValueError" in said
    assert "psycopg.errors.InvalidTextRepresentation" in said
    # Of what came in, nothing.
    assert "planted" not in said
    assert "ถ้อยคำลับ" not in said
    for written in (*forms, number[:-1], *receipts.grouped(number).split()):
        assert written not in re.sub(r"\.\d+|0x\w+", "", said)
    for address in ("127.0.0.1", "203.0.113"):
        assert address not in said
    # Floods and guesses were counted, by the hour's key and for no longer.
    assert len(counted) >= 4
    assert all(0 < seconds <= 3600 for _, seconds in counted.values())
    kept = b"".join(key + value for key, (value, _) in counted.items())
    for fact in ("203.0.113", "planted", "cb0071", "ถ้อยคำลับ", *forms):
        assert fact.encode() not in kept
    assert bytes([203, 0, 113]) not in kept
    # And every line is one that a machine can read.
    assert [line for line in said.splitlines() if not line.startswith("{")] == []
