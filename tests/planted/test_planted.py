"""Strings are planted wherever a person can put one; then everything a site leaves is searched.

A real site, as talkative as it can be made, takes reports by every channel and walks them through
every step, the dialogue, files, referrals, exports and pages of failure. Of what was planted
nothing may lie anywhere but sealed; with the right key all of it comes back.
"""

import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pypdfium2
import pytest
from pyrage import decrypt, x25519
from redis import Redis

from provide import find_postgresql
from reporting import receipts
from reporting.lifecycle import TRANSITIONS
from tests.planted import haystack
from tests.planted.visitors import Visitor, receipt_in
from tests.processes import GUNICORN, WORKER, Installation, fresh_database
from tests.reporting.made_files import PLANTED, photo

pytestmark = pytest.mark.xdist_group("planted")
PATIENCE = 120  # seconds
SAYS = {
    "User_Agent": "zqplant-agent-7731",
    "Referer": "http://zqplant-referrer-7732.example/zqplant-path-7733",
    "X_Forwarded_For": "203.0.113.77",
    "Accept_Language": "zqplant-language-7734",
}
NOWHERE = {  # not even sealed
    "user agent": "zqplant-agent-7731",
    "referrer": "zqplant-referrer-7732",
    "path of the referrer": "zqplant-path-7733",
    "language": "zqplant-language-7734",
    "address": "203.0.113.77",
    "name of a file": "zqplant-filename-7735",
    "name of a refused file": "zqplant-badname-7736",
    "query": "zqplant-query-7737",
    "wrong captcha": "zqplant-captcha-7738",
    "wrong receipt": "zqplant-wrongreceipt-7739",
}
SEALED = {
    name: f"zqplant-{name.replace(' ', '')}-88{number:02d}"
    for number, name in enumerate(
        (
            "web narrative",
            "lao narrative",
            "headman narrative",
            "headman on an official",
            "hotline narrative",
            "answer of the reporter",
            "words of the contest",
            "message of the office",
            "reason for rerouting",
            "reason for a finding",
            "evidence of a finding",
            "receiver of a referral",
            "purpose of a referral",
            "pack of a referral",
            "answer of the agency",
            "reason for reopening",
            "reason for taking back",
            "reason for sending back",
        )
    )
}
DRAFT = "zqplant-draft-9901"
SEARCHED = {**NOWHERE, **SEALED, "draft": DRAFT, "words of a photograph": PLANTED}

REFERENCES = """
import json, sys
from reporting.models import Report
numbers = sys.argv[1:]
print(json.dumps([Report.objects.of_receipt(number).get().reference for number in numbers]))
"""
# As an officer's process opens them: with the private keys, and by no other way.
OPENED = """
import json, sys
from reporting import sealing, vault
from reporting.models import Attachment, Draft, SealedPiece, SealedText
words = [
    sealing.open_sealed(text.sealed, sealed_to=text.sealed_to).decode()
    for text in SealedText.objects.order_by("pk")
]
drafts = [
    sealing.open_sealed(draft.sealed, sealed_to=draft.sealed_to).decode()
    for draft in Draft.objects.all()
]
parts = {"original": b"", "clean": b""}
for piece in SealedPiece.objects.order_by("part", "number"):
    parts[piece.part] = parts.get(piece.part, b"") + vault.get(piece)
print(json.dumps({
    "words": words, "drafts": drafts,
    "files": {name: content.hex() for name, content in parts.items()},
    "states": sorted(Attachment.objects.values_list("status", flat=True)),
}))
"""


ADDRESSES = """
from home.models import User
for person in User.objects.filter(email=""):
    person.email = f"{person.username}@example.test"
    person.save()
"""


class Site:
    """A running site of one kind, and all that it leaves."""

    def __init__(self, installation: Installation, log: Path, database_url: str) -> None:
        self.installation, self.log, self.database_url = installation, log, database_url
        self.folder = installation.folder

    def visitor(self) -> Visitor:
        return Visitor(self.installation.port, **SAYS)

    def python(self, code: str, *arguments: str):
        return json.loads(self.installation.python(code, *arguments).splitlines()[-1])

    def straws(self) -> Iterator[haystack.Straw]:
        yield from haystack.folder(self.folder)
        if self.database_url:
            programs = find_postgresql()
            assert programs
            yield from haystack.postgresql(self.database_url, programs)
            yield from haystack.redis(self.installation.environment["REDIS_URL"])
            yield from haystack.bucket(self.installation.environment["STORAGE_URL"])


