"""Is the process up, and can it do its work?

`/healthz` asks nothing: a process that answers is up. `/readyz` names each part. What a role cannot
do without makes it answer 503, so that the proxy sends nobody there; what it can do without (Redis,
editors' files, OpenSearch, a worker that is behind) is told and hurts nobody: the report form
stays open.
"""

import secrets
import threading
import time
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
    asked = TOLD | {"search": search} if settings.SEARCH_SERVER else TOLD
    told = {name: _answers(check) for name, check in asked.items()}
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
    is_kept: bool = cache.get(f"readyz-{mark}") == mark
    # Without Redis the process's own memory answers (home.shared_cache).
    return is_kept and not getattr(cache, "is_away", False)


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


class Seldom:
    """A check in a thread of its own: waited for a little, and not begun again at each request.

    A server that says nothing must not hold up the answer about all the others, and whoever asks
    this page over and over must not have files written over and over.
    """

    patience = 2.0  # seconds
    pause = 10.0

    def __init__(self, check: Callable[[], bool]) -> None:
        self._check = check
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        self._thread: threading.Thread | None = None
        self._begun = 0.0
        self._answer = False

    def __call__(self) -> bool:
        with self._lock:
            thread = self._thread
            if thread is None or self._is_due(thread):
                self._begun = time.monotonic()
                self._thread = thread = threading.Thread(target=self._ask, daemon=True)
                thread.start()
        # One that hangs is waited for once, not by everybody who asks meanwhile.
        thread.join(max(0.0, self._begun + self.patience - time.monotonic()))
        return self._answer and not thread.is_alive()

    def _is_due(self, thread: threading.Thread) -> bool:
        return not thread.is_alive() and time.monotonic() - self._begun >= self.pause

    def _ask(self) -> None:
        self._answer = _answers(self._check)


def _search() -> bool:
    from search.backends import opensearch  # where it is not used, its client is not loaded

    return opensearch.is_filled()


def _tasks() -> bool:
    waiting = ledger.oldest_waiting()
    return waiting is None or waiting < LATE


NEEDED = {"database": _database, "queue": _queue, "keys": _keys}
storage = Seldom(_storage)
search = Seldom(_search)
TOLD: dict[str, Callable[[], bool]] = {"cache": _cache, "storage": storage, "tasks": _tasks}
