"""A file as it was sent, opened by two people: one asks, another allows, the first opens it once.

The original may name the reporter, their telephone and their house, and may be made to do harm. The
clean copy is what an officer works with; this is for what the copy cannot show.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from home.models import User
from reporting import evidence, history
from reporting.models import Attachment, LogEntry, OriginalRequest, Report, SealedPiece
from reporting.permissions import COUNTERSIGN, READ, VIEW, is_hq, policy

# After so long a permission is worth nothing, and a wish that nobody answered is forgotten.
ALLOWED_FOR = timedelta(hours=1)
ASKED_FOR = timedelta(days=7)


class NotAllowed(Exception):
    """The step cannot be taken now; the message says why, for the person who tried."""


@transaction.atomic
def ask(attachment: Attachment, *, by: User) -> OriginalRequest:
    """Writes down that somebody wants to see the original. Raises PermissionDenied, NotAllowed."""
    report = _locked(attachment, by, READ)
    if waiting(attachment).exists():
        raise NotAllowed(_("Somebody has asked for this file already."))
    if not attachment.pieces.filter(part=SealedPiece.Part.ORIGINAL).exists():
        raise NotAllowed(_("Nothing of this file arrived."))
    _log(report, "ask_original", attachment, by)
    return OriginalRequest.objects.create(attachment=attachment, asked_by=by)


@transaction.atomic
def allow(attachment: Attachment, *, by: User) -> OriginalRequest:
    """Lets the one who asked open the original. Raises PermissionDenied, NotAllowed."""
    report = _locked(attachment, by, VIEW)
    if not may_allow(report, by):
        raise PermissionDenied
    request = waiting(attachment).filter(allowed_by=None).first()
    if request is None:
        raise NotAllowed(_("Nobody has asked for this file."))
    if request.asked_by_id == by.pk:
        raise NotAllowed(_("Somebody other than the one who asked must allow it."))
    _log(report, "allow_original", attachment, by)
    request.allowed_by, request.allowed_at = by, timezone.now()
    request.save(update_fields=["allowed_by", "allowed_at"])
    return request


@transaction.atomic
def open_original(attachment: Attachment, *, by: User) -> Iterator[bytes]:
    """The original, piece by piece, once, for the one who was allowed to see it.

    Writes one log entry before anything is opened. Raises PermissionDenied, NotAllowed, or
    sealing.SealingUnavailable when this process holds no key (then the permission is not spent).
    """
    report = _locked(attachment, by, READ)
    request = waiting(attachment).filter(asked_by=by).exclude(allowed_by=None).first()
    if request is None:
        raise NotAllowed(_("Somebody else must allow it first, and then it opens once."))
    _log(report, "open_original", attachment, by)
    request.opened_at = timezone.now()
    request.save(update_fields=["opened_at"])
    return evidence.begun(evidence.opened_pieces(attachment, SealedPiece.Part.ORIGINAL))


def may_allow(report: Report, by: User) -> bool:
    """Who countersigns in the report's queue; and the project office, where a centre is small."""
    actions = policy.actions_for(by, report)
    return COUNTERSIGN in actions or (VIEW in actions and is_hq(by))


def waiting(attachment: Attachment) -> QuerySet[OriginalRequest]:
    """The request for one file that still leads somewhere."""
    return waiting_in([attachment])


def waiting_in(attachments: Iterable[Attachment]) -> QuerySet[OriginalRequest]:
    """Those of several files: not opened yet, and neither the wish nor the permission is old."""
    now = timezone.now()
    is_wished = Q(allowed_by=None, asked_at__gt=now - ASKED_FOR)
    is_allowed = Q(allowed_at__gt=now - ALLOWED_FOR)
    return OriginalRequest.objects.filter(
        is_wished | is_allowed, attachment__in=attachments, opened_at=None
    )


def _locked(attachment: Attachment, by: User, action: str) -> Report:
    report = Report.objects.select_for_update(of=("self",)).get(pk=attachment.report_id)
    if not policy.user_has_permission_for_instance(by, action, report):
        raise PermissionDenied
    return report


def _log(report: Report, action: str, attachment: Attachment, by: User) -> None:
    history.append(
        report,
        action,
        actor=LogEntry.Actor.STAFF,
        user=by,
        data={"file": attachment.number},
    )
