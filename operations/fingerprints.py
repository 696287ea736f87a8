"""Whether the keys here are those of an archive, without either telling what they are."""

import hashlib
from typing import Any

from django.conf import settings
from django.utils.crypto import salted_hmac

from reporting import sealing

PURPOSE = "operations.fingerprint"


def of_this_process() -> dict[str, Any]:
    """Short marks of SECRET_KEY, the keys it replaced, and the newest public key of each name."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return {
        "secret_keys": [_mark(salted_hmac(PURPOSE, "", secret=key).digest()) for key in secrets],
        "public_keys": {
            name: _mark(keys[0].encode()) for name, keys in sealing.public_keys().items() if keys
        },
    }


def warnings(archived: dict[str, Any]) -> list[str]:
    """What will not work here, because a key of the archive is missing or another."""
    here = of_this_process()
    said = []
    if set(archived["secret_keys"]) - set(here["secret_keys"]):
        said.append(
            "SECRET_KEY is not the archive's: its receipts will find no report, and nothing proves "
            "who made the archive. Put the old key into SECRET_KEY or SECRET_KEY_FALLBACKS."
        )
    others = [
        name
        for name, mark in archived["public_keys"].items()
        if here["public_keys"].get(name) != mark
    ]
    if others:
        said.append(
            f"REPORT_PUBLIC_KEYS has no or another key for: {', '.join(sorted(others))}. Texts "
            "of the archive open only with the private keys of their time."
        )
    return said


def _mark(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
