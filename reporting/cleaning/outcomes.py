"""What can come out of cleaning a file. Known to both processes, so nothing of Django is here."""

from enum import StrEnum


class Kind(StrEnum):
    PHOTO = "photo"
    VIDEO = "video"
    AUDIO = "audio"
    PDF = "pdf"


class Reason(StrEnum):
    """Why a file cannot be used."""

    UNKNOWN = "unknown"  # none of the kinds that are taken, whatever its name said
    DAMAGED = "damaged"  # cut off, broken, or locked with a password
    TOO_LARGE = "too_large"  # more pixels than are drawn
    TOO_LONG = "too_long"  # more seconds or pages than are looked at
    TOO_HEAVY = "too_heavy"  # more time or memory than one file may cost everybody else


class Unusable(Exception):
    """A file that cannot be cleaned. It says why in one word and quotes nothing."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason
