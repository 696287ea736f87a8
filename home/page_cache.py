"""Public pages, kept whole: the same page is made once and then answered before all other work.

Kept are only pages of models that say `may_be_kept`, answered 200, without a cookie, that differ
by nothing but their address and gzip (home.views.serve hands them to `keep`). They are given only
to people of whom nothing is known: whoever sends a cookie gets a page made for them. A page is
found by scheme, host, address and encoding: never by anything that tells who asks.

Each process keeps its own, in memory: to fetch a page from elsewhere and unpack it would take as
long as the rest of the answer, and would end where that elsewhere ends. All is forgotten when the
stamp of home.changes changes, after a minute, and at midnight, when events pass. A proxy in front
may keep a page to the end of the second in which the stamp was read (X-Accel-Expires), so nobody
sees a page that is stale by more than a second. Browsers ask each time (no-cache) and are told
304 when they have the page.
"""

import hashlib
import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import ResponseHeaders
from django.template.response import TemplateResponse
from django.utils.cache import has_vary_header
from wagtail.models import Page

from home import changes

ACCEPTS_GZIP = re.compile(r"\bgzip\b")  # as Django's GZipMiddleware asks
PROXY = "X-Accel-Expires"


class Key(NamedTuple):
    scheme: str
    host: str
    path: str
    query: str
    is_gzipped: bool


class KeptPages(changes.Kept):
    """As many as the site has, with their gzip; whoever walks all addresses fills no memory."""

    most = 2_000
    most_bytes = 32 * 1024 * 1024


pages = KeptPages()


class KeptPage:
    """A page as it was answered, gzipped or not."""

    def __init__(self, response: HttpResponse) -> None:
        self.body = response.content
        self._headers = {**dict(response.items()), "Cache-Control": "no-cache"}
        self._tag = _plain(response["ETag"])
        self._ready = 0, ResponseHeaders({})

    @property
    def size(self) -> int:
        return len(self.body)

    def answer(self, request: HttpRequest, second: int) -> HttpResponse:
        headers = self._headers_of(second)
        if self._tag in _asked_tags(request):
            return NotModified(headers)
        return Again(headers, self.body)

    def _headers_of(self, second: int) -> ResponseHeaders:
        """Those of this second. Django looks at each for line breaks: once a second will do."""
        ready_for, headers = self._ready
        if ready_for != second:
            # nginx before 1.23 obeys whichever header comes first, so its own is the first.
            headers = ResponseHeaders({PROXY: f"@{second}", **self._headers})
            self._ready = second, headers
        return headers


class Headers(ResponseHeaders):
    """A copy of headers that were found good before."""

    def __init__(self, good: ResponseHeaders) -> None:
        self._store = dict(good._store)


class Again(HttpResponse):
    def __init__(self, headers: ResponseHeaders, body: bytes) -> None:
        super().__init__(body)
        self.headers = Headers(headers)


class NotModified(HttpResponseNotModified):
    def __init__(self, headers: ResponseHeaders) -> None:
        super().__init__()
        self.headers = Headers(headers)
        for name in ("Content-Length", "Content-Type"):  # of a body that is not sent
            del self.headers[name]


def keep(response: HttpResponse, page: Page, request: HttpRequest) -> None:
    """Lets the middleware keep this answer, if it stands at the page's own address.

    Else whoever adds "?x=1" to addresses could fill the cache. A page that answers to parameters
    says in its context, under `canonical_query`, how its own address ends.
    """
    own_path = unquote(urlsplit(page.get_url(request) or "").path)  # as request.path is
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
        # Never kept, so they need not ask for the stamp.
        self.report_paths = tuple(f"{prefix}report/" for prefix in self.prefixes)
        # One spelling each: a name in capitals or with a dot at its end is one of many ways.
        names = map(str.lower, settings.ALLOWED_HOSTS)
        self.hosts = {name for name in names if name[:1] not in {".", "*"}}
        self.own_host = urlsplit(settings.BASE_URL).netloc

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # The stamp comes first: what changes while the page is made must not be missed.
        stamp = changes.stamp() if self._may_ask(request) else None
        if stamp is None:
            return _unkept(self.get_response(request))
        key = _key(request)
        page = pages.find(key, stamp)
        if page is changes.NOTHING:
            response = self.get_response(request)
            if not _may_keep(response):
                return _unkept(response)
            page = KeptPage(response)
            pages.put(key, page, stamp, size=page.size)
        return page.answer(request, stamp.second)

    def _may_ask(self, request: HttpRequest) -> bool:
        meta = request.META
        return (
            request.method in {"GET", "HEAD"}
            and request.path_info.startswith(self.prefixes)
            and not request.path_info.startswith(self.report_paths)
            and not meta.get("HTTP_COOKIE")
            and not meta.get("HTTP_AUTHORIZATION")
            and "HTTP_HOST" in meta  # HTTP/1.0 needs none
            and self._is_known_host(meta["HTTP_HOST"], meta.get("SERVER_PORT", ""))
        )

    def _is_known_host(self, host: str, our_port: str) -> bool:
        """A page tells its own address, so each host has its own; only so many are kept."""
        if host in self.hosts or host == self.own_host:
            return True
        return host.removesuffix(f":{our_port}") in self.hosts


def _key(request: HttpRequest) -> Key:
    meta = request.META
    return Key(
        str(request.scheme),
        meta["HTTP_HOST"],
        request.path,
        meta.get("QUERY_STRING", ""),
        bool(ACCEPTS_GZIP.search(meta.get("HTTP_ACCEPT_ENCODING", ""))),
    )


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


def _unkept(response: HttpResponse) -> HttpResponse:
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def _asked_tags(request: HttpRequest) -> list[str]:
    asked = request.META.get("HTTP_IF_NONE_MATCH", "")
    return [_plain(tag.strip()) for tag in asked.split(",")] if asked else []


def _plain(tag: str) -> str:
    """A tag without its W/: a page and its gzip are the same page."""
    return tag.removeprefix("W/")
