"""What each step of the lifecycle needs, and what it changes. The table is in lifecycle.py."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from home.models import User
from reporting import duplicates, history, permissions
from reporting.models import (
    Agency,
    CoordinationCentre,
    Credibility,
    EvidenceType,
    Finding,
    Fold,
    LogEntry,
    Outcome,
    Referral,
    RejectReason,
    Reliability,
    Report,
    SealedText,
    Status,
)
from reporting.permissions import policy
from reporting.routing import queue_name
from reporting.texts import reseal_texts, seal_text


class TransitionNotAllowed(Exception):
    """The report cannot take this step now; the message says why, for the person who tried."""


class Effects(NamedTuple):
    """What a step leaves in the log: choices as data, words sealed."""

    data: dict[str, Any] = {}
    note: SealedText | None = None


def _needed(details: dict[str, Any], name: str) -> Any:
    value = details.get(name)
    if value is None or (isinstance(value, str) and not value.strip()):
        raise TransitionNotAllowed(_("Something that this step needs is missing."))
    return value


def _choice(details: dict[str, Any], name: str, choices: Any) -> str:
    value = _needed(details, name)
    if value not in choices.values:
        raise TransitionNotAllowed(_("One of the choices is not on the list."))
    return value


def _note(report: Report, text: str) -> SealedText:
    return seal_text(report, SealedText.Kind.NOTE, {"note": text})


def _reroute(report: Report, by: User | None, details: dict[str, Any]) -> Effects:
    """Needs `to`, a centre or None for HQ, and `reason`."""
    reason = _needed(details, "reason")
    to: CoordinationCentre | None = details.get("to")
    if (to.pk if to else None) == report.centre_id:
        raise TransitionNotAllowed(_("The report is in that queue already."))
    if to and not to.is_staffed:
        raise TransitionNotAllowed(
            _("Nobody works on that queue today. Send it to the project office instead.")
        )
    report.centre = to
    report.assignee = None
    report.is_unread = True
    reseal_texts(report)
    duplicates.forget_sketch(report)
    Fold.objects.about(report).delete()
    duplicates.ask_for_sketch(report)
    return Effects({"to_queue": queue_name(to)}, _note(report, reason))


def _reject(report: Report, by: User | None, details: dict[str, Any]) -> Effects:
    """Needs `reason`, a RejectReason."""
    report.reject_reason = _choice(details, "reason", RejectReason)
    return Effects({"reason": report.reject_reason})


def _merge(report: Report, by: User | None, details: dict[str, Any]) -> Effects:
    """Needs `into`, another report of the same queue that is not itself a duplicate."""
    into: Report = Report.objects.select_for_update(of=("self",)).get(
        pk=_needed(details, "into").pk
    )
    if into.pk == report.pk or into.centre_id != report.centre_id:
        raise TransitionNotAllowed(_("Choose another report of the same queue."))
    if into.status in {Status.MERGED, Status.REJECTED}:
        raise TransitionNotAllowed(_("That report is itself a duplicate or was rejected."))
    _pass_urgency_on(report, into, by)
    report.merged_into = into
    return Effects({"into": into.reference})


def _pass_urgency_on(report: Report, into: Report, by: User | None) -> None:
    """What the repeat told of danger must not be lost with it."""
    passed = {}
    if report.is_urgent and not into.is_urgent:
        into.is_urgent = passed["is_urgent"] = True
    if report.due_at and into.due_at and report.due_at < into.due_at:
        into.due_at = report.due_at
    into.save(update_fields=["is_urgent", "due_at"])
    history.append(
        into,
        "absorb",
        actor=LogEntry.Actor.STAFF,
        user=by,
        data={"repeat": report.reference, **passed},
    )


def _assign(report: Report, by: User | None, details: dict[str, Any]) -> Effects:
    """Needs `assignee`, a member of the queue: anybody for a chief, oneself for an officer."""
    assert by is not None
    assignee: User = _needed(details, "assignee")
    if assignee.pk != by.pk and permissions.ASSIGN not in policy.actions_for(by, report):
        raise TransitionNotAllowed(_("You may assign the report to yourself only."))
    if not policy.members_of_queue(report).filter(pk=assignee.pk).exists():
        raise TransitionNotAllowed(_("That person does not work on this queue."))
    report.assignee = assignee
    return Effects({"assignee": assignee.pk})


def _record_finding(report: Report, by: User | None, details: dict[str, Any]) -> Effects:
    """Needs `reliability`, `credibility` and `reason`; `evidence` may be added."""
    assert by is not None
    words = {"reason": _needed(details, "reason"), "evidence": details.get("evidence") or ""}
    finding = Finding(
        report=report,
        reliability=_choice(details, "reliability", Reliability),
        credibility=_choice(details, "credibility", Credibility),
        recorded_by=by,
    )
    finding.reason = seal_text(report, SealedText.Kind.REASON, words)
    finding.save()
    return Effects({"grade": finding.grade})


def _refer(report: Report, by: User | None, details: dict[str, Any]) -> Effects:
    """Needs `agency`, `purpose`, `pack` (the officer's own words) and `expires_on`."""
    assert by is not None
    agency = _choice(details, "agency", Agency)
    expires_on: date = _needed(details, "expires_on")
    if expires_on < timezone.localdate():
        raise TransitionNotAllowed(_("The referral must not expire before today."))
    if expires_on > timezone.localdate() + timedelta(days=366):
        raise TransitionNotAllowed(
            _("The referral must expire within a year. Please write the year as in 2026.")
        )
    words = {"purpose": _needed(details, "purpose"), "pack": _needed(details, "pack")}
    Referral.objects.create(
        report=report,
        agency=agency,
        expires_on=expires_on,
        pack=seal_text(report, SealedText.Kind.PACK, words),
        referred_by=by,
    )
    return Effects({"agency": agency, "expires_on": expires_on.isoformat()})


def _return(report: Report, by: User | None, details: dict[str, Any]) -> Effects:
    """Needs `answer`, what the agency said."""
    words = {"answer": _needed(details, "answer")}
    referral = report.referrals.filter(answer=None).last()
    if referral is None:
        raise TransitionNotAllowed(_("Every referral of this report has its answer."))
    referral.answer = seal_text(report, SealedText.Kind.ANSWER, words)
    referral.save(update_fields=["answer"])
    return Effects({"agency": referral.agency})


def _propose_closing(report: Report, by: User | None, details: dict[str, Any]) -> Effects:
    """Needs `outcome` and `evidence_type`."""
    report.outcome = _choice(details, "outcome", Outcome)
    report.evidence_type = _choice(details, "evidence_type", EvidenceType)
    report.proposed_by = by
    return Effects({"outcome": report.outcome, "evidence_type": report.evidence_type})


def _contest(report: Report, by: User | None, details: dict[str, Any]) -> Effects:
    """Needs nothing; `words` of the reporter are sealed when there are any."""
    report.was_contested = report.is_unread = True
    report.assignee = None  # a chief decides who looks again
    _open_again(report)
    words = (details.get("words") or "").strip()
    return Effects({}, _note(report, words) if words else None)


def _reopen(report: Report, by: User | None, details: dict[str, Any]) -> Effects:
    """Needs `reason`."""
    note = _note(report, _needed(details, "reason"))
    _open_again(report)
    return Effects({}, note)


def _open_again(report: Report) -> None:
    report.opened_at = history.to_the_hour(timezone.now())
    report.outcome = report.evidence_type = report.reject_reason = ""
    report.proposed_by = report.merged_into = None


EFFECTS: dict[str, Callable[[Report, User | None, dict[str, Any]], Effects]] = {
    "reroute": _reroute,
    "reject": _reject,
    "merge": _merge,
    "assign": _assign,
    "record_finding": _record_finding,
    "refer": _refer,
    "return": _return,
    "propose_closing": _propose_closing,
    "contest": _contest,
    "reopen": _reopen,
}