@pytest.fixture(params=["postgresql", "sqlite"])
def site(request, tmp_path) -> Iterator[Site]:
    if request.param == "postgresql" and not os.environ.get("DATABASE_URL"):
        pytest.skip("Needs PostgreSQL: `make test` starts it.")
    with ExitStack() as stack:
        url, others = "", {}
        if request.param == "postgresql":
            url = stack.enter_context(fresh_database(os.environ["DATABASE_URL"]))
            others = {
                "REDIS_URL": f"{os.environ['TEST_REDIS_URL'].rsplit('/', 1)[0]}/7",
                "STORAGE_URL": request.getfixturevalue("storage_url"),
            }
        log, temporary = tmp_path / "log", tmp_path / "tmp"
        temporary.mkdir()
        installation = Installation(
            tmp_path,
            url,
            DJANGO_SETTINGS_MODULE="tests.planted.settings",
            LOG_LEVEL="DEBUG",
            TMPDIR=str(temporary),
            TRUSTED_PROXIES="1",
            **others,
        )
        installation.prepare(with_demo=True)
        installation.python(ADDRESSES)  # or nobody would be written to
        for command in ([*GUNICORN, "--log-level", "debug"], WORKER):
            stack.callback(installation.run(command, log).stop)
        installation.wait_until_up()
        yield Site(installation, log, url)


def test_what_was_planted_lies_nowhere_but_sealed(site):
    numbers, failures = everybody_does_everything(site)
    wait_for_the_worker(site)
    lists = people_take_lists_along(site)
    assert list((site.folder / "mail").iterdir())  # what is searched is there
    identity = x25519.Identity.generate()
    back_up(site, identity)

    words = SEARCHED | {
        f"receipt {index} as {name}": form
        for index, number in enumerate(numbers)
        for name, form in (("digits", number), ("groups", receipts.grouped(number)))
    }
    assert haystack.find(words, site.straws()) == set()
    archive = decrypt((site.folder / "backup.age").read_bytes(), [identity])
    assert haystack.find(words, haystack.archive(archive)) == set()
    assert haystack.find(words, iter([*lists, *failures])) == set()

    opened = site.python(OPENED)
    everything = "\n".join(opened["words"])
    assert {name for name, word in SEALED.items() if word not in everything} == set()
    assert DRAFT in "\n".join(opened["drafts"])
    assert not [name for name, word in NOWHERE.items() if word in everything]
    assert PLANTED.encode() in bytes.fromhex(opened["files"]["original"])
    assert opened["files"]["clean"]
    assert PLANTED.encode() not in bytes.fromhex(opened["files"]["clean"])
    assert {"clean", "refused"} <= set(opened["states"])
    assert_the_search_finds_what_lies_open(site)


def assert_the_search_finds_what_lies_open(site: Site) -> None:
    """All of the above is worth what this shows: in each place it would have found a word."""
    names = iter(SEALED)
    site.installation.python(LEFT, *(SEALED[next(names)] for _ in range(4)))
    (site.folder / "tmp" / "left").write_text(SEALED[next(names)], encoding="utf-16-le")
    with site.log.open("a") as log:
        log.write(SEALED[next(names)])
    if site.database_url:
        Redis.from_url(site.installation.environment["REDIS_URL"]).set("left", SEALED[next(names)])
    left = set(list(SEALED)[: list(SEALED).index(next(names))])
    assert {name for name, _where in haystack.find(SEARCHED, site.straws())} == left


# A row, a packed row, an editor's file (in the bucket where there is one), and a letter.
LEFT = """
import gzip, sys
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import send_mail
from home.models import Province
from reporting.models import Sketch
Province.objects.filter(pk=Province.objects.first().pk).update(name_en=sys.argv[1])
Sketch.objects.filter(pk=Sketch.objects.first().pk).update(places=gzip.compress(sys.argv[2].encode()))
default_storage.save("left.txt", ContentFile(sys.argv[3].encode()))
send_mail("-", sys.argv[4], None, ["somebody@example.test"])
"""


# --- What everybody does --------------------------------------------------------------------------


def everybody_does_everything(site: Site) -> tuple[list[str], list[haystack.Straw]]:
    """Returns the receipts, and what was answered where something went wrong."""
    phone = site.visitor()
    first = phone.report(narrative=SEALED["web narrative"], district="4301", category=SERIOUS)
    second = phone.report(language="lo", narrative=SEALED["lao narrative"], district="4301")
    moved = phone.report(narrative="-", district="4301", category=SERIOUS)
    add_files(phone, first)
    told = headman_writes_down(site)
    failures = meet_every_failure(phone, first)
    wait_for_the_worker(site)  # then the photograph is clean
    officers_work(site, phone, first, second, moved)
    return [first, second, moved, *told], failures


