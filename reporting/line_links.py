"""Linking a person with their account at LINE: by a code that they send to the project's own.

LINE's number of a person is personal data. It is sealed to HQ's key, found again by a keyed hash,
and stands in no log, no history and no address.
"""

import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from home.models import User
from reporting import sealing
from reporting.models import LineCode, LineLink, LineNotice
from reporting.models.report import REFERENCE_ALPHABET

# 32 signs in ten places: 2 to the power of 50, for ten minutes.
LENGTH = 10
LIFETIME = timedelta(minutes=10)
# The alphabet has no letters that look like digits.
LOOK_ALIKE = str.maketrans("OIL", "011")


def can_link() -> bool:
    """Whether this process can tell LINE's words from a stranger's; else nothing of it is shown."""
    return bool(settings.LINE_CHANNEL_SECRET)


def new_code(user: User) -> str:
    """A code in two groups, good once and for ten minutes. The person's former one is void."""
    code = "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(LENGTH))
    LineCode.objects.update_or_create(
        user=user,
        defaults={"digest": _digests("code", code)[0], "expires_at": timezone.now() + LIFETIME},
    )
    return f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}"


@transaction.atomic
def take_code(words: str, *, sender: str) -> bool:
    """Links the sender with whoever was shown this code, and spends it. Anything else is nothing.

    Raises sealing.SealingUnavailable; the code can then be sent again.
    """
    typed = "".join(letter for letter in words.upper() if letter.isalnum())
    code = typed.translate(LOOK_ALIKE)
    if len(code) != LENGTH:
        return False
    found = LineCode.objects.select_for_update().filter(
        digest__in=_digests("code", code), expires_at__gt=timezone.now()
    )
    shown = found.select_related("user").first()
    if shown is None or not shown.user.is_active:
        return False
    forget(sender)  # one account at LINE speaks for one person
    sealed_id, sealed_to = sealing.seal(sender.encode(), to=[])
    LineLink.objects.update_or_create(
        user=shown.user,
        defaults={
            "digest": _digests("person", sender)[0],
            "sealed_id": sealed_id,
            "sealed_to": sealed_to,
        },
    )
    shown.delete()
    return True


@transaction.atomic
def unlink(user: User) -> None:
    """Forgets a person's account at LINE, a code that waits, and what was to be told there."""
    LineLink.objects.filter(user=user).delete()
    LineCode.objects.filter(user=user).delete()
    LineNotice.objects.filter(user=user).delete()


@transaction.atomic
def forget(sender: str) -> None:
    """Forgets the account at LINE that says it wants no more."""
    link = LineLink.objects.filter(digest__in=_digests("person", sender)).first()
    if link:
        LineNotice.objects.filter(user=link.user_id).delete()
        link.delete()


def is_linked(user: User) -> bool:
    return LineLink.objects.filter(user=user).exists()


def linked_among(people: Iterable[User]) -> list[User]:
    people = list(people)
    linked = set(LineLink.objects.filter(user__in=people).values_list("user", flat=True))
    return [person for person in people if person.pk in linked]


def address_of(user_pk: int) -> str | None:
    """LINE's number of a person; None when there is none. Raises sealing.SealingUnavailable."""
    link = LineLink.objects.filter(user=user_pk).first()
    if link is None:
        return None
    return sealing.open_sealed(link.sealed_id, sealed_to=link.sealed_to).decode()


def clear() -> None:
    """Forgets codes whose time is over, and the links of accounts that were closed."""
    LineCode.objects.over_at(timezone.now()).delete()
    LineLink.objects.filter(user__is_active=False).delete()


def _digests(purpose: str, value: str) -> list[str]:
    """What may be stored of it: under the key of today first, then under those it replaced."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    salt = f"reporting.line.{purpose}"
    return [salted_hmac(salt, value, secret=key, algorithm="sha256").hexdigest() for key in keys]
