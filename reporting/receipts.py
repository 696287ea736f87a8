"""Receipts: the 16 digits that are the reporter's only way back.

The last digit is a check digit (Luhn, ISO/IEC 7812-1), so that a slip of the pen is told apart
from a receipt that does not exist. Only a keyed hash is stored. The number itself follows from
the form's one-time token, so a repeated send shows the same receipt without anybody storing it.

A pair of age keys follows from the number too. What the office writes to a reporter is sealed to
the public one, which is stored; the private one is made anew from the receipt each time.
"""

import hmac
import secrets

from django.conf import settings
from django.utils.crypto import salted_hmac

from reporting import bech32
from search.words import ascii_digits

LENGTH = 16
IDENTITY_PREFIX = "age-secret-key-"
TOKEN_LENGTH = 32  # characters at least; new_token() makes 43


def new_token() -> str:
    """A one-time token for a form or an API client: who knows it can see the receipt again."""
    return secrets.token_urlsafe(32)


def issue(token: str, attempt: int = 0) -> str:
    """The receipt that belongs to a token, as 16 digits."""
    raw = _keyed("number", f"{attempt}:{token}", settings.SECRET_KEY).digest()
    body = f"{int.from_bytes(raw[:16], 'big') % 10 ** (LENGTH - 1):0{LENGTH - 1}d}"
    return body + _check_digit(body)


def parse(typed: str) -> str | None:
    """The 16 digits in what somebody typed, in any of the four scripts; None when it is none."""
    digits = "".join(ch for ch in ascii_digits(typed) if ch not in " -–.\u00a0\u200b\t\r\n")
    if len(digits) != LENGTH or not (digits.isascii() and digits.isdigit()):
        return None
    return digits if _check_digit(digits[:-1]) == digits[-1] else None


def grouped(receipt: str) -> str:
    """In fours, to be read aloud and written down."""
    return " ".join(receipt[start : start + 4] for start in range(0, LENGTH, 4))


def digest(receipt: str) -> str:
    """What is stored of a receipt."""
    return _keyed("receipt", receipt, settings.SECRET_KEY).hexdigest()


def digests(receipt: str) -> list[str]:
    """What may be stored of it: under the key of today and the keys it replaced."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [_keyed("receipt", receipt, key).hexdigest() for key in keys]


def identity(receipt: str) -> str:
    """The private key that belongs to a receipt, as age writes it.

    It takes SECRET_KEY as well, so that no number of guesses makes one from the database alone.
    """
    return _identity(receipt, settings.SECRET_KEY)


def identities(receipt: str) -> list[str]:
    """What may open an answer to it: made with the key of today and with those it replaced."""
    return [
        _identity(receipt, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]


def token_digest(token: str) -> str:
    """What is stored of a token, so that the same token files one report."""
    return _keyed("token", token, settings.SECRET_KEY).hexdigest()


def _identity(receipt: str, key: str | bytes) -> str:
    return bech32.encode(IDENTITY_PREFIX, _keyed("identity", receipt, key).digest()).upper()


def proof(receipt: str) -> str:
    """What a page carries that was shown for a receipt: nothing is asked of its holder again."""
    return _keyed("proof", receipt, settings.SECRET_KEY).hexdigest()


def is_proof(shown: str, receipt: str) -> bool:
    return hmac.compare_digest(shown.encode(), proof(receipt).encode())


def _keyed(purpose: str, text: str, key: str | bytes) -> "hmac.HMAC":
    return salted_hmac(f"reporting.receipts.{purpose}", text, secret=key, algorithm="sha256")


def _check_digit(body: str) -> str:
    total = 0
    for position, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)