SERIOUS = "human_trafficking"


def add_files(phone: Visitor, receipt: str) -> None:
    form = {"receipt": receipt, "token": receipts.new_token()}
    files = [
        ("zqplant-filename-7735.jpg", photo()),
        ("zqplant-badname-7736.exe", f"MZ {PLANTED}".encode() * 50),
    ]
    status, page = phone.send_files("/th/report/files/", form, files)
    assert status == 200, page[-2000:]


def headman_writes_down(site: Site) -> list[str]:
    found = []
    for name, words in (
        ("coordinator-4301", SEALED["headman narrative"]),
        ("coordinator-4301", SEALED["headman on an official"]),
        ("officer-4301", SEALED["hotline narrative"]),
    ):
        person = site.visitor().sign_in(name)
        status, page = person.ask("/admin/intake/")
        assert status == 200
        form = {
            "csrfmiddlewaretoken": token_in(page, "csrfmiddlewaretoken"),
            "token": token_in(page, "token"),
            "narrative": words,
            "district": "4301",
            **({"concerns_official": "on"} if "official" in words else {}),
        }
        status, page = person.ask("/admin/intake/", form)
        assert status == 200, page[-2000:]
        found.append(receipt_in(page))
    page = person.ask("/admin/intake/")[1]
    kept = {
        "csrfmiddlewaretoken": token_in(page, "csrfmiddlewaretoken"),
        "token": token_in(page, "token"),
        "narrative": DRAFT,
    }
    assert person.ask("/admin/intake/keep/", kept)[0] in (200, 302)
    return found


def token_in(page: str, name: str) -> str:
    from tests.planted.visitors import HIDDEN

    return dict(HIDDEN.findall(page))[name]


def meet_every_failure(phone: Visitor, receipt: str) -> list[haystack.Straw]:
    """Returns the pages that must give nothing back. A form gives back what was typed in it."""
    words = SEALED["web narrative"]
    phone.ask("/th/report/?q=zqplant-query-7737", {"narrative": words, "captcha_1": "PASSED"})
    phone.ask("/th/report/", {"narrative": words, "captcha_1": "zqplant-captcha-7738"})
    phone.ask("/th/report/", {"narrative": words + "x" * 60_000})
    phone.ask("/th/report/status/", {"receipt": "zqplant-wrongreceipt-7739"})
    pages = [
        ("too much", phone.ask("/th/report/", {"narrative": words + "x" * 2_000_000})),
        ("an address that is not there", phone.ask(f"/th/{receipt}/?receipt={receipt}")),
        ("a failure", phone.ask("/boom/", {"narrative": words, "receipt": receipt})),
        (
            "a file that cannot be read",
            phone.send_files(
                "/th/report/files/", {"receipt": receipt}, [("zqplant-badname-7736", b"")]
            ),
        ),
    ]
    assert [status for _, (status, _page) in pages[:3]] == [413, 404, 500]
    phone.ask(f"/th/report/status/?receipt={receipt}", {"receipt": receipt[:-1]})
    phone.ask("/th/search/?q=zqplant-query-7737")
    return [(where, page.encode()) for where, (_status, page) in pages[:3]]


