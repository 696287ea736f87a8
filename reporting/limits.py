"""What a flood of reports or of guesses costs its sender, without locking out a village.

Nothing here refuses a report outright. Pressure first asks for the captcha; then whoever sends
waits some minutes once, and has a ticket that lets the same form pass afterwards, whatever else
comes from their network. Everything takes the network as buckets.network() tells it, so every
channel can ask.
"""

import secrets
import time
from typing import NamedTuple

from django.core import signing
from django.core.cache import cache

from reporting.buckets import EVERYBODY, HOUR, Kind, count, recent
from reporting.models.settings import CaptchaMode, settings_of_late

PAUSE = 3 * 60  # seconds
TICKET = "reporting.limits.ticket"


class Pause(NamedTuple):
    """How long somebody is asked to wait, and what they show when they come back."""

    minutes: int
    ticket: str


def demands_captcha(network: str) -> bool:
    """Whether a form from this network is answered with a captcha today."""
    limits = settings_of_late()
    if limits.captcha_mode != CaptchaMode.UNDER_LOAD:
        return limits.captcha_mode == CaptchaMode.ALWAYS
    return (
        recent(Kind.REPORT, network) >= limits.captcha_above_network
        or recent(Kind.REPORT, EVERYBODY) >= limits.captcha_above_all
    )


def pause_before(network: str, ticket: str) -> Pause | None:
    """How long to wait before a report is taken; None when it is taken now.

    Whoever waited once passes: else a flood from the same network would keep them out.
    """
    if recent(Kind.REPORT, network) < settings_of_late().pause_above:
        return None
    now = time.time()
    if shown := _read(ticket, now):
        left = shown[1] - now
        return None if left <= 0 else Pause(_minutes(left), ticket)
    ready_at = int(now) + PAUSE
    return Pause(_minutes(PAUSE), signing.dumps([secrets.token_hex(16), ready_at], salt=TICKET))


def note_filed(network: str, ticket: str = "") -> None:
    """A report was filed from there: it counts, and its ticket is used up."""
    count(Kind.REPORT, network)
    count(Kind.REPORT, EVERYBODY)
    if shown := _read(ticket, time.time()):
        cache.set(_used(shown[0]), 1, HOUR)


def demands_captcha_to_look_up(network: str) -> bool:
    """Whether receipts are guessed from this network, so that each further one costs a captcha."""
    return recent(Kind.GUESS, network) >= settings_of_late().guesses_above


def note_guess(network: str) -> None:
    """Somebody there asked for a receipt that nobody has, though its check digit is right."""
    count(Kind.GUESS, network)


def _read(ticket: str, now: float) -> tuple[str, int] | None:
    """Name and time of a ticket of ours that was not used; None for any other."""
    try:
        name, ready_at = signing.loads(ticket, salt=TICKET)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    is_over = now > ready_at + HOUR
    return None if is_over or cache.get(_used(name)) else (name, ready_at)


def _used(name: str) -> str:
    return f"reporting.ticket:{name}"


def _minutes(seconds: float) -> int:
    return max(1, -int(-seconds // 60))
