"""Words about a report: sealed when they are kept; asked for and logged when they are opened."""

import json
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet

from home.models import User
from reporting import history, receipts, routing, sealing
from reporting.models import LogEntry, Referral, Report, SealedText
from reporting.permissions import READ, policy

# What is written for the reporter; their receipt opens nothing else, not even their own words:
# somebody may make them show it.
FOR_THE_REPORTER = frozenset({SealedText.Kind.MESSAGE})
OF_THE_REPORTER = frozenset({SealedText.Kind.NARRATIVE, SealedText.Kind.REPLY})


def seal_text(report: Report, kind: str, words: dict[str, str]) -> SealedText:
    """Keeps words about a report, sealed to the keys of its queue."""
    text = sealed_text(report, kind, words)
    text.save(force_insert=True)
    return text


def sealed_text(report: Report, kind: str, words: dict[str, str]) -> SealedText:
    """Words about a report, sealed to the keys of its queue and not yet kept."""
    sealed, names = sealing.seal(
        json.dumps(words, ensure_ascii=False).encode(),
        to=routing.key_names(report.centre),
        receipt_key=_receipt_key(report, kind),
    )
    return SealedText(report=report, kind=kind, sealed=sealed, sealed_to=names)


def reseal_texts(report: Report) -> None:
    """Seals everything about a report to the keys of the queue it has now."""
    for text in report.sealed_texts.order_by("pk"):
        text.sealed, text.sealed_to = sealing.reseal(
            text.sealed,
            sealed_to=text.sealed_to,
            to=routing.key_names(report.centre),
            receipt_key=_receipt_key(report, text.kind),
        )
        text.save(update_fields=["sealed", "sealed_to"])


def _receipt_key(report: Report, kind: str) -> str:
    return report.receipt_key if kind in FOR_THE_REPORTER else ""


@dataclass(frozen=True)
class OpenedText:
    """One sealed text, opened for one person."""

    pk: int
    kind: str
    words: dict[str, str] = field(repr=False)


@transaction.atomic
def open_texts(report: Report, *, by: User) -> list[OpenedText]:
    """Everything that was written about a report, in the order it was written.

    Takes the report and an answer of the reporter for read. Logs and raises as _open() does.
    """
    report = _locked(report)
    opened = _open(report, SealedText.objects.filter(report=report), by=by, action="read")
    if report.has_new_answer or report.is_unread:
        report.has_new_answer = report.is_unread = False
        report.save(update_fields=["has_new_answer", "is_unread"])
    return opened


@transaction.atomic
def open_referral(
    report: Report, referral: Referral, *, number: int, by: User, action: str = "read_referral"
) -> dict[str, str]:
    """The words of a referral and of its answer, and of nothing else.

    `action` says in the log what they are opened for. Logs and raises as _open() does.
    """
    wanted = [pk for pk in (referral.pack_id, referral.answer_id) if pk]
    texts = SealedText.objects.filter(report=report, pk__in=wanted)
    data = {"agency": referral.agency_id, "referral": number}
    opened = _open(_locked(report), texts, by=by, action=action, data=data)
    return {name: words for text in opened for name, words in text.words.items()}


@transaction.atomic
def open_words_of_the_reporter(report: Report, *, by: User) -> list[OpenedText]:
    """What the reporter wrote, to be compared with what is to leave the building."""
    contests = LogEntry.objects.filter(report=report, actor=LogEntry.Actor.REPORTER)
    texts = SealedText.objects.filter(report=report).filter(
        Q(kind__in=OF_THE_REPORTER) | Q(pk__in=contests.exclude(note=None).values("note"))
    )
    return _open(_locked(report), texts, by=by, action="compare")


def _locked(report: Report) -> Report:
    return Report.objects.select_for_update(of=("self",)).get(pk=report.pk)


def _open(
    report: Report, texts: QuerySet, *, by: User, action: str, data: dict | None = None
) -> list[OpenedText]:
    """Opens texts of a report whose row is locked, for one person.

    Writes one log entry before anything is opened. Raises PermissionDenied, or
    sealing.SealingUnavailable when this process holds no key (then the entry is undone as well).
    """
    if not policy.user_has_permission_for_instance(by, READ, report):
        raise PermissionDenied
    history.append(report, action, actor=LogEntry.Actor.STAFF, user=by, data=data)
    return [
        OpenedText(
            pk=text.pk,
            kind=text.kind,
            words=json.loads(sealing.open_sealed(text.sealed, sealed_to=text.sealed_to)),
        )
        for text in texts.order_by("pk")
    ]


def narrative_to_compare(report: Report) -> str:
    """What was seen, opened for a task that compares reports of one queue; shown to nobody.

    The caller holds the lock on the report's row. The log's entry is kept to the hour: the task
    runs within seconds of the arrival. Raises sealing.SealingUnavailable.
    """
    history.append(report, "sketch", actor=LogEntry.Actor.SYSTEM, is_to_the_hour=True)
    text = SealedText.objects.get(report=report, kind=SealedText.Kind.NARRATIVE)
    return json.loads(sealing.open_sealed(text.sealed, sealed_to=text.sealed_to))["narrative"]


def open_with_receipt(text: SealedText, number: str) -> dict[str, str]:
    """What was written for the reporter, opened with their receipt alone and logged nowhere.

    It takes no key of this process. Raises sealing.SealingUnavailable for any other text.
    """
    return json.loads(sealing.open_with(text.sealed, receipts.identities(number)))