def officers_work(site: Site, phone: Visitor, first: str, second: str, moved: str) -> None:
    """Every transition of the table, the dialogue around it, and everything that is opened."""
    one, two, three = site.python(REFERENCES, first, second, moved)
    officer = site.visitor().sign_in("officer-4301")
    chief = site.visitor().sign_in("chief-4301")
    hq = site.visitor().sign_in("hq")
    taken = {"contest"}

    def done(person: Visitor, reference: str, step: str, **words: str) -> None:
        status, page = person.step(reference, step, **words)
        assert status == 302, (step, status, page[-3000:])
        taken.add(step)

    def opened(person: Visitor, reference: str, what: str) -> None:
        status, page = person.step(reference, what)
        assert status == 200, (what, status, page[-3000:])

    done(officer, one, "accept")
    done(officer, one, "message", words=SEALED["message of the office"])
    page = phone.look(first)
    assert SEALED["message of the office"] in page
    answered = phone.look(
        first,
        action="reply",
        token=receipts.new_token(),
        words=SEALED["answer of the reporter"],
    )
    assert SEALED["answer of the reporter"] not in answered
    done(officer, one, "verify")
    find = {"reliability": "B", "credibility": "2", "reason": SEALED["reason for a finding"]}
    done(officer, one, "record_finding", **find)
    finding = site.python(FINDING)
    done(officer, one, "reverse_finding", finding=finding, reason=SEALED["reason for taking back"])
    done(officer, one, "record_finding", **find, evidence=SEALED["evidence of a finding"])
    opened(officer, one, "file/1")
    done(officer, one, "file/1/ask")
    done(chief, one, "file/1/allow")
    opened(officer, one, "file/1/open")
    refer = {
        "agency": "police",
        "receiver": SEALED["receiver of a referral"],
        "purpose": SEALED["purpose of a referral"],
        "pack": SEALED["pack of a referral"],
        "expires_on": (date.today() + timedelta(days=20)).isoformat(),
    }
    done(officer, one, "refer", **refer)
    for sheet in ("referral/1", "referral/1/print", "referral/1/pdf"):
        opened(officer, one, sheet)
    done(officer, one, "hand_over", referral="1")
    done(officer, one, "return", referral="1", answer=SEALED["answer of the agency"])
    close = {"outcome": "acted", "evidence_type": "visit"}
    done(officer, one, "propose_closing", **close)
    done(chief, one, "send_back", reason=SEALED["reason for sending back"])
    done(officer, one, "propose_closing", **close)
    done(chief, one, "close", **close)
    phone.look(first, action="contest", words=SEALED["words of the contest"])
    status, page = officer.step(one, "read")
    assert status == 200
    assert SEALED["web narrative"] in page
    done(chief, one, "assign", assignee=site.python(PERSON, "officer-4301"))

    done(officer, two, "reject", reason="test")
    done(chief, two, "reopen", reason=SEALED["reason for reopening"])
    done(officer, two, "merge", into=one)
    done(officer, three, "reroute", to="hq", reason=SEALED["reason for rerouting"])
    assert officer.ask(f"/admin/reports/{three}/")[0] == 404
    assert hq.ask(f"/admin/reports/{three}/")[0] == 200
    assert TRANSITIONS.keys() <= taken


FINDING = """
import json
from reporting.models import Finding
print(json.dumps(str(Finding.objects.latest("pk").pk)))
"""
PERSON = """
import json, sys
from home.models import User
print(json.dumps(str(User.objects.get(username=sys.argv[1]).pk)))
"""
WAITING = """
import json
from work.models import Job
print(json.dumps(Job.objects.filter(schedule=None).count()))
"""


def people_take_lists_along(site: Site) -> list[haystack.Straw]:
    """Everything that HQ and a chief can export, in all formats, as it is saved and as it reads."""
    found: list[haystack.Straw] = []
    for name in ("hq", "chief-4301"):
        person = site.visitor().sign_in(name)
        page = "/admin/reports/exports/new/?status=all"
        for form in ("xlsx", "csv", "pdf"):
            token = token_in(person.ask(page)[1], "csrfmiddlewaretoken")
            asked = {"csrfmiddlewaretoken": token, "format": form}
            assert person.ask(page, asked)[0] == 302
        wait_for_the_worker(site)
        shown = person.ask("/admin/reports/exports/")[1]
        addresses = DOWNLOAD.findall(shown)
        assert len(addresses) == 3, shown[-3000:]
        sent = {"csrfmiddlewaretoken": token_in(shown, "csrfmiddlewaretoken")}
        for address in addresses:
            status, content = person.fetch(address, sent)
            assert status == 200
            found += [(f"{name}: {address}", content), *reading_of(content, f"{name}: {address}")]
    return found


def reading_of(content: bytes, where: str) -> Iterator[haystack.Straw]:
    """What somebody reads who opens the file. Every list has reports in it."""
    if content.startswith(b"PK"):
        with ZipFile(BytesIO(content)) as book:
            parts = {name: book.read(name) for name in book.namelist()}
        text = b"".join(parts.values())
    elif content.startswith(b"%PDF"):
        pages = pypdfium2.PdfDocument(content)
        text = "".join(page.get_textpage().get_text_range() for page in pages).encode()
    else:
        text = content
    assert len(REFERENCE.findall(text)) >= 3, where
    yield f"words of {where}", text


DOWNLOAD = re.compile(r'action="(/admin/reports/exports/\d+/download/)"')
REFERENCE = re.compile(rb"\b[0-9A-HJKMNP-TV-Z]{8}\b")


def wait_for_the_worker(site: Site) -> None:
    """Until no task is left: what is still to be done would hold nothing back."""
    deadline = time.monotonic() + PATIENCE
    while site.python(WAITING):
        assert time.monotonic() < deadline, "the worker does not come to an end"
        time.sleep(1)


def back_up(site: Site, identity: x25519.Identity) -> None:
    out = str(site.folder / "backup.age")
    site.installation.manage("backup", "--out", out, "--to", str(identity.to_public()))
