"""Somebody else picks up the phone: what every step shows, keeps and leads away to."""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from captcha.models import CaptchaStore
from django.conf import settings as project
from django.db import OperationalError
from django.utils import timezone
from wagtail.models import Site

from home.emergency import NUMBERS
from home.models import SiteSettings
from reporting import limits, receipts
from reporting.intake import Arrival, receive
from reporting.lifecycle import move
from reporting.models import Credibility, EvidenceType, Outcome, Reliability
from tests.reporting.report_site import FORM, STATUS, filled, make_report_site, shown_number

SOMEWHERE = "https://weather.example.test/today"


@pytest.fixture
def receipt(nong_khai) -> str:
    """Of a report that just came in."""
    arrival = Arrival(district=nong_khai.district, narrative="เห็นเรือ")
    return receive(arrival, token=receipts.new_token()).number


@pytest.fixture
def closed(nong_khai, member) -> str:
    """Of a report whose closing can be contested."""
    officer = member(nong_khai, "officer")
    arrival = Arrival(district=nong_khai.district, narrative="เห็นเรือ")
    filed = receive(arrival, token=receipts.new_token())
    report = move(move(filed.report, "accept", by=officer), "verify", by=officer)
    grades = {"reliability": Reliability.B, "credibility": Credibility.PROBABLE}
    report = move(report, "record_finding", by=officer, reason="เห็นเอง", **grades)
    choices = {"outcome": Outcome.ACTED, "evidence_type": EvidenceType.VISIT}
    report = move(report, "propose_closing", by=officer, **choices)
    move(report, "close", by=officer)
    return filed.number


@pytest.fixture
def site(db) -> None:
    make_report_site()
    settings = SiteSettings.for_site(Site.objects.get())
    settings.quick_exit_url = SOMEWHERE
    settings.emergency_numbers = [{"number": "1599", "th": "สายด่วน", "en": "Hotline"}]
    settings.save()


@pytest.fixture
def step(client, site, receipt, closed, settings, monkeypatch) -> Callable:
    """step(name) is the page that a reporter sees there."""

    def wait():
        monkeypatch.setattr(limits, "recent", lambda *args: 60)
        return client.post(FORM, filled())

    def guessing():
        monkeypatch.setattr(limits, "recent", lambda kind, network: 10)
        return client.get(STATUS)

    def late():
        sent = filled()
        client.post(FORM, sent)
        CaptchaStore.objects.update(expiration=timezone.now())
        return client.post(FORM, sent)

    def without_keys(path, sent):
        settings.REPORT_PUBLIC_KEYS = ""
        return client.post(path, sent)

    def too_much(path):
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
        return client.post(path, {"narrative": "x" * 200})

    def without_database(path, sent):
        def fail(*args, **kwargs):
            raise OperationalError("no server")

        with monkeypatch.context() as patch:
            patch.setattr("django.db.backends.utils.CursorWrapper.execute", fail)
            return client.post(path, sent)

    contest = {"receipt": closed, "action": "contest", "words": "ยังอยู่"}
    steps = {
        "form": lambda: client.get(FORM),
        "another picture": lambda: client.post(FORM, {"captcha_action": "picture"}),
        "error": lambda: client.post(FORM, filled(captcha_1="")),
        "wait": wait,
        "receipt": lambda: client.post(FORM, filled()),
        "arrived already": late,
        "not filed": lambda: without_keys(FORM, filled()),
        "too much": lambda: too_much(FORM),
        "not read": lambda: client.post(FORM, b"--", content_type="multipart/form-data; boundary="),
        "no database": lambda: without_database(FORM, filled()),
        "status": lambda: client.get(STATUS),
        "status after guesses": guessing,
        "unknown receipt": lambda: client.post(STATUS, {"receipt": "1"}),
        "answer": lambda: client.post(STATUS, {"receipt": receipt}),
        "answer that can be contested": lambda: client.post(STATUS, {"receipt": closed}),
        "contested": lambda: client.post(STATUS, contest),
        "not contested": lambda: without_keys(STATUS, contest),
        "contest without a database": lambda: without_database(STATUS, contest),
    }
    return lambda name: steps[name]()


STEPS = pytest.mark.parametrize(
    ("name", "status"),
    [
        ("form", 200),
        ("another picture", 200),
        ("error", 200),
        ("wait", 429),
        ("receipt", 200),
        ("arrived already", 200),
        ("not filed", 503),
        ("too much", 413),
        ("not read", 400),
        ("no database", 503),
        ("status", 200),
        ("status after guesses", 200),
        ("unknown receipt", 200),
        ("answer", 200),
        ("answer that can be contested", 200),
        ("contested", 200),
        ("not contested", 503),
        ("contest without a database", 503),
    ],
)


@STEPS
def test_every_step_can_be_left_keeps_nothing_and_tells_nobody(step, name, status):
    answer = step(name)
    html = answer.content.decode()
    assert answer.status_code == status
    # A plain link leads away, with scripts or without.
    (link,) = re.findall(r"<a [^>]*data-quick-exit[^>]*>", html)
    is_cut_off = "database" in name  # nobody can look up where else to lead
    default = SiteSettings._meta.get_field("quick_exit_url").get_default()
    assert f'href="{default if is_cut_off else SOMEWHERE}"' in link
    assert 'rel="noreferrer noopener"' in link
    assert "data-exit-hint" in html
    # Nothing stays on the phone or goes along to the next page.
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies
    # A list of open pages says nothing.
    assert re.search(r"<title>(.*?)</title>", html)[1] == "หน้าข้อมูล"
    # Whom to call.
    assert f'href="tel:{"191" if is_cut_off else "1599"}"' in html


@STEPS
def test_no_address_on_any_step_holds_a_receipt_or_what_was_typed(
    step, name, status, receipt, closed
):
    answer = step(name)
    html = answer.content.decode()
    addresses = re.findall(r'(?:href|src|action|formaction)="([^"]*)"', html)
    numbers = {receipt, closed, shown_number(answer) or receipt}
    assert addresses
    for address in map(unescape, addresses):
        assert "?" not in address
        assert not any(number[:8] in re.sub(r"\D", "", address) for number in numbers)
    # Forms send in the body.
    for form in re.findall(r"<form[^>]*>", html):
        assert 'method="post"' in form
        assert 'autocomplete="off"' in form


def test_whom_to_call_stands_before_the_form_and_after_it(client, site):
    html = client.get(FORM).content.decode()
    before, _, rest = html.partition('<form class="form" id="report-form"')
    after = rest.partition("</form>")[2]
    assert 'href="tel:1599"' in before
    assert 'href="tel:1599"' in after
    assert 'href="tel:1599"' in client.post(FORM, filled()).content.decode()


def test_nobody_has_to_enter_the_numbers_first(client, db):
    make_report_site()
    html = client.get(FORM).content.decode()
    for line in NUMBERS[:3]:
        assert f'href="tel:{line["number"]}"' in html


def test_no_script_of_the_site_keeps_anything_on_the_phone():
    scripts = list(Path(project.BASE_DIR).glob("*/static/*/*.js"))
    assert {path.name for path in scripts} >= {"site.js", "report.js", "files.js", "intake.js"}
    for path in scripts:
        for place in ("localStorage", "sessionStorage", "indexedDB", "caches", "document.cookie"):
            assert place not in path.read_text()
        assert "serviceWorker" not in path.read_text()
