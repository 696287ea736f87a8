"""What a report's page says, gathered from its rows. Only `opened` holds anything of its texts."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Case, Q, When
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from home.dates import format_day
from reporting.models import Finding, Referral, Report, SealedText, Stage, numbered
from reporting.querysets import ReportQuerySet
from reporting.texts import OpenedText
from reporting.views import staff_words as words
from reporting.views.staff_timeline import action_words, when, who

RELATIVES_SHOWN = 50

WORDS: dict[str, str | Promise] = {
    "narrative": gettext_lazy("What was seen"),
    "note": gettext_lazy("Note"),
    "reason": gettext_lazy("Reason"),
    "evidence": gettext_lazy("What it rests on"),
    "receiver": gettext_lazy("Who receives it there"),
    "purpose": gettext_lazy("What the agency was asked to do"),
    "pack": gettext_lazy("What the agency was told"),
    "answer": gettext_lazy("What the agency answered"),
    "message": gettext_lazy("What the reporter was written"),
    "reply": gettext_lazy("What the reporter answered"),
}


class Fact(NamedTuple):
    label: str
    value: str


def facts(report: Report) -> list[Fact]:
    """Everything that is known without opening a text."""
    now = timezone.now()
    age = words.age(report.received_at, now)
    found = [
        Fact(_("Status"), report.get_status_display()),
        Fact(_("Category"), str(report.category) if report.category else _("not chosen")),
        Fact(_("Place"), words.place(report) or _("not given")),
        Fact(_("When it was seen"), report.get_when_display()),
        Fact(_("Came in"), f"{words.hour(report.received_at)} ({age})"),
        Fact(_("Way in"), report.get_channel_display()),
        *(
            [Fact(_("How it was told"), report.get_contact_method_display())]
            if report.contact_method
            else []
        ),
        Fact(_("Written in"), language_name(report.language)),
        Fact(_("Queue"), words.queue(report.centre)),
        Fact(_("Assigned to"), words.assignee(report)),
    ]
    if report.due_at:
        found.append(
            Fact(_("Deadline"), f"{words.moment(report.due_at)} ({words.deadline(report, now)})")
        )
    if report.escalation:
        found.append(Fact(_("Told that the deadline passed"), report.get_escalation_display()))
    if report.outcome:
        found.append(Fact(_("Outcome"), report.get_outcome_display()))
        found.append(Fact(_("Type of evidence"), report.get_evidence_type_display()))
    if report.proposed_by:
        found.append(Fact(_("Closing proposed by"), words.person(report.proposed_by)))
    if report.reject_reason:
        found.append(Fact(_("Reason for rejecting"), report.get_reject_reason_display()))
    if report.was_contested:
        found.append(Fact(_("Contested"), _("The reporter asked for the closing to be looked at.")))
    return found


def brief(report: Report) -> list[Fact]:
    """The few facts that stand above a form."""
    return [
        Fact(_("Status"), report.get_status_display()),
        Fact(_("Category"), str(report.category) if report.category else _("not chosen")),
        Fact(_("Place"), words.place(report) or _("not given")),
        Fact(_("Deadline"), words.deadline(report, timezone.now())),
        *(
            [
                Fact(_("Outcome"), report.get_outcome_display()),
                Fact(_("Type of evidence"), report.get_evidence_type_display()),
            ]
            if report.outcome
            else []
        ),
    ]


def language_name(code: str) -> str:
    return str(dict(settings.LANGUAGES).get(code, code))


def findings(report: Report) -> list[dict[str, Any]]:
    """Every finding, the latest first, with those that were taken back."""
    return [
        {
            "grade": finding.grade,
            "reliability": finding.get_reliability_display(),
            "credibility": finding.get_credibility_display(),
            "who": words.person(finding.recorded_by),
            "at": words.moment(finding.recorded_at),
            "reversed": _reversal(finding),
        }
        for finding in reversed(report.findings.all())
    ]


def _reversal(finding: Finding) -> str:
    if not (finding.reversed_by and finding.reversed_at):
        return ""
    return _("Taken back by %(person)s, %(time)s.") % {
        "person": words.person(finding.reversed_by),
        "time": words.moment(finding.reversed_at),
    }


def referrals(report: Report) -> list[dict[str, Any]]:
    """Every referral, the latest first."""
    return [
        {
            "url": reverse("reports:referral", args=[report.reference, number]),
            "agency": referral.agency.name,
            "stage": referral.stage.label,
            "ran_out": ran_out(referral),
            "who": words.person(referral.referred_by),
            "at": words.moment(referral.referred_at),
            "until": format_day(referral.expires_on),
        }
        for number, referral in reversed(numbered(report).items())
    ]


def ran_out(referral: Referral) -> str:
    """The reminder of a referral that nobody answered in time."""
    if referral.stage != Stage.EXPIRED:
        return ""
    return _(
        "The referral ran out on %(day)s without an answer. Ask the agency, record its answer, or "
        "refer again."
    ) % {"day": format_day(referral.expires_on)}


class Relative(NamedTuple):
    reference: str
    url: str
    has_new_answer: bool


class Relatives(NamedTuple):
    """Other reports that a page names, as far as the person sees them."""

    into: Relative | None
    repeats: list[Relative]
    references: set[str]


def relatives(report: Report, *, visible: ReportQuerySet, named: Iterable[str]) -> Relatives:
    """The report that this one repeats, those that repeat it, and those that its log names."""
    is_repeat = Case(When(merged_into=report.pk, then=True), default=False)
    others = Q(merged_into=report.pk) | Q(reference__in=named)
    if report.merged_into_id:
        others |= Q(pk=report.merged_into_id)
    # The few that are named come first, so that no number of repeats cuts them off.
    found = visible.filter(others).annotate(is_repeat=is_repeat).order_by("is_repeat", "pk")
    rows = list(found.only("reference", "has_new_answer")[:RELATIVES_SHOWN])
    return Relatives(
        into=next((_relative(row) for row in rows if row.pk == report.merged_into_id), None),
        repeats=[_relative(row) for row in rows if row.is_repeat],
        references={row.reference for row in rows},
    )


def _relative(report: Report) -> Relative:
    url = reverse("reports:report", args=[report.reference])
    return Relative(report.reference, url, report.has_new_answer)


@dataclass(frozen=True)
class OpenedPart:
    """One opened text with what it belongs to."""

    heading: str
    origin: str
    language: str
    parts: list[Fact] = field(repr=False)


def opened(report: Report, opened_texts: list[OpenedText]) -> list[OpenedPart]:
    """The opened texts in the order they were written, each with who wrote it, when and why."""
    origins = _origins(report)
    kinds = dict(SealedText.Kind.choices)
    return [
        OpenedPart(
            heading=str(kinds.get(text.kind, text.kind)).capitalize(),
            origin=origins.get(text.pk, ""),
            language=report.language if text.kind == SealedText.Kind.NARRATIVE else "",
            parts=[
                Fact(str(WORDS.get(name, name)), value)
                for name, value in text.words.items()
                if value
            ],
        )
        for text in opened_texts
    ]


def _origins(report: Report) -> dict[int, str]:
    """By sealed text: who wrote it, when, and with which step."""
    found: dict[int, str] = {}
    for entry in report.log.exclude(note=None).select_related("user"):
        assert entry.note_id is not None
        found[entry.note_id] = f"{who(entry)}, {when(entry)}: {action_words(entry)}"
    for finding in report.findings.all():
        found[finding.reason_id] = (
            f"{words.person(finding.recorded_by)}, {words.moment(finding.recorded_at)}: "
            f"{finding.grade}"
        )
    for referral in report.referrals.all():
        made = f"{words.person(referral.referred_by)}, {words.moment(referral.referred_at)}"
        found[referral.pack_id] = f"{made}: {referral.agency}"
        if referral.answer_id:
            found[referral.answer_id] = str(referral.agency)
    return found
