"""Whether somebody copied another's words instead of saying it in their own."""

import unicodedata

# A passage of this many letters is not written twice by chance.
PASSAGE = 40
# A shorter text is copied when all of it is there; of a few letters that says nothing.
SHORTEST = 20


def repeats(ours: str, theirs: str) -> bool:
    """Whether `ours` holds a long passage of `theirs`, or all of it when it is short.

    Letters, vowels, tone marks and digits count. Spaces, punctuation and capitals do not: they
    are changed in passing.
    """
    ours, theirs = _letters(ours), _letters(theirs)
    length = min(PASSAGE, len(theirs))
    if length < SHORTEST:
        return False
    passages = {theirs[at : at + length] for at in range(len(theirs) - length + 1)}
    return any(ours[at : at + length] in passages for at in range(len(ours) - length + 1))


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in plain if unicodedata.category(letter)[0] in "LMN")
