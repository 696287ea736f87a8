"""How long a session lives, and how all of a person's sessions end."""

from typing import Any

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import F
from django.http import HttpRequest

from home.models import User

SIGNED_IN, SEEN = "signed_in_at", "seen_at"
NOTED_EVERY = 60  # seconds; writing down every request would cost a write each


def begin(session: SessionBase, now: float) -> None:
    session[SIGNED_IN] = session[SEEN] = int(now)


def is_over(session: SessionBase, now: float) -> bool:
    """Whether its day is over, or nobody used it for too long. A session without times is."""
    try:
        signed_in, seen = float(session[SIGNED_IN]), float(session[SEEN])
    except (KeyError, TypeError, ValueError):
        return True
    return now - signed_in > settings.SESSION_COOKIE_AGE or now - seen > settings.SESSION_IDLE_AGE


def note_use(session: SessionBase, now: float) -> None:
    if now - session[SEEN] >= NOTED_EVERY:
        session[SEEN] = int(now)


def end_all(user: User) -> None:
    """Ends every session of the person, on all machines, with their next request."""
    User.objects.filter(pk=user.pk).update(session_round=F("session_round") + 1)
    user.refresh_from_db(fields=["session_round"])


def end_others(request: HttpRequest, user: Any) -> None:
    """Ends every session of the person but the one of this request."""
    end_all(user)
    update_session_auth_hash(request, user)
