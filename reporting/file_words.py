"""What a reporter reads about their files: what each is and how it stands, never its name."""

from typing import NamedTuple

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reporting import breaker, evidence, receipts
from reporting.models import Attachment, Report

KINDS: dict[str, str | Promise] = {
    Attachment.Kind.PHOTO: gettext_lazy("Photo"),
    Attachment.Kind.VIDEO: gettext_lazy("Video"),
    Attachment.Kind.AUDIO: gettext_lazy("Sound"),
    Attachment.Kind.PDF: gettext_lazy("PDF"),
}
STATES: dict[str, str | Promise] = {
    Attachment.Status.ARRIVING: gettext_lazy(
        "Not all of it has arrived. Choose the same file again, and the rest of it is sent."
    ),
    Attachment.Status.WAITING: gettext_lazy("It has arrived and is being checked."),
    Attachment.Status.CLEAN: gettext_lazy("Received."),
}
REFUSALS: dict[str, str | Promise] = {
    Attachment.Refusal.UNKNOWN: gettext_lazy(
        "It could not be used: it is no photo, video, sound or PDF that we can open."
    ),
    Attachment.Refusal.DAMAGED: gettext_lazy(
        "It could not be used: it is broken, cut off or locked. If it opens on your phone, "
        "please send it once more, or a picture of the screen."
    ),
    Attachment.Refusal.TOO_LARGE: gettext_lazy(
        "It could not be used: the picture is too large. Please send a smaller one, or a picture "
        "of the screen."
    ),
    Attachment.Refusal.TOO_LONG: gettext_lazy(
        "It could not be used: it is too long. Please send the part that matters."
    ),
    Attachment.Refusal.TOO_HEAVY: gettext_lazy(
        "It could not be used: opening it took too long. Please send a shorter or smaller part."
    ),
    Attachment.Refusal.INCOMPLETE: gettext_lazy(
        "Only a part of it arrived. Please send it once more."
    ),
}


class Line(NamedTuple):
    name: str
    state: str
    tone: str


class Section(NamedTuple):
    """All that the part of a page about files says."""

    lines: list[Line]
    may_add: bool
    token: str
    piece: int
    at_most: int
    megabytes: int
    megabytes_at_once: int


def section(report: Report, *, is_new: bool = False) -> Section:
    """How the files of a report stand, and the means to add one; files belong to open reports.

    A new report has none, and nothing is asked that could come between a reporter and the receipt.
    """
    limits = settings.EVIDENCE
    found = [] if is_new else list(evidence.files_of(report))
    return Section(
        lines=[_line(one) for one in found],
        may_add=report.is_open
        and len(found) < limits["files"]
        and not breaker.is_flooded(report.centre_id),
        token=receipts.new_token(),
        piece=limits["piece"],
        at_most=limits["files"],
        megabytes=limits["file"] // settings.MB,
        megabytes_at_once=limits["at_once"] // settings.MB,
    )


def _line(attachment: Attachment) -> Line:
    kind = KINDS.get(attachment.kind)
    number = attachment.number
    name = f"{kind} ({number})" if kind else _("File %(number)s") % {"number": number}
    state = REFUSALS.get(attachment.refusal) or STATES.get(attachment.status, "")
    return Line(name, str(state), attachment.status)
