"""Files of reporters: how they arrive, are cleaned, follow their report, and are opened.

A public process only seals: a file arrives in pieces, each sealed before it is kept, and a worker
makes the clean copy that people see. Nothing of a file ever lies anywhere in the clear.
"""

import hashlib
import logging
import os
from collections.abc import Iterable, Iterator
from datetime import timedelta
from math import ceil

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from home.models import User
from reporting import breaker, history, routing, sealing, vault
from reporting.cleaning import run
from reporting.cleaning.outcomes import Kind, Unusable
from reporting.models import Attachment, LogEntry, Report, SealedPiece
from reporting.permissions import READ, policy
from work import ledger

logger = logging.getLogger(__name__)

Status, Part = Attachment.Status, SealedPiece.Part
# The tasks by their paths: a public process loads no decoder.
CLEAN = "reporting.tasks.clean_attachment"
RESEAL = "reporting.tasks.reseal_files"
TOKEN_LENGTH = 32  # characters at least
# Whoever began to send a file may go on for so long.
INCOMPLETE_AFTER = timedelta(days=3)


class NotTaken(ValueError):
    """A file that cannot be taken; the message says why and what to do."""


# --- Arriving -----------------------------------------------------------------------------------


def pieces_of(size: int) -> int:
    """In how many pieces a file of this size comes."""
    return ceil(size / settings.EVIDENCE["piece"])


@transaction.atomic
def begin(report: Report, *, token: str, size: int) -> Attachment:
    """The file that a token stands for; the same one however often it is asked for.

    Raises NotTaken when there is no room for it.
    """
    if len(token) < TOKEN_LENGTH:
        raise NotTaken(_("The form was incomplete. Please send it once more."))
    digest = upload_digest(token)
    report = _locked(report)
    if known := report.attachments.filter(upload_digest=digest).first():
        if known.size != size:
            raise NotTaken(_("The file has changed since. Please choose it again."))
        if known.refusal == Attachment.Refusal.INCOMPLETE:  # somebody goes on after all
            known.status, known.refusal = Status.ARRIVING, ""
            known.arrived_at = history.to_the_hour(timezone.now())
            known.save(update_fields=["status", "refusal", "arrived_at"])
        return known
    number = _room_for(report, size)
    return Attachment.objects.create(
        report=report,
        number=number,
        upload_digest=digest,
        size=size,
        arrived_at=history.to_the_hour(timezone.now()),
    )


