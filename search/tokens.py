"""What the index holds: words turned into tokens that every database cuts alike.

SQLite's tokenizer splits at Thai vowel and tone marks and PostgreSQL's does not, so a token is
made of the letters a-z and digits only. Unspaced writing is cut into units, a consonant with the
vowels and marks around it (เชี|ย|ง|รา|ย), by rules that look at no dictionary and no context: a
word has the same units alone and inside any sentence. Each unit gives a token together with the
next, and a search for three units or more is a search for these tokens as neighbours in order.

A word of one or two units is by chance part of many others (รถ, car, of สามารถ, can), so it has
to begin where ICU begins a word: there the two units give a second token, which also tells
whether the word ends with them. docs/design.md, section 6, says why.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from .words import cut, is_unspaced, pieces

MAX_INDEXED = 100_000  # characters of one field; PostgreSQL refuses a vector above 1 MB
MAX_QUERY = 255  # characters
MAX_TERMS = 40
MAX_WORD = 60  # PostgreSQL refuses a token above 2 KB

_UNIT = re.compile(
    "[\u0e40-\u0e44]?[\u0e01-\u0e2e][\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]{0,4}[\u0e30\u0e32\u0e33\u0e45]{0,2}"
    "|[\u0ec0-\u0ec4]?[\u0e81-\u0eae\u0edc-\u0edf][\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece]{0,4}"
    "[\u0eb0\u0eb2\u0eb3\u0ebd]{0,2}"
    "|[\u1780-\u17b3](?:\u17d2[\u1780-\u17b3]|[\u17b6-\u17d1\u17d3\u17dd]){0,6}"
    "|."
)
END = "z"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Term(NamedTuple):
    """One thing searched for: tokens to be found as neighbours in order."""

    tokens: tuple[str, ...]
    is_prefix: bool = False  # the last token may be the beginning of a longer one
    whole: str | None = None  # a token that is there where the term is a word by itself


def _units(run: str) -> list[str]:
    return _UNIT.findall(run)


def _letters(unit: str) -> str:
    """Two letters for each character, so that a beginning of a unit is a beginning here too."""
    places = (ord(c) - (0x1780 - 0x100 if c >= "\u1780" else 0x0E00) for c in unit)
    return "".join(_LETTERS[place // 26] + _LETTERS[place % 26] for place in places)


def _word(word: str, *, fold_plurals: bool) -> str:
    """The token of a word between spaces: without accents and, if asked, without an English s."""
    word = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    word = word.casefold()[:MAX_WORD]
    if fold_plurals:
        word = _singular(word)
    return "w" + "".join(c if c.isascii() and c.isalnum() else f"x{ord(c):x}x" for c in word)


def _singular(word: str) -> str:
    """Harman's S stemmer: the same on every database, and blind to all but English plurals."""
    if len(word) > 3 and word.endswith("ies") and word[-4] not in "ae":
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("es") and word[-3] not in "aeo":
        return word[:-1]
    if len(word) > 3 and word.endswith("s") and word[-2] not in "us":
        return word[:-1]
    return word


def _sequence(units: list[str]) -> list[str]:
    """One token for each unit, holding it and the next; the last stands alone."""
    letters = [_letters(unit) + "0" for unit in units]
    return [f"t{one}{two}" for one, two in zip(letters, [*letters[1:], ""], strict=True)]


def _word_starts(run: str, units: list[str]) -> Iterator[str]:
    """For each place where a word begins, its first two units, marked when they are all of it."""
    borders = {0, *accumulate(map(len, cut(run)))}
    places = [0, *accumulate(map(len, units))]
    letters = [_letters(unit) + "0" for unit in units]
    for first, place in enumerate(places[:-1]):
        if place not in borders:
            continue
        if places[first + 1] in borders:
            yield "v" + letters[first]
        token = "s" + "".join(letters[first : first + 2])
        is_word = first + 2 < len(places) and places[first + 2] in borders
        yield token + "1" if is_word else token


def indexed(text: str, *, fold_plurals: bool = True) -> str:
    """Return the tokens of a text: its sequence, then its word starts, a space around each."""
    sequence: list[str] = []
    starts: list[str] = []
    for piece in pieces(text[:MAX_INDEXED]):
        if is_unspaced(piece):
            units = _units(piece)
            sequence += _sequence(units)
            starts += _word_starts(piece, units)
        else:
            sequence.append(_word(piece, fold_plurals=fold_plurals))
    # A mark at either end, so that every token has a space on both sides to be found by.
    return " ".join([END, *sequence, *starts, END]) if sequence else ""


def terms(query: str, *, is_prefix: bool = False) -> list[Term]:
    """Return what a query asks for, word by word as typed.

    With is_prefix the words are taken as they stand and the last may be unfinished.
    """
    typed = [part for part in query[:MAX_QUERY].split() if pieces(part)][:MAX_TERMS]
    last = len(typed) - 1
    return [
        _term(pieces(part), is_prefix=is_prefix and place == last, fold_plurals=not is_prefix)
        for place, part in enumerate(typed)
    ]


def phrase(query: str, *, is_prefix: bool = False) -> Term | None:
    """Return the whole query as one term, its words as neighbours, or None for signs only."""
    found = pieces(query[:MAX_QUERY])
    return _term(found, is_prefix=is_prefix, fold_plurals=not is_prefix) if found else None


def _term(parts: list[str], *, is_prefix: bool, fold_plurals: bool) -> Term:
    *before, last = parts
    tokens: list[str] = []
    for part in before:
        if is_unspaced(part):
            tokens += _sequence(_units(part))
        else:
            tokens.append(_word(part, fold_plurals=fold_plurals))
    if not is_unspaced(last):
        return Term((*tokens, _word(last, fold_plurals=fold_plurals)), is_prefix)
    units = _units(last)
    if not tokens and len(units) < 3:
        return _short_term(units, is_prefix=is_prefix)
    sequence = _sequence(units)
    if len(units) > 1:
        sequence.pop()  # what stands after the last unit is open
    if is_prefix:
        sequence[-1] = sequence[-1].removesuffix("0")
    return Term((*tokens, *sequence), is_prefix or len(units) == 1)


def _short_term(units: list[str], *, is_prefix: bool) -> Term:
    """One or two units where a word begins."""
    letters = "0".join(map(_letters, units))
    if is_prefix:
        return Term(("s" + letters,), is_prefix=True)
    whole = f"v{letters}0" if len(units) == 1 else f"s{letters}01"
    return Term((f"s{letters}0",), is_prefix=True, whole=whole)
