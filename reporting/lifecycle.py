"""What happens to a report: the whole machine as one table, and the one function that walks it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from home.models import User
from reporting import audience, deadlines, history, permissions, referring
from reporting.effects import EFFECTS, reversible_findings
from reporting.models import LogEntry, Report, Status
from reporting.needs import Effects, TransitionNotAllowed
from reporting.permissions import policy
from reporting.routing import queue_name

S = Status
Actions = frozenset[str]


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
        _("Assign"),
        frozenset({S.QUEUED, S.VERIFYING, S.REFERRED, S.CLOSING}),
        None,
        permissions.INVESTIGATE,
    ),
    "verify": Transition(
        _("Check the facts"), frozenset({S.QUEUED}), S.VERIFYING, permissions.INVESTIGATE
    ),
    "record_finding": Transition(
        _("Record a finding"), frozenset({S.VERIFYING}), None, permissions.INVESTIGATE
    ),
    "reverse_finding": Transition(
        _("Take a finding back"), frozenset({S.VERIFYING}), None, permissions.INVESTIGATE
    ),
    "refer": Transition(
        _("Refer to an agency"), frozenset({S.VERIFYING}), S.REFERRED, permissions.INVESTIGATE
    ),
    "hand_over": Transition(
        _("Record that it was handed over"),
        frozenset({S.REFERRED}),
        None,
        permissions.INVESTIGATE,
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
    "send_back": Transition(
        _("Send the proposal back"),
        frozenset({S.CLOSING}),
        S.VERIFYING,
        permissions.INVESTIGATE,
    ),
    "contest": Transition(_("Contest the closing"), frozenset({S.CLOSED}), S.QUEUED, BY_RECEIPT),
    "reopen": Transition(
        _("Reopen"),
        frozenset({S.CLOSED, S.REJECTED, S.MERGED}),
        S.QUEUED,
        permissions.REOPEN,
    ),
}


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
    actions = policy.actions_for(user, report)
    return [
        Step(name, step.label, _obstacle(report, name, user, actions))
        for name, step in TRANSITIONS.items()
        if report.status in step.sources and step.permission != BY_RECEIPT
    ]


def obstacle(report: Report, name: str, *, by: User | None) -> Obstacle | None:
    """What keeps somebody from taking a step; None when nothing does. `by` None is the reporter."""
    actions = policy.actions_for(by, report) if by else frozenset()
    return _obstacle(report, name, by, actions)


def _obstacle(report: Report, name: str, by: User | None, actions: Actions) -> Obstacle | None:
    step = TRANSITIONS[name]
    if not _may(step, by, actions):
        return Obstacle(_("Your role does not allow this step."), is_permission=True)
    if report.status not in step.sources:
        return Obstacle(_("The report has moved on; this step is no longer possible."))
    rule = RULES.get(name)
    return rule(report, by, actions) if rule else None


@transaction.atomic
def move(report: Report, name: str, *, by: User | None, **details: Any) -> Report:
    """Takes a report one step along its lifecycle and records who did it and why.

    `by` is the person, or None for the reporter whose receipt the caller has verified. `details`
    is what the step needs; see effects.py. Raises PermissionDenied, or
    TransitionNotAllowed when the report has moved on or something needed is missing.
    """
    step = TRANSITIONS[name]
    report = Report.objects.select_for_update(of=("self",)).get(pk=report.pk)
    if hindrance := obstacle(report, name, by=by):
        if hindrance.is_permission:
            raise PermissionDenied
        raise TransitionNotAllowed(hindrance.sentence)
    before = {"from": report.status, "queue": queue_name(report.centre)}
    effect = EFFECTS.get(name)
    left = effect(report, by, details) if effect else Effects()
    if step.target is not None:
        report.status = step.target
        report.is_unread = report.is_unread and report.is_open  # what is finished waits for nobody
        now = timezone.now()
        # A reporter's moment is kept to the hour, in the clock as in the log.
        deadlines.start_clock(report, since=now if by else history.to_the_hour(now))
    report.save()
    history.append(
        report,
        name,
        actor=LogEntry.Actor.STAFF if by else LogEntry.Actor.REPORTER,
        user=by,
        data={**before, "to": report.status, **left.data},
        note=left.note,
    )
    audience.owe(report, name, by=by)
    return report


def _may(step: Transition, by: User | None, actions: Actions) -> bool:
    if step.permission == BY_RECEIPT:
        return by is None
    if step is TRANSITIONS["assign"]:  # a chief for others, an officer for themselves
        return bool(actions & {permissions.ASSIGN, permissions.INVESTIGATE})
    return step.permission in actions


# --- Rules beyond status and role ---------------------------------------------------------------


def _rule_reroute(report: Report, by: User | None, actions: Actions) -> Obstacle | None:
    if report.concerns_official:
        return Obstacle(_("A report that concerns a local official stays with the project office."))
    return None


def _rule_propose_closing(report: Report, by: User | None, actions: Actions) -> Obstacle | None:
    if not any(
        finding.is_standing and finding.recorded_at >= report.opened_at
        for finding in report.findings.all()
    ):
        return Obstacle(_("Record a finding first."))
    return None


def _rule_reverse_finding(report: Report, by: User | None, actions: Actions) -> Obstacle | None:
    if not any(finding.is_standing for finding in report.findings.all()):
        return Obstacle(_("No finding stands."))
    if by and not reversible_findings(report, by, actions):
        return Obstacle(_("The one who recorded a finding, a chief or a secretary takes it back."))
    return None


def _rule_hand_over(report: Report, by: User | None, actions: Actions) -> Obstacle | None:
    if not referring.referrals_to_hand_over(report):
        return Obstacle(_("No referral waits to be handed over."))
    return None


def _rule_return(report: Report, by: User | None, actions: Actions) -> Obstacle | None:
    if not referring.referrals_without_answer(report):
        return Obstacle(_("Every referral of this report has its answer."))
    return None


def _rule_send_back(report: Report, by: User | None, actions: Actions) -> Obstacle | None:
    if by and not (report.proposed_by_id == by.pk or permissions.COUNTERSIGN in actions):
        return Obstacle(_("The one who proposed closing, a chief or a secretary sends it back."))
    return None


def _rule_close(report: Report, by: User | None, actions: Actions) -> Obstacle | None:
    assert by is not None
    may_countersign = permissions.COUNTERSIGN in actions
    is_proposer = report.proposed_by_id == by.pk
    if report.needs_countersignature:
        if is_proposer:
            return Obstacle(_("Somebody other than the one who proposed it must close it."))
        if not may_countersign:
            return Obstacle(_("A chief or secretary must close a report of this category."))
    elif not (is_proposer or may_countersign):
        return Obstacle(_("The one who proposed closing, a chief or a secretary closes it."))
    return None


def _rule_contest(report: Report, by: User | None, actions: Actions) -> Obstacle | None:
    if report.was_contested:
        return Obstacle(_("A closing can be contested once."))
    return None


RULES: dict[str, Callable[[Report, User | None, Actions], Obstacle | None]] = {
    "reroute": _rule_reroute,
    "reverse_finding": _rule_reverse_finding,
    "hand_over": _rule_hand_over,
    "return": _rule_return,
    "propose_closing": _rule_propose_closing,
    "send_back": _rule_send_back,
    "close": _rule_close,
    "contest": _rule_contest,
}
