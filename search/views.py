from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from wagtail.models import Locale, Page
from wagtail.query import PageQuerySet

MAX_QUERY_LENGTH = 200
RESULTS_PER_PAGE = 10


def public_pages(locale: Locale) -> PageQuerySet:
    """Pages of one language that anybody may read."""
    # The root of the tree is a live page as well, of the default language and without an address.
    return Page.objects.live().public().filter(locale=locale, depth__gt=1)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Public pages in the reader's language that hold what was asked for, best first."""
    query = request.GET.get("q", "").replace("\0", "").strip()
    is_too_long = len(query) > MAX_QUERY_LENGTH
    results = None
    if query and not is_too_long:
        found = public_pages(Locale.get_active()).search(query)
        results = Paginator(found, RESULTS_PER_PAGE).get_page(request.GET.get("page"))
    count = results.paginator.count if results else 0
    return render(
        request,
        "search/results.html",
        {
            "query": query,
            "results": results,
            "count": count,
            "is_empty": results is not None and count == 0,
            "too_long": is_too_long,
        },
    )
