"""What has to be asked inside the project: each function prints its answer as JSON.

Run by environment.Bench.inside(), with the settings of the benchmark, in a process of its own.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import django

django.setup()

from allauth.account.internal.flows.login import record_authentication  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpRequest  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.sessions import begin  # noqa: E402
from bench.load import COOKIE  # noqa: E402
from home.models import District, User  # noqa: E402
from reporting import receipts  # noqa: E402
from reporting.intake import Arrival, receive  # noqa: E402
from reporting.models import (  # noqa: E402
    Category,
    CoordinationCentre,
    Membership,
    Report,
    Status,
)
from reporting.views.staff_queue import PAGE  # noqa: E402

NARRATIVE = "เห็นรถตู้ทึบจอดริมโขงตอนตีสอง มีคนขึ้นเรือไปราวสิบคน แล้วเรือข้ามไปฝั่งตรงข้าม " * 5
ROUNDS = 7


def load() -> bool:
    """The demo's people, pages and reports; nobody signs in to them with a password."""
    settings.DEMO, settings.DEMO_PASSWORD = True, receipts.new_token()
    call_command("load_demo", verbosity=0, stdout=sys.stderr)
    return True


def sessions(*names: str) -> dict[str, str]:
    """The cookie of each person, as if they had signed in with both factors."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    made = {}
    for name in names:
        person, session = User.objects.get(username=name), store()
        session[SESSION_KEY] = str(person.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        request = HttpRequest()
        request.session = session
        record_authentication(request, person, "mfa")
        begin(session, time.time())
        session.save()
        made[name] = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
    return made


def reference(name: str) -> str:
    """The reference of a report that the person may open, from the middle of their queue."""
    person = User.objects.get(username=name)
    open_reports = Report.objects.visible_to(person).open().order_by("received_at", "pk")
    references = list(open_reports.values_list("reference", flat=True)[:100])
    return references[len(references) // 2]


def fill(*names: str) -> bool:
    """Makes a page of closed reports into what each person finds whatever they ask for.

    A thousand reports hold nine urgent ones of one centre and a million a page of them; then the
    two pages would differ by what they show, where what is compared is how long the choice takes.
    """
    for name in names:
        person = User.objects.get(username=name)
        centre = CoordinationCentre.objects.filter(
            pk__in=[pk for pk in Membership.objects.queues_of(person) if pk]
        ).first()
        closed = Report.objects.filter(status=Status.CLOSED, category__gt=2).exclude(centre=centre)
        Report.objects.filter(pk__in=[*closed.values_list("pk", flat=True)[: PAGE + 1]]).update(
            status=Status.QUEUED,
            outcome="",
            evidence_type="",
            centre=centre,
            district=centre and centre.district_id,
            assignee=person,
            concerns_official=False,
            category=1,
            is_urgent=True,
            received_at=timezone.now(),
            due_at=timezone.now(),
        )
    return True


def queries(cookie: str, *paths: str) -> dict[str, int]:
    """How many queries each page takes once the process knows what it remembers."""
    client = Client(headers={"x-forwarded-proto": "https", "host": "127.0.0.1"})
    # Without any, a page that is kept would be counted as free.
    name, _, value = (cookie or COOKIE).partition("=")
    client.cookies[name] = value
    counts = {}
    for path in paths:
        client.get(path)
        with CaptureQueriesContext(connection) as found:
            answer = client.get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}.")
        counts[path] = len(found)
    return counts


def intake(number: str) -> dict[str, float]:
    """receive() beside a bare insert with commit, in turns over the same connection."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bare (id bigserial PRIMARY KEY, words text)")
    arrival = Arrival(
        category=Category.objects.first(),
        district=District.objects.get(code="4301"),
        narrative=NARRATIVE,
    )

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO bare (words) VALUES (%s)", [NARRATIVE])

    sides: dict[str, Callable[[], object]] = {
        "bare": bare,
        "ours": lambda: receive(arrival, token=receipts.new_token()),
    }
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
    for turn in range(ROUNDS + 1):
        for name, do in sides.items():
            figures = _timed(do, int(number))
            if turn:
                found[name].append(figures)
    return {
        f"{name}_{word}": statistics.median(one[place] for one in several)
        for name, several in found.items()
        for place, word in enumerate(("rate", "p99"))
    }


def _timed(do: Callable[[], object], times: int) -> tuple[float, float]:
    took = []
    for _ in range(times):
        started = time.perf_counter()
        do()
        took.append(time.perf_counter() - started)
    return times / sum(took), sorted(took)[int(times * 0.99)]


def write(threads: str, number: str) -> dict[str, int]:
    """Files reports from many threads at once; how many were filed, and how many errors."""
    category = Category.objects.first()

    def file(_thread: int) -> tuple[int, int]:
        filed = errors = 0
        for _ in range(int(number)):
            try:
                receive(Arrival(category=category, narrative=NARRATIVE), token=receipts.new_token())
                filed += 1
            except Exception:  # noqa: BLE001 - whatever it is, it is what is counted
                errors += 1
        connection.close()
        return filed, errors

    with ThreadPoolExecutor(int(threads)) as pool:
        found = list(pool.map(file, range(int(threads))))
    return {
        "filed": sum(filed for filed, _ in found),
        "errors": sum(errors for _, errors in found),
    }


def captchas(number: str) -> list[str]:
    """Solved challenges for as many forms: their keys; the answer of each is 12345.

    All forms will come from one address, in seconds: nobody is asked to wait.
    """
    from captcha.models import CaptchaStore

    from reporting.models import ReportingSettings

    limits = ReportingSettings.load()
    limits.pause_above = 10**6
    limits.save()
    later = timezone.now() + timezone.timedelta(hours=6)
    keys = [receipts.new_token()[:40] for _ in range(int(number))]
    CaptchaStore.objects.bulk_create(
        CaptchaStore(challenge="12345", response="12345", hashkey=key, expiration=later)
        for key in keys
    )
    return keys


if __name__ == "__main__":
    name, *words = sys.argv[1:]
    print(json.dumps(globals()[name](*words)))
