"""What happens to a report: the whole machine as one table, and the one function that walks it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from home.models import User
from reporting import deadlines, history, permissions
from reporting.models import (
    Agency,
    CoordinationCentre,
    Credibility,
    EvidenceType,
    Finding,
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

S = Status


class Transition(NamedTuple):
    """One row of the table. Without a target the status stays as it is."""

    label: str | Promise
    sources: frozenset[Status]
    target: Status | None
    permission: str


# Contesting is not a right of staff: whoever holds the receipt may, once.
BY_RECEIPT = "by receipt"

TRANSITIONS = {
    "accept": Transition(
        _("Accept into the queue"), frozenset({S.RECEIVED}), S.QUEUED, permissions.MODERATE
    ),
    "reroute": Transition(
        _("Send to another district"),
        frozenset({S.RECEIVED, S.QUEUED, S.VERIFYING}),
        S.RECEIVED,
        permissions.MODERATE,
    ),
    "reject": Transition(
        _("Reject the report"), frozenset({S.RECEIVED}), S.REJECTED, permissions.MODERATE
    ),
    "merge": Transition(
        _("Mark as duplicate"),
        frozenset({S.RECEIVED, S.QUEUED, S.VERIFYING}),
        S.MERGED,
        permissions.MODERATE,
    ),
    "assign": Transition(
        _("Assign"), frozenset({S.QUEUED, S.VERIFYING}), None, permissions.INVESTIGATE
    ),
    "verify": Transition(
        _("Check the facts"), frozenset({S.QUEUED}), S.VERIFYING, permissions.INVESTIGATE
    ),
    "record_finding": Transition(
        _("Record a finding"), frozenset({S.VERIFYING}), None, permissions.INVESTIGATE
    ),
    "refer": Transition(
        _("Refer to an agency"), frozenset({S.VERIFYING}), S.REFERRED, permissions.INVESTIGATE
    ),
    "return": Transition(
        _("Record the agency's answer"),
        frozenset({S.REFERRED}),
        S.VERIFYING,
        permissions.INVESTIGATE,
    ),
    "propose_closing": Transition(
        _("Propose closing"),
        frozenset({S.VERIFYING, S.REFERRED}),
        S.CLOSING,
        permissions.INVESTIGATE,
    ),
    "close": Transition(
        _("Close the report"), frozenset({S.CLOSING}), S.CLOSED, permissions.INVESTIGATE
    ),
    "contest": Transition(_("Contest the closing"), frozenset({S.CLOSED}), S.QUEUED, BY_RECEIPT),
    "reopen": Transition(
        _("Reopen"),
        frozenset({S.CLOSED, S.REJECTED, S.MERGED}),
        S.QUEUED,
        permissions.REOPEN,
    ),
}


class TransitionNotAllowed(Exception):
    """The report cannot take this step now; the message says why, for the person who tried."""


class Obstacle(NamedTuple):
    """Why a step cannot be taken, and whether that is for want of a right."""

    sentence: str | Promise
    is_permission: bool = False


class Step(NamedTuple):
    """A transition as one person meets it on one report."""

    name: str
    label: str | Promise
    obstacle: Obstacle | None


def steps_for(report: Report, user: User) -> list[Step]:
    """Every step that leads on from the report's status, and what stands in this person's way."""
    return [
        Step(name, step.label, obstacle(report, name, by=user))
        for name, step in TRANSITIONS.items()
        if report.status in step.sources and step.permission != BY_RECEIPT
    ]


def obstacle(report: Report, name: str, *, by: User | None) -> Obstacle | None:
    """What keeps somebody from taking a step; None when nothing does. `by` None is the reporter."""
    step = TRANSITIONS[name]
    if not _may(report, step, by):
        return Obstacle(_("Your role does not allow this step."), is_permission=True)
    if report.status not in step.sources:
        return Obstacle(_("The report has moved on; this step is no longer possible."))
    rule = RULES.get(name)
    return rule(report, by) if rule else None


@transaction.atomic
def move(report: Report, name: str, *, by: User | None, **details: Any) -> Report:
    """Takes a report one step along its lifecycle and records who did it and why.

    `by` is the person, or None for the reporter whose receipt the caller has verified. `details`
    is what the step needs; see the functions under "What a step needs". Raises PermissionDenied,
    or TransitionNotAllowed when the report has moved on or something needed is missing.
    """
    step = TRANSITIONS[name]
    report = Report.objects.select_for_update(of=("self",)).get(pk=report.pk)
    if hindrance := obstacle(report, name, by=by):
        if hindrance.is_permission:
            raise PermissionDenied
        raise TransitionNotAllowed(hindrance.sentence)
    before = {"from": report.status, "queue": queue_name(report.centre)}
    effect = EFFECTS.get(name)
    effects = effect(report, by, details) if effect else Effects()
    if step.target is not None:
        report.status = step.target
        now = timezone.now()
        # A reporter's moment is kept to the hour, in the clock as in the log.
        deadlines.start_clock(report, since=now if by else history.to_the_hour(now))
    report.save()
    history.append(
        report,
        name,
        actor=LogEntry.Actor.STAFF if by else LogEntry.Actor.REPORTER,
        user=by,
        data={**before, "to": report.status, **effects.data},
        note=effects.note,
    )
    return report


def _may(report: Report, step: Transition, by: User | None) -> bool:
    if step.permission == BY_RECEIPT:
        return by is None
    if by is None:
        return False
    actions = policy.actions_for(by, report)
    if step is TRANSITIONS["assign"]:  # a chief for others, an officer for themselves
        return bool(actions & {permissions.ASSIGN, permissions.INVESTIGATE})
    return step.permission in actions


# --- Rules beyond status and role ---------------------------------------------------------------


def _rule_reroute(report: Report, by: User | None) -> Obstacle | None:
    if report.concerns_official:
        return Obstacle(_("A report that concerns a local official stays with the project office."))
    return None


def _rule_propose_closing(report: Report, by: User | None) -> Obstacle | None:
    if not report.findings.filter(recorded_at__gte=report.opened_at).exists():
        return Obstacle(_("Record a finding first."))
    return None


def _rule_close(report: Report, by: User | None) -> Obstacle | None:
    assert by is not None
    may_countersign = permissions.COUNTERSIGN in policy.actions_for(by, report)
    is_proposer = report.proposed_by_id == by.pk
    if report.needs_countersignature:
        if is_proposer:
            return Obstacle(_("Somebody other than the one who proposed it must close it."))
        if not may_countersign:
            return Obstacle(_("A chief or secretary must close a report of this category."))
    elif not (is_proposer or may_countersign):
        return Obstacle(_("The one who proposed closing, a chief or a secretary closes it."))
    return None


def _rule_contest(report: Report, by: User | None) -> Obstacle | None:
    if report.was_contested:
        return Obstacle(_("A closing can be contested once."))
    return None


RULES: dict[str, Callable[[Report, User | None], Obstacle | None]] = {
    "reroute": _rule_reroute,
    "propose_closing": _rule_propose_closing,
    "close": _rule_close,
    "contest": _rule_contest,
}


# --- What a step needs, and what it changes -----------------------------------------------------


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
    reseal_texts(report)
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
    if into.status in {S.MERGED, S.REJECTED}:
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
    report.was_contested = True
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
