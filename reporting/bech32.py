"""Bech32 (BIP 173), as far as age writes keys with it: bytes into letters, with a checksum."""

from collections.abc import Iterable
from functools import lru_cache

LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
CHECKSUM_LENGTH = 6


def encode(prefix: str, data: bytes) -> str:
    """The bytes as text that begins with the prefix and 1, in small letters."""
    values = _in_fives(data)
    state = _taken_in([*values, *[0] * CHECKSUM_LENGTH], after=_opened_with(prefix)) ^ 1
    values += [state >> 5 * place & 31 for place in reversed(range(CHECKSUM_LENGTH))]
    return f"{prefix}1" + "".join([LETTERS[value] for value in values])


def _in_fives(data: bytes) -> list[int]:
    """The bits in fives, the last one filled up with zeros."""
    count = -(-8 * len(data) // 5)
    number = int.from_bytes(data) << (5 * count - 8 * len(data))
    return [number >> 5 * place & 31 for place in reversed(range(count))]


@lru_cache(maxsize=8)
def _opened_with(prefix: str) -> int:
    """The state of the checksum after a prefix, worked out once: there is hardly more than one."""
    return _taken_in([*(ord(ch) >> 5 for ch in prefix), 0, *(ord(ch) & 31 for ch in prefix)])


def _taken_in(values: Iterable[int], *, after: int = 1) -> int:
    state = after
    for value in values:
        state = (state & 0x1FFFFFF) << 5 ^ value ^ _TURNS[state >> 25]
    return state


def _turn(top: int) -> int:
    turned = 0
    for place, part in enumerate(GENERATOR):
        if top >> place & 1:
            turned ^= part
    return turned


# Worked out once: every report has a key.
_TURNS = tuple(_turn(top) for top in range(32))
