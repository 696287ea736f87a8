"""What a step of the lifecycle is given, what it leaves behind, and how it says no."""

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from reporting.models import Report, SealedText
from reporting.texts import seal_text


class TransitionNotAllowed(Exception):
    """The report cannot take this step now; the message says why, for the person who tried."""


class Effects(NamedTuple):
    """What a step leaves in the log: choices as data, words sealed."""

    data: dict[str, Any] = {}
    note: SealedText | None = None


def needed(details: dict[str, Any], name: str) -> Any:
    value = details.get(name)
    if value is None or (isinstance(value, str) and not value.strip()):
        raise TransitionNotAllowed(_("Something that this step needs is missing."))
    return value


def choice(details: dict[str, Any], name: str, choices: Any) -> str:
    value = needed(details, name)
    if value not in choices.values:
        raise TransitionNotAllowed(_("One of the choices is not on the list."))
    return value


def sealed_note(report: Report, text: str) -> SealedText:
    return seal_text(report, SealedText.Kind.NOTE, {"note": text})
