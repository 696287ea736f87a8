"""What each step of the lifecycle needs, and what it changes. The table is in lifecycle.py."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from home.models import User
from reporting import duplicates, evidence, history, permissions, referring
from reporting.models import (
    CoordinationCentre,
    Credibility,
    Escalation,
    EvidenceType,
    Finding,
    Fold,
    LogEntry,
    Outcome,
    RejectReason,
    Reliability,
    Report,
    SealedText,
    Status,
)
from reporting.needs import Effects, TransitionNotAllowed, choice, needed, sealed_note
from reporting.permissions import policy
from reporting.routing import queue_name
from reporting.texts import reseal_texts, seal_text


def _reroute(report: Report, by: User | None, details: dict[str, Any]) -> Effects:
    """Needs `to`, a centre or None for HQ, and `reason`."""
    reason = needed(details, "reason")
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
    evidence.follow(report)
    duplicates.forget_sketch(report)
    Fold.objects.about(report).delete()
    duplicates.ask_for_sketch(report)
    return Effects({"to_queue": queue_name(to)}, sealed_note(report, reason))


def _reject(report: Report, by: User | None, details: dict[str, Any]) -> Effects:
    """Needs `reason`, a RejectReason, and `words` that say why; only ordinary ones do without."""
    report.reject_reason = choice(details, "reason", RejectReason)
    words = (details.get("words") or "").strip()
    if not words and report.needs_countersignature:
        raise TransitionNotAllowed(_("Write why a report of this category is rejected."))
    note = sealed_note(report, words) if words else None
    return Effects({"reason": report.reject_reason}, note)


def _merge(report: Report, by: User | None, details: dict[str, Any]) -> Effects:
    """Needs `into`, another report of the same queue that is not itself a duplicate."""
    into: Report = Report.objects.select_for_update(of=("self",)).get(pk=needed(details, "into").pk)
    if into.pk == report.pk or into.centre_id != report.centre_id:
        raise TransitionNotAllowed(_("Choose another report of the same queue."))
    if into.status in {Status.MERGED, Status.REJECTED}:
        raise TransitionNotAllowed(_("That report is itself a duplicate or was rejected."))
    # What was not accepted yet can still be rejected, and a proposed closing judges without it.
    in_work = {Status.QUEUED, Status.VERIFYING, Status.REFERRED}
    if report.needs_countersignature and not (
        into.needs_countersignature and into.status in in_work
    ):
        raise TransitionNotAllowed(
            _(
                "A report of a serious category can only repeat one of a serious category that was "
                "accepted and is still worked on. Otherwise nobody would look at it again."
            )
        )
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
    """Needs `assignee`, who works on the queue today: anybody for a chief, oneself for others."""
    assert by is not None
    assignee: User = needed(details, "assignee")
    if assignee.pk != by.pk and permissions.ASSIGN not in policy.actions_for(by, report):
        raise TransitionNotAllowed(_("You may assign the report to yourself only."))
    if not policy.members_of_queue(report).filter(pk=assignee.pk).exists():
        raise TransitionNotAllowed(_("That person does not work on this queue."))
    if not policy.at_work_on(report).filter(pk=assignee.pk).exists():
        raise TransitionNotAllowed(_("That person is away. Choose somebody who is there."))
    report.assignee = assignee
    return Effects({"assignee": assignee.pk})


def _record_finding(report: Report, by: User | None, details: dict[str, Any]) -> Effects:
    """Needs `reliability`, `credibility` and `reason`; `evidence` may be added."""
    assert by is not None
    words = {"reason": needed(details, "reason"), "evidence": details.get("evidence") or ""}
    finding = Finding(
        report=report,
        reliability=choice(details, "reliability", Reliability),
        credibility=choice(details, "credibility", Credibility),
        recorded_by=by,
    )
    finding.reason = seal_text(report, SealedText.Kind.REASON, words)
    finding.save()
    return Effects({"grade": finding.grade})


def reversible_findings(report: Report, by: User, actions: frozenset[str]) -> list[Finding]:
    """The findings that this person may take back: their own, and all for a chief or secretary."""
    may_all = permissions.COUNTERSIGN in actions
    return [
        finding
        for finding in report.findings.all()
        if finding.is_standing and (may_all or finding.recorded_by_id == by.pk)
    ]


def _reverse_finding(report: Report, by: User | None, details: dict[str, Any]) -> Effects:
    """Needs `finding`, the number of one that the person may take back, and `reason`."""
    assert by is not None
    number, reason = needed(details, "finding"), needed(details, "reason")
    mine = {f.pk for f in reversible_findings(report, by, policy.actions_for(by, report))}
    finding = next((f for f in report.findings.all() if f.pk in mine and f.pk == number), None)
    if finding is None:
        raise TransitionNotAllowed(_("That finding does not stand, or is not yours to take back."))
    finding.reversed_by, finding.reversed_at = by, timezone.now()
    finding.save(update_fields=["reversed_by", "reversed_at"])
    return Effects({"grade": finding.grade, "finding": finding.pk}, sealed_note(report, reason))


def _propose_closing(report: Report, by: User | None, details: dict[str, Any]) -> Effects:
    """Needs `outcome` and `evidence_type`."""
    report.outcome = choice(details, "outcome", Outcome)
    report.evidence_type = choice(details, "evidence_type", EvidenceType)
    report.proposed_by = by
    return Effects({"outcome": report.outcome, "evidence_type": report.evidence_type})


def _close(report: Report, by: User | None, details: dict[str, Any]) -> Effects:
    """Serious categories need `evidence_type`: what the second person looked at themselves."""
    if not report.needs_countersignature:
        return Effects()
    report.evidence_type = choice(details, "evidence_type", EvidenceType)
    return Effects({"evidence_type": report.evidence_type})


def _send_back(report: Report, by: User | None, details: dict[str, Any]) -> Effects:
    """Needs `reason`. What was proposed stays in the log and nowhere else."""
    note = sealed_note(report, needed(details, "reason"))
    report.outcome = report.evidence_type = ""
    report.proposed_by = None
    return Effects({}, note)


def _contest(report: Report, by: User | None, details: dict[str, Any]) -> Effects:
    """Needs nothing; `words` of the reporter are sealed when there are any."""
    report.was_contested = report.is_unread = True
    report.assignee = None  # a chief decides who looks again
    _open_again(report)
    if report.needs_countersignature:  # whoever closed it is not alone in judging the closing
        report.escalation = Escalation.HQ
    words = (details.get("words") or "").strip()
    return Effects({}, sealed_note(report, words) if words else None)


def _reopen(report: Report, by: User | None, details: dict[str, Any]) -> Effects:
    """Needs `reason`."""
    note = sealed_note(report, needed(details, "reason"))
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
    "reverse_finding": _reverse_finding,
    "refer": referring.refer,
    "hand_over": referring.hand_over,
    "return": referring.take_answer,
    "propose_closing": _propose_closing,
    "close": _close,
    "send_back": _send_back,
    "contest": _contest,
    "reopen": _reopen,
}
