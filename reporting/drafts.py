"""What somebody of staff has typed and not sent yet: kept sealed, for them alone, for a day.

It lies here and not on their phone, which others may hold tomorrow. The reader is the writer, so
opening it leaves no line in any log: a line would say for good when somebody wrote to us, also of
an official.
"""

import json
from collections.abc import Mapping

from django.utils import timezone

from home.models import User
from reporting import history, intake, sealing
from reporting.models import Draft
from reporting.permissions import may_take_down

# Far more than one report holds: who pasted too much shortens it before sending, not before a rest.
LIMIT = 5 * intake.NARRATIVE_LIMIT


class TooMuch(ValueError):
    """More than a draft holds; nothing was kept, and what was kept before still is."""


def keep(user: User, words: Mapping[str, str]) -> bool:
    """Keeps what was typed in place of what was kept before; False when it was sent meanwhile.

    A bad line may bring a draft after the form that it became. Raises TooMuch, or
    sealing.SealingUnavailable; then what was kept before still is.
    """
    if sum(map(len, words.values())) > LIMIT:
        raise TooMuch
    if intake.has_arrived(words.get("token", "")):
        return False
    sealed, names = sealing.seal(json.dumps(dict(words), ensure_ascii=False).encode(), to=[])
    kept = {
        "sealed": sealed,
        "sealed_to": names,
        "kept_at": history.to_the_hour(timezone.now()),
    }
    Draft.objects.update_or_create(user=user, defaults=kept)
    return True


def open_draft(user: User) -> dict[str, str]:
    """What the person typed and did not send; empty when there is nothing.

    Opens nobody else's, and nobody's who may not take reports down any more. Raises
    sealing.SealingUnavailable when this process holds no key.
    """
    draft = Draft.objects.filter(user=user).first()
    if draft is None or not may_take_down(user):
        return {}
    words: dict[str, str] = json.loads(sealing.open_sealed(draft.sealed, sealed_to=draft.sealed_to))
    if intake.has_arrived(words.get("token", "")):  # sent, and the draft outlived it
        draft.delete()
        return {}
    return words


def has_draft(user: User) -> bool:
    return Draft.objects.filter(user=user).exists()


def discard(user: User) -> None:
    """Throws away what the person typed. Outside the transaction that files a report.

    In the files of PostgreSQL a deleted row remembers the transaction that deleted it until it is
    swept away: it must not be the one that wrote a report.
    """
    Draft.objects.filter(user=user).delete()


def clear() -> None:
    """Drafts whose day is over, or whose owner may not take reports down any more."""
    Draft.objects.stale_at(timezone.now()).delete()
