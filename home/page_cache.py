"""Public pages, kept whole: the same page is made once and then answered before all other work.

Kept are only pages of models that say `may_be_kept`, answered 200, without a cookie, that differ
by nothing but their address and gzip (home.views.serve hands them to `keep`). They are given only
to people of whom nothing is known: whoever sends a cookie gets a page made for them. A page is
found by a hash of scheme, host, address, encoding and day: never by anything that tells who asks.

It is forgotten when the stamp of home.changes changes, after a minute, and at midnight, when
events pass. A proxy in front may keep a page to the end of the second in which the stamp was
read (X-Accel-Expires), so nobody sees a page that is stale by more than a second. Browsers ask
each time (no-cache) and are told 304 when they have the page.
"""

import hashlib
import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.request import split_domain_port
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import has_vary_header
from wagtail.models import Page

from home import changes

ACCEPTS_GZIP = re.compile(r"\bgzip\b")  # as Django's GZipMiddleware asks
PROXY = "X-Accel-Expires"


class Kept(NamedTuple):
    """A page as it was answered, gzipped or not."""

    stamp: str
    headers: dict[str, str]
    body: bytes

    def answer(self, request: HttpRequest, second: int) -> HttpResponse:
        # nginx before 1.23 obeys whichever header comes first, so its own is the first.
        headers = {PROXY: f"@{second}", **self.headers}
        if _plain(self.headers["ETag"]) in map(_plain, _asked_tags(request)):
            headers.pop("Content-Length", None)
            return HttpResponseNotModified(headers=headers)
        return HttpResponse(self.body, headers=headers)


def keep(response: HttpResponse, page: Page, request: HttpRequest) -> None:
    """Lets the middleware keep this answer, if it stands at the page's own address.

    Else whoever adds "?x=1" to addresses could fill the cache. A page that answers to parameters
    says in its context, under `canonical_query`, how its own address ends.
    """
    own_path = urlsplit(page.get_url(request) or "").path
    own_query = (getattr(response, "context_data", None) or {}).get("canonical_query", "")
    if (request.path, request.META.get("QUERY_STRING", "")) != (own_path, own_query):
        return
    response._may_be_kept = True  # type: ignore[attr-defined]
    if isinstance(response, TemplateResponse):
        response.add_post_render_callback(_tag)


def _tag(response: HttpResponse) -> None:
    # Of the words before gzip, which never packs the same page twice alike.
    response["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'


class PageCacheMiddleware:
    """The first in line, so that what it answers costs nothing else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.prefixes = tuple(f"/{code}/" for code, _name in settings.LANGUAGES)
        # Never kept, so they need not ask a cache that may be away.
        self.report_paths = tuple(f"{prefix}report/" for prefix in self.prefixes)
        self.hosts = {host for host in settings.ALLOWED_HOSTS if host[:1] not in {".", "*"}}
        self.own_host = urlsplit(settings.BASE_URL).netloc

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # The stamp comes first: what changes while the page is made must not be missed.
        stamp = changes.stamp() if self._may_ask(request) else None
        if stamp is None:
            return _unkept(self.get_response(request))
        cache, key = caches["pages"], _key(request)
        kept = cache.get(key)
        if kept is None or kept.stamp != stamp.value:
            response = self.get_response(request)
            if not _may_keep(response):
                return _unkept(response)
            kept = _kept(response, stamp.value)
            cache.set(key, kept, changes.LONGEST)
        return kept.answer(request, stamp.second)

    def _may_ask(self, request: HttpRequest) -> bool:
        meta = request.META
        return (
            request.method in {"GET", "HEAD"}
            and request.path_info.startswith(self.prefixes)
            and not request.path_info.startswith(self.report_paths)
            and not meta.get("HTTP_COOKIE")
            and not meta.get("HTTP_AUTHORIZATION")
            and self._is_known_host(meta.get("HTTP_HOST", ""), meta.get("SERVER_PORT", ""))
        )

    def _is_known_host(self, host: str, our_port: str) -> bool:
        """A page tells its own address, so each host has its own; only so many are kept."""
        name, port = split_domain_port(host)
        if host not in {name, f"{name}:{port}"}:
            return False  # in capitals or with a dot at its end: one of many ways to write it
        return host == self.own_host or (name in self.hosts and port in {"", our_port})


def _key(request: HttpRequest) -> str:
    parts = (
        str(request.scheme),
        request.META["HTTP_HOST"],
        request.get_full_path(),
        "gzip" if ACCEPTS_GZIP.search(request.META.get("HTTP_ACCEPT_ENCODING", "")) else "",
        timezone.localdate().isoformat(),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _may_keep(response: HttpResponse) -> bool:
    return (
        getattr(response, "_may_be_kept", False)
        and response.status_code == 200
        and not response.streaming
        and not response.cookies
        and "ETag" in response
        and "Cache-Control" not in response  # view restrictions and forms say what they want
        and not any(has_vary_header(response, name) for name in ("Cookie", "Accept-Language", "*"))
    )


def _kept(response: HttpResponse, stamp: str) -> Kept:
    headers = dict(response.items())
    headers["Cache-Control"] = "no-cache"
    return Kept(stamp, headers, response.content)


def _unkept(response: HttpResponse) -> HttpResponse:
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def _asked_tags(request: HttpRequest) -> list[str]:
    return [tag.strip() for tag in request.META.get("HTTP_IF_NONE_MATCH", "").split(",")]


def _plain(tag: str) -> str:
    """A tag without its W/: a page and its gzip are the same page."""
    return tag.removeprefix("W/")
