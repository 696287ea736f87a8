"""How officers open files: the clean copy alone, the original with somebody else's leave."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from reporting import evidence, history, originals
from reporting.models import LogEntry, OriginalRequest
from tests.factories import file_report
from tests.reporting.made_files import SPELLINGS, film, pdf, photo, sound
from tests.reporting.test_evidence import PIECE, cleaned, taken

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_pieces(settings):
    settings.EVIDENCE = settings.EVIDENCE | {"piece": PIECE}


@pytest.fixture
def report(nong_khai):
    return file_report(district=nong_khai.district)


@pytest.fixture
def people(nong_khai, bueng_kan, member, hq):
    officers = nong_khai.memberships.filter(role="officer").order_by("pk")
    return {
        "officer": officers[0].user,
        "second officer": officers[1].user,
        "secretary": member(nong_khai, "secretary"),
        "chief": member(nong_khai, "chief"),
        "hq": hq,
        "stranger": member(bueng_kan, "chief"),
    }


@pytest.fixture
def take(client, report, people):
    """take("open", "officer") sends an officer's wish about the first file."""

    def send(act: str, who: str, *, number: int = 1):
        client.force_login(people[who])
        name = "reports:file" if act == "file" else f"reports:{act}_original"
        return client.post(reverse(name, args=[report.reference, number]))

    return send


def content(answer) -> bytes:
    return b"".join(answer.streaming_content)


# --- The clean copy -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "kind", "disposition"),
    [
        (photo, "image/jpeg", 'inline; filename="{}-1.jpg"'),
        (film, "video/mp4", 'attachment; filename="{}-1.mp4"'),
        (sound, "audio/mp4", 'attachment; filename="{}-1.m4a"'),
        (pdf, "application/pdf", 'attachment; filename="{}-1.pdf"'),
    ],
)
def test_an_officer_is_handed_the_clean_copy(take, report, people, made, kind, disposition):
    cleaned(report, made())
    answer = take("file", "officer")
    assert answer.status_code == 200
    copy = content(answer)
    assert len(copy) == report.attachments.get().clean_size
    assert not any(spelling in copy for spelling in SPELLINGS)
    assert answer["Content-Type"] == kind
    assert answer["Content-Disposition"] == disposition.format(report.reference)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    entry = report.log.order_by("number").last()
    assert (entry.action, entry.user, entry.data) == ("open_file", people["officer"], {"file": 1})
    assert history.is_intact(report)


