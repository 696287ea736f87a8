"""People who report over a line that breaks: they send again until they see a receipt."""

import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException
from random import Random

PATIENCE = 120  # seconds that one person goes on trying; a server is away for far less
HIDDEN = re.compile(r'<input type="hidden" name="(token|captcha_0)" value="([^"]+)">')
RECEIPT = re.compile(r'id="receipt">(.*?)</p>', re.DOTALL)


@dataclass(frozen=True)
class Told:
    """A report that somebody believes was filed, because they were shown its receipt."""

    token: str
    narrative: str
    receipt: str


@dataclass
class Crowd:
    """So many people at once, each filing one report after the other.

    `meanwhile` is called again and again with the number of receipts shown so far, always by the
    thread that called run(): a child that another thread started would end with that thread.
    """

    address: str
    total: int
    seed: int
    meanwhile: Callable[[int], None]
    people: int = 4
    told: list[Told] = field(default_factory=list)
    kept_pages: int = 0  # pages that said "not now" and showed what was typed
    failures: list[str] = field(default_factory=list)

    def run(self) -> None:
        self._lock = threading.Lock()
        self._next = 0
        threads = [
            threading.Thread(target=self._report_until_done, args=(Random(self.seed + number),))
            for number in range(self.people)
        ]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            self.meanwhile(len(self.told))
            time.sleep(0.01)

    def _report_until_done(self, chance: Random) -> None:
        while True:
            with self._lock:
                if self._next >= self.total or self.failures:
                    return
                self._next += 1
                number = self._next
            try:
                told = self._report(number, chance)
            except Exception as error:  # noqa: BLE001 - a thread's error must reach the test
                self.failures.append(f"report {number}: {error!r}")
                return
            with self._lock:
                self.told.append(told)

    def _report(self, number: int, chance: Random) -> Told:
        """Files one report, as somebody does who gives up on nothing."""
        hidden = dict(
            HIDDEN.findall(self._insist("/th/report/", None, lambda page: "captcha_0" in page))
        )
        narrative = f"เรื่องที่ {number} จากคนที่ {chance.randrange(10**9)}"
        form = {
            **hidden,
            "narrative": narrative,
            "district": chance.choice(["4301", "3801", "5703", ""]),
            "captcha_1": "PASSED",
        }
        page = self._insist("/th/report/", form, RECEIPT.search)
        shown = RECEIPT.search(page)
        assert shown
        receipt = re.sub(r"\D", "", re.sub(r"<[^>]+>", "", shown[1]))
        return Told(hidden["token"], narrative, receipt)

    def _insist(self, path: str, form: dict[str, str] | None, is_done: Callable) -> str:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                page = send(self.address + path, form)
                if is_done(page):
                    return page
                raise AssertionError("an answer that is neither a receipt nor a failure")
            except urllib.error.HTTPError as error:
                page = error.read().decode()
                if form and error.code == 503 and form["narrative"] in page:
                    self.kept_pages += 1
                if error.code not in {500, 502, 503, 504}:
                    raise
            except (OSError, HTTPException):  # refused, reset, cut off in the middle
                pass
            if time.monotonic() > deadline:
                raise TimeoutError("no receipt in all this time")
            time.sleep(0.05)


def send(url: str, form: dict[str, str] | None = None) -> str:
    """The page at an address, or the answer to a form."""
    data = urllib.parse.urlencode(form).encode() if form is not None else None
    with urllib.request.urlopen(url, data, timeout=30) as answer:
        return answer.read().decode()
