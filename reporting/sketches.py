"""Sketches of texts: how alike the words of two are, told without the words.

A sketch is a MinHash over the set of a text's words: for each of many keyed hash functions, the
least value that any word has. Two sketches agree in as large a part of their places as the texts
share words (Jaccard), give or take a few hundredths. Without the key nobody can make the sketch of
a word, so a stolen table tells that texts of one queue are alike and not what they say; sketches
under two keys agree by chance alone.
"""

import hashlib
import struct
from collections.abc import Collection
from typing import NamedTuple

from search.words import segment

PLACES = 128  # standard error of the likeness: at most 0.045
BANDS, ROWS = 20, 3  # texts that share half their words meet in a band in 93 cases of 100
FEWEST_WORDS = 8  # two short texts share half their words by chance
PER_HASH = 16  # values of 32 bits in one BLAKE2b of 64 bytes


class Sketch(NamedTuple):
    """The lowest byte of each least value; and by band, a number to look alike ones up by."""

    places: bytes
    bands: list[int]


def sketch(text: str, *, key: bytes) -> Sketch | None:
    """The sketch of a text under a key; None when it has too few words to tell it by."""
    words = set(segment(text))
    if len(words) < FEWEST_WORDS:
        return None
    least = _least(words, key)
    bands = [
        _number(least[band * ROWS : (band + 1) * ROWS], band=band, key=key) for band in range(BANDS)
    ]
    return Sketch(bytes(value & 0xFF for value in least), bands)


def likeness(one: bytes, other: bytes) -> float:
    """The part of their words that two texts share, from 0 to 1, as their sketches tell it."""
    if not one or len(one) != len(other):
        return 0.0
    agreeing = sum(a == b for a, b in zip(one, other, strict=True)) / len(one)
    by_chance = 1 / 256  # of one byte each
    return max(0.0, (agreeing - by_chance) / (1 - by_chance))


def _least(words: Collection[str], key: bytes) -> list[int]:
    found: list[int] = []
    for block in range(PLACES // PER_HASH):
        person = block.to_bytes(2, "big")
        hashed = (
            struct.unpack(
                f"<{PER_HASH}I",
                hashlib.blake2b(word.encode(), key=key, person=person).digest(),
            )
            for word in words
        )
        found += [min(column) for column in zip(*hashed, strict=True)]
    return found


def _number(values: Collection[int], *, band: int, key: bytes) -> int:
    """Positive and of 63 bits: what a big integer of either database holds."""
    packed = struct.pack(f"<{len(values)}I", *values)
    person = b"band" + band.to_bytes(2, "big")
    digest = hashlib.blake2b(packed, key=key, person=person, digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
