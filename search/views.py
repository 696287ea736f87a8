from collections.abc import Callable

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from wagtail.models import Locale, Page
from wagtail.query import PageQuerySet

MAX_QUERY_LENGTH = 200
RESULTS_PER_PAGE = 10
MOST_RESULTS = 100  # counting more would take longer the more there is, and nobody reads them


def public_pages(locale: Locale, *, is_open: bool = False) -> PageQuerySet:
    """Pages of one language that anybody may read; `is_open`: none is kept from anybody."""
    # The root of the tree is a live page as well, of the default language and without an address.
    pages = Page.objects.live().filter(locale=locale, depth__gt=1)
    return pages if is_open else pages.public()


@require_safe
def search(request: HttpRequest, *, pages: Callable[[HttpRequest], PageQuerySet]) -> HttpResponse:
    """Public pages in the reader's language that hold what was asked for, best first.

    A question that most pages answer shows MOST_RESULTS of them and says that there are more; one
    that would have too much read says so (search/backends/best.py). `pages` says which are public:
    config/urls.py passes home's, which knows without a query whether any page is kept from some.
    """
    query = request.GET.get("q", "").replace("\0", "").strip()
    is_too_long = len(query) > MAX_QUERY_LENGTH
    results, has_more, gave_up = None, False, False
    if query and not is_too_long:
        found = pages(request).search(query)
        has_more = found[: MOST_RESULTS + 1].count() > MOST_RESULTS
        gave_up = found.gave_up
        paginator = Paginator(found[:MOST_RESULTS], RESULTS_PER_PAGE)
        results = paginator.get_page(request.GET.get("page"))
    count = results.paginator.count if results else 0
    return render(
        request,
        "search/results.html",
        {
            "query": query,
            "results": results,
            "count": count,
            "has_more": has_more,
            "gave_up": gave_up,
            "is_empty": results is not None and count == 0,
            "too_long": is_too_long,
        },
    )
