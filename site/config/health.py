"""Is the process up, and can it do its work?"""

import secrets

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django_q.models import OrmQ

from reporting import sealing


def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Names each part and whether it answers; 503 when one does not. Tells no reason outside."""
    checks = {
        "database": _database,
        "cache": _cache,
        "queue": _queue,
        "keys": sealing.has_keys,
    }
    answers = {name: _answers(check) for name, check in checks.items()}
    return JsonResponse(answers, status=200 if all(answers.values()) else 503)


def _answers(check) -> bool:
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
    OrmQ.objects.exists()
    return True