def _room_for(report: Report, size: int) -> int:
    """The number of the next file. Raises NotTaken."""
    limits = settings.EVIDENCE
    there = report.attachments.order_by()
    count, total = there.count(), there.aggregate(total=Sum("size"))["total"] or 0
    if not size:
        raise NotTaken(_("The file is empty. Please choose another one."))
    _refuse_without_room(size)
    if breaker.is_flooded(report.centre_id):
        raise NotTaken(
            _(
                "So many reports are coming in just now that files cannot be taken. Yours is safe. "
                "Please come back with your receipt in an hour or two and add the file then."
            )
        )
    if size > limits["file"]:
        raise NotTaken(
            _("One file may have up to %(limit)s MB. Please send a shorter part of it.")
            % {"limit": limits["file"] // settings.MB}
        )
    if count >= limits["files"]:
        raise NotTaken(
            _(
                "A report can have %(limit)s files, and yours has them. Send others with a new "
                "report."
            )
            % {"limit": limits["files"]}
        )
    if total + size > limits["report"]:
        raise NotTaken(
            _(
                "All files of a report together may have up to %(limit)s MB. Send others with a "
                "new report."
            )
            % {"limit": limits["report"] // settings.MB}
        )
    return count + 1


def _refuse_without_room(size: int) -> None:
    if not breaker.has_room_for(size):
        raise NotTaken(
            _(
                "There is no room for files at present. Your report is safe. Please tell in words "
                "what the file shows, and come back with your receipt in some days."
            )
        )


@transaction.atomic
def keep(attachment: Attachment, number: int, content: bytes) -> None:
    """Keeps one piece of a file, sealed; sent twice, it is kept once. With the last, work begins.

    Raises NotTaken when it is none of the file's pieces, and sealing.SealingUnavailable.
    """
    report = _locked(attachment.report)  # it stays in its queue while the piece is sealed to it
    attachment = report.attachments.get(pk=attachment.pk)
    if not content or len(content) != _size_of(attachment, number):
        raise NotTaken(_("A piece of the file was cut off. Please send it again."))
    if attachment.status != Status.ARRIVING or number in arrived(attachment):
        return
    _refuse_without_room(len(content))
    piece = vault.put(content, centre=report.centre)
    piece.attachment, piece.part, piece.number = attachment, Part.ORIGINAL, number
    piece.save(force_insert=True)
    if len(arrived(attachment)) == pieces_of(attachment.size):
        _complete(report, attachment)


def arrived(attachment: Attachment) -> set[int]:
    """The numbers of the pieces that are there."""
    pieces = attachment.pieces.filter(part=Part.ORIGINAL).order_by()
    return set(pieces.values_list("number", flat=True))


def take(report: Report, content: Iterable[bytes], *, token: str) -> Attachment:
    """Keeps a file that came whole, in `content`'s pieces. The same file twice is kept once.

    Raises NotTaken, and sealing.SealingUnavailable.
    """
    pieces = list(content)
    sum_ = hashlib.sha256()
    for piece in pieces:
        sum_.update(piece)
    attachment = begin(
        report, token=f"{token}:{sum_.hexdigest()}", size=sum(len(piece) for piece in pieces)
    )
    for number, piece in enumerate(pieces):
        keep(attachment, number, piece)
    attachment.refresh_from_db()
    return attachment


def upload_digest(token: str) -> str:
    """What is stored of the token under which a file arrives."""
    return salted_hmac("reporting.evidence.upload", token, algorithm="sha256").hexdigest()


def _size_of(attachment: Attachment, number: int) -> int:
    whole = settings.EVIDENCE["piece"]
    return max(0, min(whole, attachment.size - number * whole)) if number >= 0 else 0


def _locked(report: Report) -> Report:
    return Report.objects.select_for_update(of=("self",)).get(pk=report.pk)


def _complete(report: Report, attachment: Attachment) -> None:
    attachment.status = Status.WAITING
    attachment.save(update_fields=["status"])
    history.append(
        report, "add_file", actor=LogEntry.Actor.REPORTER, data={"file": attachment.number}
    )
    ledger.add(CLEAN, [attachment.pk])


def close_incomplete() -> None:
    """Gives up files of which no more has come for days. What came of them is kept."""
    late = Attachment.objects.filter(
        status=Status.ARRIVING, arrived_at__lt=timezone.now() - INCOMPLETE_AFTER
    )
    late.update(status=Status.REFUSED, refusal=Attachment.Refusal.INCOMPLETE)


def say_when_full() -> None:
    """By the clock: a line at each refusal would tell the moment in which somebody tried."""
    if not breaker.has_room_for(settings.EVIDENCE["file"]):
        logger.error("Files of reporters have filled their room (EVIDENCE_GB): text only now.")


# --- Cleaning -----------------------------------------------------------------------------------


def clean(attachment: Attachment) -> None:
    """Makes the clean copy of a file that has arrived, or says why there is none.

    Opening it is logged first. May run twice: what is decided stays. Raises
    sealing.SealingUnavailable when this process holds no key.
    """
    with transaction.atomic():
        report = _locked(attachment.report)
        attachment = report.attachments.get(pk=attachment.pk)
        if attachment.status != Status.WAITING:
            return
        history.append(
            report,
            "check_file",
            actor=LogEntry.Actor.SYSTEM,
            data={"file": attachment.number},
            is_to_the_hour=True,  # it follows the reporter's last piece by seconds
        )
    source = run.in_memory("original")
    try:
        for content in opened_pieces(attachment, Part.ORIGINAL):
            _write(source, content)
        copy = run.clean(source)
    except Unusable as unusable:
        _decide(attachment, status=Status.REFUSED, refusal=unusable.reason.value)
        return
    finally:
        os.close(source)
    try:
        _keep_copy(attachment, copy)
    finally:
        os.close(copy.file)


@transaction.atomic
def _keep_copy(attachment: Attachment, copy: run.Cleaned) -> None:
    """Seals the copy to the queue that the report is in now, and calls the file clean."""
    report = _locked(attachment.report)
    if not Attachment.objects.filter(pk=attachment.pk, status=Status.WAITING).exists():
        return  # another worker was quicker
    whole = settings.EVIDENCE["piece"]
    for number in range(pieces_of(copy.size)):
        piece = vault.put(os.pread(copy.file, whole, number * whole), centre=report.centre)
        piece.attachment, piece.part, piece.number = attachment, Part.CLEAN, number
        piece.save(force_insert=True)
    _decide(attachment, status=Status.CLEAN, kind=Kind(copy.kind).value, clean_size=copy.size)


def _decide(attachment: Attachment, **facts: object) -> None:
    Attachment.objects.filter(pk=attachment.pk, status=Status.WAITING).update(**facts)


def _write(file: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(file, view) :]


def opened_pieces(attachment: Attachment, part: str) -> Iterator[bytes]:
    """The pieces of a file, opened one after the other. The caller asked, and wrote the log."""
    pieces = attachment.pieces.filter(part=part)
    for pk in list(pieces.order_by("number").values_list("pk", flat=True)):
        try:
            yield vault.get(pieces.get(pk=pk))
        except FileNotFoundError:  # sealed anew under another name, just now
            yield vault.get(pieces.get(pk=pk))


# --- Following the report -----------------------------------------------------------------------


def follow(report: Report) -> None:
    """Lets a worker seal the files to the keys of the queue that the report has now.

    In the caller's transaction: a report that has moved and the work that follows are kept or
    neither is. Meanwhile the policy alone keeps the queue that sent it on from opening them.
    """
    if report.attachments.exists():
        ledger.add(RESEAL, [report.pk])


def reseal_files(report: Report) -> None:
    """Seals every piece that other keys open to the keys of the report's queue; may run twice."""
    pieces = SealedPiece.objects.filter(attachment__report=report).order_by("pk")
    for pk in list(pieces.values_list("pk", flat=True)):
        _reseal(report, pk)


@transaction.atomic
def _reseal(report: Report, pk: int) -> None:
    report = _locked(report)
    piece = SealedPiece.objects.get(pk=pk)
    if piece.sealed_to == sealing.names_of(routing.key_names(report.centre)):
        return
    former = piece.stored_as
    anew = vault.put(vault.get(piece), centre=report.centre)
    piece.stored_as, piece.sealed_to = anew.stored_as, anew.sealed_to
    piece.save(update_fields=["stored_as", "sealed_to"])
    vault.delete_after_commit([former])


# --- For people ---------------------------------------------------------------------------------


def files_of(report: Report) -> QuerySet[Attachment]:
    """The files of a report, in the order they came."""
    return report.attachments.order_by("number")


@transaction.atomic
def open_file(attachment: Attachment, *, by: User) -> Iterator[bytes]:
    """The clean copy of a file, piece by piece, for one person.

    Writes one log entry before anything is opened. Raises PermissionDenied, or
    sealing.SealingUnavailable when this process holds no key (then the entry is undone as well).
    """
    report = _locked(attachment.report)
    if not policy.user_has_permission_for_instance(by, READ, report):
        raise PermissionDenied
    history.append(
        report,
        "open_file",
        actor=LogEntry.Actor.STAFF,
        user=by,
        data={"file": attachment.number},
    )
    return begun(opened_pieces(attachment, Part.CLEAN))


def begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same pieces, the first of them opened already: without a key it fails here and now."""
    first = next(pieces, b"")

    def whole() -> Iterator[bytes]:
        yield first
        yield from pieces

    return whole()
