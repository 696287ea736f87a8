"""seal() and open_sealed(): the only code that touches keys.

Text is sealed with age (age-encryption.org/v1, X25519) through pyrage: a public format with a
command-line tool, so that HQ can open a backup without this program; several recipients for one
text; and sealing that needs no secret, so that the public process holds none.

What an officer writes to a reporter is sealed to one key more, which follows from the receipt
(receipts.py) and opens in any process.

A keyring is a JSON object from key name to a list of keys, newest first. The name is a district's
code or "hq". REPORT_PUBLIC_KEYS and REPORT_PRIVATE_KEYS hold a keyring or the path of one.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyrage
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from pyrage import x25519

HQ = "hq"
# How the key of a report's receipt is named beside those of a keyring.
RECEIPT = "receipt"
Keyring = dict[str, list[str]]


class SealingUnavailable(Exception):
    """This process has no key with which to seal or open."""


def seal(plaintext: bytes, *, to: Iterable[str], receipt_key: str = "") -> tuple[bytes, list[str]]:
    """Seals to the named keys and HQ's recovery key; returns the sealed bytes and whose they are.

    A name without a key of its own is covered by HQ's until `manage.py keys create` has run. With
    `receipt_key`, the public key of a receipt, whoever holds that receipt can open it as well.
    Raises SealingUnavailable when there is no public key of HQ.
    """
    keyring = _keyring(settings.REPORT_PUBLIC_KEYS)
    if not keyring.get(HQ):
        raise SealingUnavailable(_("No public key of the project office is configured."))
    names = names_of(to)
    recipients = [_recipient(keyring[name][0]) for name in names]
    if receipt_key:
        recipients.append(_key(x25519.Recipient.from_str, receipt_key))
        names.append(RECEIPT)
    return pyrage.encrypt(plaintext, recipients), names


def names_of(to: Iterable[str]) -> list[str]:
    """Whose keys open what is sealed to the named keys today."""
    keyring = _keyring(settings.REPORT_PUBLIC_KEYS)
    return sorted({HQ} | {name for name in to if keyring.get(name)})


def open_sealed(sealed: bytes | memoryview, *, sealed_to: Iterable[str]) -> bytes:
    """Opens what was sealed to any of the named keys.

    Raises SealingUnavailable when this process holds none of their private keys. Call it through
    texts.py, which asks whether the person may and logs that they did.
    """
    keyring = _keyring(settings.REPORT_PRIVATE_KEYS)
    return open_with(sealed, [key for name in sealed_to for key in keyring.get(name, [])])


def open_with(sealed: bytes | memoryview, keys: Iterable[str]) -> bytes:
    """Opens what was sealed to any of these private keys, whose they may be.

    Raises SealingUnavailable when none of them opens it. Call it through texts.py.
    """
    identities = [_key(x25519.Identity.from_str, key) for key in keys]
    if not identities:
        raise SealingUnavailable(_("This process holds no key that opens the text."))
    try:
        return pyrage.decrypt(bytes(sealed), identities)
    except pyrage.DecryptError as error:
        # The library's message names nothing of the text; keep it out of the chain all the same.
        raise SealingUnavailable(_("None of the keys at hand opens the text.")) from error


def reseal(
    sealed: bytes | memoryview,
    *,
    sealed_to: Iterable[str],
    to: Iterable[str],
    receipt_key: str = "",
) -> tuple[bytes, list[str]]:
    """Opens and seals again, to other keys: when a report changes queue or a key is replaced."""
    return seal(open_sealed(sealed, sealed_to=sealed_to), to=to, receipt_key=receipt_key)


def derived(purpose: str, *, of: str) -> bytes:
    """A secret of 32 bytes that follows from the private key of a queue (HKDF, RFC 5869).

    Another purpose and another queue have another; none leads back to the key. Where a queue has no
    key of its own, HQ's stands in. Raises SealingUnavailable when this process holds neither.
    """
    keyring = _keyring(settings.REPORT_PRIVATE_KEYS)
    keys = keyring.get(of) or keyring.get(HQ)
    if not keys:
        raise SealingUnavailable(_("This process holds no key of that queue."))
    extracted = hmac.digest(purpose.encode(), keys[0].encode(), hashlib.sha256)
    return hmac.digest(extracted, of.encode() + b"\x01", hashlib.sha256)


def has_keys() -> bool:
    """Whether this process can seal."""
    return bool(_keyring(settings.REPORT_PUBLIC_KEYS).get(HQ))


def can_open() -> bool:
    """Whether this process can open what is sealed to the project office."""
    return bool(_keyring(settings.REPORT_PRIVATE_KEYS).get(HQ))


def public_keys() -> Keyring:
    """The keyring that this process seals to; empty when there is none."""
    return _keyring(settings.REPORT_PUBLIC_KEYS)


def new_key() -> tuple[str, str]:
    """A new pair: the public key and the private key, as age writes them."""
    identity = x25519.Identity.generate()
    return str(identity.to_public()), str(identity)


def public_key(private_key: str) -> str:
    """The public key that belongs to a private one."""
    return str(_key(x25519.Identity.from_str, private_key).to_public())


def read_keyring(text: str) -> Keyring:
    """The keyring in a text. Raises SealingUnavailable when it is none."""
    try:
        keyring = json.loads(text)
        if not all(isinstance(key, str) for keys in keyring.values() for key in keys):
            raise TypeError
    except (ValueError, TypeError, AttributeError):
        # Without the cause: a parser's message may quote a private key.
        raise SealingUnavailable(_("The keys cannot be read.")) from None
    return keyring


def _keyring(source: str) -> Keyring:
    if not source:
        return {}
    if source.lstrip().startswith("{"):
        return _parse(source)
    try:
        return _read(source, os.stat(source).st_mtime_ns)
    except OSError as error:
        raise SealingUnavailable(_("The file of keys is missing.")) from error


@lru_cache(maxsize=8)
def _parse(text: str) -> Keyring:
    return read_keyring(text)


@lru_cache(maxsize=8)
def _read(path: str, changed: int) -> Keyring:
    """The keyring in a file; read again when the file changed."""
    return read_keyring(Path(path).read_text())


@lru_cache(maxsize=256)
def _recipient(key: str) -> x25519.Recipient:
    """A public key, read once: every report is sealed to some of the same few."""
    return _key(x25519.Recipient.from_str, key)


def _key(read: Callable[[str], Any], text: str) -> Any:
    """One key out of a keyring. Raises SealingUnavailable when it is malformed."""
    try:
        return read(text)
    except Exception:  # noqa: BLE001 - pyrage's own errors have no common parent, and quote keys
        raise SealingUnavailable(_("One of the keys cannot be read.")) from None
