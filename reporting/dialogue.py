"""Messages between the office and a reporter, who is known by nothing but the receipt.

The office's are sealed to the receipt's key besides those of the queue. A reporter's are sealed to
the queue's alone: the page of the receipt says on which day they answered, never what.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from home.models import User
from reporting import audience, history, receipts, sealing, texts
from reporting.effects import TransitionNotAllowed
from reporting.lifecycle import Obstacle
from reporting.models import LogEntry, Membership, Message, Report, SealedText, Status
from reporting.models.report import OPEN_STATUSES
from reporting.permissions import INVESTIGATE, policy

# What was merged is still worked on, elsewhere. What is closed is contested, or told anew.
TAKES_ANSWERS = frozenset({*OPEN_STATUSES, Status.MERGED})
MOST_IN_A_ROW = 20  # answers of the reporter without a word of the office
MOST_SHOWN = 100


@dataclass(frozen=True)
class Line:
    """A message as the reporter sees it. Their own words are not in it."""

    sender: str
    day: date
    is_own: bool
    words: str | None = field(default=None, repr=False)  # None when they cannot be opened


# --- The office ---------------------------------------------------------------------------------


def obstacle_to_message(report: Report, *, by: User) -> Obstacle | None:
    """What keeps a person from writing to the reporter; None when nothing does."""
    if not policy.user_has_permission_for_instance(by, INVESTIGATE, report):
        return Obstacle(_("Your role does not allow this step."), is_permission=True)
    if not report.receipt_key:
        return Obstacle(
            _(
                "This report came in before one could write to reporters. You can write as soon "
                "as the reporter has looked it up with the receipt."
            )
        )
    return None


@transaction.atomic
def write(report: Report, words: str, *, by: User, token: str) -> Report:
    """Keeps a message for the reporter; the same token keeps one however often it is sent.

    Raises PermissionDenied, TransitionNotAllowed, or sealing.SealingUnavailable.
    """
    report = _locked(report)
    hindrance = obstacle_to_message(report, by=by)
    if hindrance and hindrance.is_permission:
        raise PermissionDenied
    if hindrance:
        raise TransitionNotAllowed(hindrance.sentence)
    if not _sent_with(report, token):
        sender = _side(report, by)
        _keep(report, words, SealedText.Kind.MESSAGE, token=token, sender=sender, written_by=by)
    return report


def _side(report: Report, by: User) -> str:
    """In whose name somebody writes: the reporter reads of an office, never of a person."""
    is_of_centre = report.centre_id in Membership.objects.queues_of(by)
    return Message.Sender.CENTRE if is_of_centre else Message.Sender.OFFICE


# --- The reporter -------------------------------------------------------------------------------


def obstacle_to_reply(report: Report) -> Obstacle | None:
    """What keeps the holder of the receipt from answering; None when nothing does."""
    if report.status not in TAKES_ANSWERS:
        return Obstacle(
            _(
                "The work on this report is finished, and nothing can be added to it. If you know "
                "more, please send a new report."
            )
        )
    latest = report.messages.order_by("-pk").values_list("sender", flat=True)[:MOST_IN_A_ROW]
    if list(latest) == [Message.Sender.REPORTER] * MOST_IN_A_ROW:
        return Obstacle(
            _(
                "You have written many times without an answer. Please wait for the office, or "
                "send a new report if something new has happened."
            )
        )
    return None


@transaction.atomic
def reply(report: Report, words: str, *, token: str) -> Report:
    """Keeps an answer of whoever holds the receipt, marks the report and owes its people a notice.

    The same token keeps one answer. Raises TransitionNotAllowed, or sealing.SealingUnavailable
    when it could not be sealed: then nothing is kept, and the caller keeps what was typed.
    """
    report = _locked(report)
    if _sent_with(report, token):
        return report  # though the report was closed in between
    if hindrance := obstacle_to_reply(report):
        raise TransitionNotAllowed(hindrance.sentence)
    _keep(report, words, SealedText.Kind.REPLY, token=token, sender=Message.Sender.REPORTER)
    report.has_new_answer = report.is_unread = True
    report.save(update_fields=["has_new_answer", "is_unread"])
    audience.owe(report, "reply")
    return report


def lines(report: Report, number: str) -> list[Line]:
    """The latest messages, oldest first, opened with the receipt alone."""
    latest = report.messages.select_related("text").order_by("-pk")[:MOST_SHOWN]
    return [_line(message, number) for message in reversed(latest)]


def remember_key(report: Report, number: str) -> None:
    """Gives a report from before the public key of its receipt, now that the receipt is shown."""
    if report.receipt_key:
        return
    report.receipt_key = sealing.public_key(receipts.identity(number))
    Report.objects.filter(pk=report.pk, receipt_key="").update(receipt_key=report.receipt_key)


def _line(message: Message, number: str) -> Line:
    words = None
    if not message.is_of_reporter:
        try:
            words = texts.open_with_receipt(message.text, number)["message"]
        except sealing.SealingUnavailable:
            pass  # sealed under a SECRET_KEY that is gone; the page says so
    return Line(
        sender=message.get_sender_display(),
        day=timezone.localdate(message.at),
        is_own=message.is_of_reporter,
        words=words,
    )


# --- Both ---------------------------------------------------------------------------------------


def _locked(report: Report) -> Report:
    return Report.objects.select_for_update(of=("self",)).get(pk=report.pk)


def _sent_with(report: Report, token: str) -> bool:
    return report.messages.filter(token_digest=receipts.token_digest(token)).exists()


def _keep(report: Report, words: str, kind: str, *, token: str, **of: Any) -> None:
    """Seals and logs one message; the caller holds the lock. The words' name is their kind."""
    text = texts.seal_text(report, kind, {str(kind): words.strip()})
    person = of.get("written_by")
    entry = history.append(
        report,
        str(kind),
        actor=LogEntry.Actor.STAFF if person else LogEntry.Actor.REPORTER,
        user=person,
        note=text,
    )
    Message.objects.create(
        report=report, text=text, at=entry.at, token_digest=receipts.token_digest(token), **of
    )
