"""Browsers that a person signed in from before, known by a cookie of their own.

The cookie holds a signed list of hashed user names, the latest first: a PC of an office may be
shared. Nothing about a browser is kept on the server.
"""

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

COOKIE = "known_browser"
AGE = 365 * 24 * 60 * 60
PEOPLE = 8
SALT = "accounts.browsers"


def is_known(request: HttpRequest, username: str) -> bool:
    """Whether somebody of that name signed in from this browser within a year."""
    return _mark(username) in _marks(request)


def remember(request: HttpRequest, response: HttpResponse, username: str) -> None:
    mark = _mark(username)
    marks = [mark, *(other for other in _marks(request) if other != mark)][:PEOPLE]
    response.set_cookie(
        COOKIE,
        signing.dumps(marks, salt=SALT),
        max_age=AGE,
        path="/admin/",
        secure=request.is_secure(),
        httponly=True,
        samesite="Strict",
    )


def _mark(username: str) -> str:
    return salted_hmac(SALT, username, algorithm="sha256").hexdigest()[:24]


def _marks(request: HttpRequest) -> list[str]:
    try:
        found = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=AGE)
    except signing.BadSignature:
        return []
    return found if isinstance(found, list) else []
