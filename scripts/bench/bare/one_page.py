"""A whole Django project in one file: the bare page that ours are compared with.

/page is 20 kB of HTML made by a template, without a query; /cached is the same behind Django's
own page-cache middleware.
"""

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.urls import path
from django.views.decorators.cache import cache_page

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    SECRET_KEY="for-a-benchmark",  # noqa: S106
    ROOT_URLCONF=__name__,
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    DATABASES={},
    INSTALLED_APPS=[],
)
django.setup()

PAGE = Template("<!doctype html><title>{{ title }}</title><main>{{ words|safe }}</main>")
WORDS = "<p>" + "The river rises in the rainy season. " * 540 + "</p>"


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(PAGE.render(Context({"title": "Bare", "words": WORDS})))


urlpatterns = [path("page", page), path("cached", cache_page(60)(page))]
application = get_wsgi_application()
