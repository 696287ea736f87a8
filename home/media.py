"""Serving pictures from this site's own origin, wherever they lie."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from wagtail.images.models import get_rendition_storage

from home.files import RENDITION

TYPES = {
    "avif": "image/avif",
    "gif": "image/gif",
    "ico": "image/x-icon",
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
}
A_YEAR = 365 * 24 * 60 * 60
# Whoever has a picture may keep it; a picture that was taken down leaves the proxy in a minute.
KEPT_BY_PROXY = 60


@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponse:
    """A rendition. Originals, folders and everything else are a 404.

    Read whole, because a stream would be compressed again by the middleware; Wagtail bounds it.
    """
    match = RENDITION.fullmatch(name)
    if not match:
        raise Http404
    try:
        with get_rendition_storage().open(name) as file:
            content = file.read()
    except FileNotFoundError:
        raise Http404 from None
    return HttpResponse(
        content,
        content_type=TYPES[match["kind"]],
        headers={
            "Cache-Control": f"public, max-age={A_YEAR}, immutable",
            "X-Accel-Expires": str(KEPT_BY_PROXY),
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'",
        },
    )
