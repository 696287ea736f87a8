"""Is the process up, and can it do its work?

`/healthz` asks nothing: a process that answers is up. `/readyz` names each part. What a role cannot
do without makes it answer 503, so that the proxy sends nobody there; what it can do without
(editors' files, a worker that is behind) is told and hurts nobody: the report form stays open.
"""

import secrets
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

from reporting import sealing
from work import ledger
from work.models import Job

# A task that waits longer than this waits for a worker that does not come.
LATE = timedelta(minutes=15)
PROBE = "probes"


def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Names each part and whether it answers; 503 when a needed one does not. Tells no reason."""
    needed = {name: _answers(check) for name, check in NEEDED.items()}
    told = {name: _answers(check) for name, check in TOLD.items()}
    return JsonResponse(needed | told, status=200 if all(needed.values()) else 503)


def _answers(check: Callable[[], bool]) -> bool:
    try:
        return bool(check())
    except Exception:  # noqa: BLE001 - whatever is wrong, the part does not answer
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def _cache() -> bool:
    mark = secrets.token_hex(8)
    cache.set(f"readyz-{mark}", mark, timeout=5)
    return cache.get(f"readyz-{mark}") == mark


def _queue() -> bool:
    """A report and its task commit together, so the ledger's table is what intake needs."""
    Job.objects.exists()
    return True


def _keys() -> bool:
    """Sealing everywhere; opening where texts are opened."""
    return sealing.has_keys() and (settings.ROLE == "public" or sealing.can_open())


def _storage() -> bool:
    name = default_storage.save(f"{PROBE}/{secrets.token_hex(8)}", ContentFile(b"probe"))
    try:
        with default_storage.open(name) as file:
            return file.read() == b"probe"
    finally:
        default_storage.delete(name)


def _tasks() -> bool:
    waiting = ledger.oldest_waiting()
    return waiting is None or waiting < LATE


NEEDED = {"database": _database, "cache": _cache, "queue": _queue, "keys": _keys}
TOLD = {"storage": _storage, "tasks": _tasks}
