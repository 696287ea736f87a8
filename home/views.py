"""How a page is found and served."""

from copy import copy

from django.http import Http404, HttpRequest, HttpResponse
from wagtail import views as wagtail_views
from wagtail.models import Locale, Page
from wagtail.query import PageQuerySet

from home import page_cache
from home.frame import Frame, frame_of
from home.languages import reader_language, speaks_whole_site
from search.views import public_pages


def serve(request: HttpRequest, path: str) -> HttpResponse:
    """Wagtail's own view, given a page that was found in two queries instead of two a level.

    What is not found here (a page with addresses of its own below it, an address that leads
    nowhere) Wagtail looks for as it always does.
    """
    frame = frame_of(request)
    if frame and not speaks_whole_site() and frame.home.locale.language_code != reader_language():
        raise Http404  # rather than a Thai page in a frame of another language
    found = _find(frame, path) if frame else []
    if not (frame and found):
        return wagtail_views.serve(request, path)
    page, *page.known_translations = found
    page.is_open = frame.is_open
    # Where Wagtail's Page.route_for_request keeps what it found, and looks first.
    request._wagtail_route_for_request = page.route(request, [])  # type: ignore[attr-defined]
    response = wagtail_views.serve(request, path)
    if getattr(page, "may_be_kept", False):
        page_cache.keep(response, page, request)
    return response


def readable_pages(request: HttpRequest) -> PageQuerySet:
    """Pages in the reader's language that anybody may read: what the search page looks in."""
    frame = frame_of(request)
    if frame is None:
        return public_pages(Locale.get_active())
    return public_pages(frame.locale, is_open=frame.is_open)


def _find(frame: Frame, path: str) -> list[Page]:
    """The live page at an address below the home page, whole, and its live translations."""
    if held := frame.find(path):
        # The frame keeps the page once it was read whole; what is served must not be shared.
        return [copy(_whole(held)), *frame.translations(held)]
    url_path = frame.home.url_path + path
    here = Page.objects.filter(slug=path.rstrip("/").rpartition("/")[2], url_path=url_path)
    found = Page.objects.live().filter(translation_key__in=here.values("translation_key"))
    pages = list(found.select_related("locale"))
    pages.sort(key=lambda page: page.url_path != url_path)
    if not pages or pages[0].url_path != url_path:
        return []
    return [_whole(pages[0]), *pages]


def _whole(page: Page) -> Page:
    """With the fields of its own model; its language comes along instead of being asked for."""
    whole = page.specific
    whole.locale = page.locale
    return whole
