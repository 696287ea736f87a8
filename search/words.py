"""Words of four languages: one spelling for what looks the same, and where words end.

Thai, Lao and Khmer put no spaces between words, and their keyboards write one syllable in several
ways. Pure functions; what the index makes of the words is in tokens.py.
"""

import re
import unicodedata

from icu4py.breakers import WordBreaker

# Letters and signs that stand in words without spaces. The signs of repetition and abbreviation
# (ๆ ฯ ໆ ຯ ៗ) are left out: they end a word as a comma does.
UNSPACED = (
    "\u0e01-\u0e2e\u0e30-\u0e3a\u0e40-\u0e45\u0e47-\u0e4e"  # Thai
    "\u0e81-\u0eae\u0eb0-\u0ec4\u0ec8-\u0ece\u0edc-\u0edf"  # Lao
    "\u1780-\u17d3\u17dd"  # Khmer
)
_PIECE = re.compile(rf"[{UNSPACED}]+|[^\W_\u0e00-\u0eff\u1780-\u17ff]+")

_DIGITS = {zero + value: str(value) for zero in (0x0E50, 0x0ED0, 0x17E0) for value in range(10)}
_INVISIBLE = dict.fromkeys(
    [
        *range(0x200B, 0x2010),  # zero-width space, joiners, direction marks
        *range(0x202A, 0x202F),
        *range(0x2060, 0x206A),
        0x00AD,  # soft hyphen
        0xFEFF,
        0x17B4,  # Khmer vowels that are never seen
        0x17B5,
    ]
)
_SAME_LOOK = [
    # A nikhahit and a sara aa typed apart, with the tone before, between or after: นํ้า is น้ำ.
    (re.compile("([\u0e48-\u0e4b]?)\u0e4d([\u0e48-\u0e4b]?)\u0e32"), "\\1\\2\u0e33"),
    (re.compile("([\u0ec8-\u0ecb]?)\u0ecd([\u0ec8-\u0ecb]?)\u0eb2"), "\\1\\2\u0eb3"),
    # A sara am typed before its tone: นำ้ is น้ำ.
    (re.compile("\u0e33([\u0e48-\u0e4b])"), "\\1\u0e33"),
    (re.compile("\u0eb3([\u0ec8-\u0ecb])"), "\\1\u0eb3"),
    # Unicode leaves the order of a tone and an upper vowel as it was typed.
    (re.compile("([\u0e48-\u0e4b])([\u0e31\u0e34-\u0e37])"), "\\2\\1"),
    (re.compile("([\u0ec8-\u0ecb])([\u0eb1\u0eb4-\u0eb7\u0ebb])"), "\\2\\1"),
    (re.compile("\u0e40\u0e40"), "\u0e41"),  # two sara e look like one sara ae
    (re.compile("\u0ec0\u0ec0"), "\u0ec1"),
    (re.compile("\u0eab\u0e99"), "\u0edc"),  # Lao ho no and ho mo, in two letters or in one
    (re.compile("\u0eab\u0ea1"), "\u0edd"),
]


def ascii_digits(text: str) -> str:
    """Return the text with Thai, Lao and Khmer digits as 0 to 9, and all else as it was."""
    return text.translate(_DIGITS)


def normalise(text: str) -> str:
    """Return the one spelling under which texts that look the same are compared."""
    # NFC and not NFKC, which would take น้ำ apart again.
    text = unicodedata.normalize("NFC", text.translate(_INVISIBLE).casefold())
    for pattern, replacement in _SAME_LOOK:
        text = pattern.sub(replacement, text)
    return ascii_digits(text)


def pieces(text: str) -> list[str]:
    """Cut at spaces, signs and changes of script; unspaced writing stays in whole runs."""
    return _PIECE.findall(normalise(text))


def is_unspaced(piece: str) -> bool:
    """Whether the piece, as pieces() gives it, is a run of words without spaces."""
    return re.match(f"[{UNSPACED}]", piece) is not None


def cut(run: str) -> list[str]:
    """Cut a run of unspaced writing where ICU's dictionaries see words end."""
    return list(WordBreaker(run, "th"))  # the script chooses the dictionary, not the locale


def segment(text: str) -> list[str]:
    """Return the words of a text in order, normalised, without signs."""
    words: list[str] = []
    for piece in pieces(text):
        words += cut(piece) if is_unspaced(piece) else [piece]
    return words
