"""The page that is shown when an answer failed."""

from django.conf import settings
from django.http import HttpRequest, HttpResponseServerError
from django.template import loader
from django.utils.translation import get_language


def server_error(request: HttpRequest) -> HttpResponseServerError:
    """The reader's language first, then the others. Without request: nothing is looked up."""
    first = get_language() or settings.LANGUAGE_CODE
    codes = [code for code, _name in settings.LANGUAGES]
    codes.sort(key=lambda code: code != first)
    page = loader.render_to_string("500.html", {"codes": codes})
    return HttpResponseServerError(page)