def test_a_file_may_do_nothing_in_the_browser(take, report):
    cleaned(report, photo())
    policy = take("file", "officer")["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "sandbox"} <= set(policy)
    assert not any(rule.startswith(("script-src", "style-src", "connect-src")) for rule in policy)


def test_the_office_opens_no_file_of_a_district(take, report):
    cleaned(report, photo())
    assert take("file", "hq").status_code == 403
    assert take("file", "stranger").status_code == 404
    assert not report.log.filter(action="open_file").exists()


def test_what_is_not_clean_is_not_there(take, report):
    taken(report, photo())
    assert take("file", "officer").status_code == 404
    assert take("file", "officer", number=7).status_code == 404


def test_a_file_of_another_report_is_not_reached_through_ones_own(take, report, nong_khai):
    other = file_report(district=nong_khai.district)
    cleaned(other, photo())
    assert take("file", "officer").status_code == 404


def test_without_a_key_the_page_says_so_and_nothing_is_logged(take, report, settings):
    cleaned(report, photo())
    settings.REPORT_PRIVATE_KEYS = ""
    assert take("file", "officer").status_code == 503
    assert not report.log.filter(action="open_file").exists()


def test_the_page_lists_the_files_and_asks_as_often_for_two_as_for_six(client, report, people):
    client.force_login(people["officer"])
    address = reverse("reports:report", args=[report.reference])
    client.get(address)  # what a process remembers is asked once
    counts = []
    for number in (2, 4):
        for place in range(number):
            taken(report, bytes([number, place]))
        with CaptureQueriesContext(connection) as queries:
            page = client.get(address).content.decode()
        counts.append(len(queries))
    assert page.count("report-file-buttons") == 6
    assert counts[0] == counts[1]


# --- The original ---------------------------------------------------------------------------------


@pytest.mark.both_databases
@pytest.mark.parametrize("who", ["secretary", "chief", "hq"])
def test_the_original_is_opened_by_two_people_once(take, report, people, who):
    sent = photo()
    cleaned(report, sent)
    assert take("open", "officer").status_code == 409
    assert take("ask", "officer").status_code == 302
    assert take("open", "officer").status_code == 409
    assert take("allow", who).status_code == 302
    answer = take("open", "officer")
    assert content(answer) == sent
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    assert take("open", "officer").status_code == 409
    steps = report.log.filter(action__endswith="original").values_list("action", "user")
    assert list(steps) == [
        ("ask_original", people["officer"].pk),
        ("allow_original", people[who].pk),
        ("open_original", people["officer"].pk),
    ]
    assert history.is_intact(report)


def test_nobody_allows_themselves_and_an_officer_allows_nobody(take, report):
    cleaned(report, photo())
    take("ask", "chief")
    assert take("allow", "chief").status_code == 409
    assert take("allow", "second officer").status_code == 403
    assert take("allow", "stranger").status_code == 404
    assert take("open", "chief").status_code == 409


def test_whom_it_was_not_allowed_to_cannot_open_it(take, report):
    cleaned(report, photo())
    take("ask", "officer")
    take("allow", "chief")
    for who in ("second officer", "chief"):
        assert take("open", who).status_code == 409
    assert take("open", "hq").status_code == 403
    assert not report.log.filter(action="open_original").exists()


def test_a_permission_is_worth_nothing_after_an_hour(take, report):
    cleaned(report, photo())
    take("ask", "officer")
    take("allow", "chief")
    OriginalRequest.objects.update(allowed_at=timezone.now() - timedelta(minutes=61))
    assert take("open", "officer").status_code == 409
    assert take("ask", "officer").status_code == 302  # and may be asked for again


def test_two_cannot_ask_at_once(take, report):
    cleaned(report, photo())
    take("ask", "officer")
    assert take("ask", "second officer").status_code == 409


def test_a_file_that_could_not_be_used_can_be_opened_by_two(take, report):
    cleaned(report, b"something else")
    take("ask", "officer")
    take("allow", "chief")
    assert content(take("open", "officer")) == b"something else"


def test_without_a_key_the_permission_is_not_spent(take, report, settings):
    cleaned(report, photo())
    take("ask", "officer")
    take("allow", "chief")
    keys, settings.REPORT_PRIVATE_KEYS = settings.REPORT_PRIVATE_KEYS, ""
    assert take("open", "officer").status_code == 503
    settings.REPORT_PRIVATE_KEYS = keys
    assert content(take("open", "officer")) == photo()


def test_the_page_offers_each_person_their_own_step(client, report, people):
    cleaned(report, photo())
    originals.ask(report.attachments.get(), by=people["officer"])

    def offered(who: str) -> set[str]:
        client.force_login(people[who])
        page = client.get(reverse("reports:report", args=[report.reference])).content.decode()
        acts = {"file/1/": "open", "file/1/ask/": "ask", "file/1/allow/": "allow"}
        acts["file/1/open/"] = "save"
        return {act for path, act in acts.items() if f'{path}"' in page}

    assert offered("officer") == {"open"}
    assert offered("chief") == {"open", "allow"}
    assert offered("hq") == {"allow"}
    originals.allow(report.attachments.get(), by=people["chief"])
    assert offered("officer") == {"open", "save"}


def test_the_log_tells_every_step_in_words(client, report, people):
    cleaned(report, photo())
    attachment = report.attachments.get()
    originals.ask(attachment, by=people["officer"])
    originals.allow(attachment, by=people["chief"])
    b"".join(originals.open_original(attachment, by=people["officer"]))
    b"".join(evidence.open_file(attachment, by=people["officer"]))
    client.force_login(people["officer"])
    page = client.get(reverse("reports:report", args=[report.reference])).content.decode()
    for entry in LogEntry.objects.filter(report=report):
        assert f": {entry.action}." not in page  # none without words of its own
    assert page.count("is-reading") == 2
