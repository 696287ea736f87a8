"""The site, with a view and a task that fail while they hold what somebody wrote."""

import logging

from django.db import connection
from django.http import HttpRequest
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from config.urls import urlpatterns as of_the_site

logger = logging.getLogger("some.package")


@csrf_exempt
def fail(request: HttpRequest) -> None:
    words = request.POST["narrative"]
    logger.debug("Careless: %s from %s", request.POST["receipt"], request.META["REMOTE_ADDR"])
    logger.error("Failed", extra={"request": request, "words": words})
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::int", [words])  # the database quotes it in its refusal
    except Exception as error:
        raise ValueError(words) from error


def fail_later(words: str) -> None:
    logger.debug("Careless: %s", words.partition(" ")[2])
    raise ValueError(words)


urlpatterns = [path("boom/", fail), *of_the_site]
