"""A report's history in words. It is made from choices alone: sealed words never enter it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from home.dates import format_day
from home.models import User
from reporting.models import (
    Channel,
    Escalation,
    EvidenceType,
    LogEntry,
    Outcome,
    RejectReason,
    Report,
)
from reporting.models.log import READINGS
from reporting.sealing import HQ
from reporting.views import staff_words as words
from reporting.views.staff_lists import centres

# The page stays bounded however often a report is opened; the auditors' log holds everything.
LATEST = 200

# What each action is called where there is no room for details.
ACTIONS: dict[str, str | Promise] = {
    "receive": gettext_lazy("The report came in."),
    "read": gettext_lazy("Opened what was written."),
    "add_file": gettext_lazy("Added a file."),
    "check_file": gettext_lazy("Opened a file to check and clean it."),
    "open_file": gettext_lazy("Opened a file."),
    "ask_original": gettext_lazy("Asked for a file as it was sent."),
    "allow_original": gettext_lazy("Allowed a colleague to open a file as it was sent."),
    "open_original": gettext_lazy("Opened a file as it was sent."),
    "read_referral": gettext_lazy("Opened a referral."),
    "print_referral": gettext_lazy("Opened the sheet of a referral to print it."),
    "download_referral": gettext_lazy("Saved a referral as a PDF."),
    "compare": gettext_lazy("Had a referral compared with what the reporter wrote."),
    "sketch": gettext_lazy("Compared what was written with other reports, shown to nobody."),
    "escalate": gettext_lazy("The deadline passed."),
    "accept": gettext_lazy("Accepted the report into the queue."),
    "reroute": gettext_lazy("Sent the report to another queue."),
    "reject": gettext_lazy("Rejected the report."),
    "merge": gettext_lazy("Marked the report as a duplicate."),
    "absorb": gettext_lazy("Took in another report of the same matter."),
    "assign": gettext_lazy("Assigned the report."),
    "release": gettext_lazy("Assigned to nobody: the person left this queue."),
    "verify": gettext_lazy("Began to check the facts."),
    "record_finding": gettext_lazy("Recorded a finding."),
    "reverse_finding": gettext_lazy("Took a finding back."),
    "refer": gettext_lazy("Referred the report to an agency."),
    "hand_over": gettext_lazy("Handed a referral over."),
    "return": gettext_lazy("Recorded the agency's answer."),
    "propose_closing": gettext_lazy("Proposed closing."),
    "close": gettext_lazy("Closed the report."),
    "send_back": gettext_lazy("Sent the proposed closing back."),
    "contest": gettext_lazy("Asked for the closing to be looked at again."),
    "reopen": gettext_lazy("Reopened the report."),
    "message": gettext_lazy("Wrote to the reporter."),
    "reply": gettext_lazy("Answered the office."),
}
FOLLOWS_A_REPORTER = frozenset({"sketch", "check_file"})


@dataclass(frozen=True)
class Event:
    """One step of a report's history: who, what, when, and the choices made."""

    at: str
    who: str
    what: str
    detail: str
    is_reading: bool


def latest(report: Report) -> list[LogEntry]:
    """The latest steps of a report, oldest first."""
    return list(report.log.select_related("user").order_by("-number")[:LATEST])[::-1]


def named(entries: Iterable[LogEntry]) -> set[str]:
    """References of other reports that the steps name."""
    return {entry.data["into"] for entry in entries if "into" in entry.data}


def timeline(entries: list[LogEntry], report: Report, *, references: set[str]) -> list[Event]:
    """The steps in words. `references` are the other reports that the reader may hear of."""
    names = _Names(entries, report, references)
    return [
        Event(
            at=when(entry),
            who=who(entry),
            what=action_words(entry),
            detail=names.detail(entry),
            is_reading=entry.action in READINGS,
        )
        for entry in entries
    ]


def when(entry: LogEntry) -> str:
    """A reporter's step, and what follows it by itself, is kept to the hour and shown so."""
    is_coarse = entry.actor == LogEntry.Actor.REPORTER or entry.action in FOLLOWS_A_REPORTER
    return words.hour(entry.at) if is_coarse else words.moment(entry.at)


def who(entry: LogEntry) -> str:
    return words.person(entry.user) if entry.user else str(entry.get_actor_display())


def action_words(entry: LogEntry) -> str:
    known = ACTIONS.get(entry.action)
    return str(known) if known else _("Another step: %(name)s.") % {"name": entry.action}


class _Names:
    """Knows whom and what the data of the entries point to; asks once for those it does not."""

    def __init__(self, entries: Iterable[LogEntry], report: Report, references: set[str]) -> None:
        known = [report.assignee, *(entry.user for entry in entries)]
        self.people = {person.pk: person for person in known if person}
        assigned = {entry.data["assignee"] for entry in entries if "assignee" in entry.data}
        if unknown := assigned - self.people.keys():
            self.people |= User.objects.in_bulk(unknown)
        self.centres = {centre.key_name: centre for centre in centres().values()}
        self.agencies = {one.agency_id: one.agency.name for one in report.referrals.all()}
        # A report that has left the person's queues since is not named to them.
        self.references = references

    def detail(self, entry: LogEntry) -> str:
        make = getattr(self, f"of_{entry.action}", None)
        return make(entry.data) if make else ""

    def _queue(self, name: str | None) -> str:
        if name == HQ:
            return words.project_office()
        centre = self.centres.get(name or "")
        return str(centre) if centre else str(name or "")

    def _agency(self, code: str | None) -> str:
        return self.agencies.get(code or "", code or "")

    def of_receive(self, data: dict) -> str:
        return _("By: %(channel)s. Queue: %(queue)s.") % {
            "channel": _label(Channel, data.get("channel")),
            "queue": self._queue(data.get("queue")),
        }

    def of_add_file(self, data: dict) -> str:
        return _("File %(number)s.") % {"number": data.get("file", "")}

    of_check_file = of_open_file = of_add_file
    of_ask_original = of_open_original = of_allow_original = of_add_file

    def of_reroute(self, data: dict) -> str:
        return _("From %(sender)s to %(receiver)s.") % {
            "sender": self._queue(data.get("queue")),
            "receiver": self._queue(data.get("to_queue")),
        }

    def of_reject(self, data: dict) -> str:
        return _("Reason: %(reason)s.") % {"reason": _label(RejectReason, data.get("reason"))}

    def of_merge(self, data: dict) -> str:
        reference = data.get("into", "")
        if reference not in self.references:
            return _("It repeats a report of another queue.")
        return _("It repeats %(reference)s.") % {"reference": reference}

    def of_assign(self, data: dict) -> str:
        assignee = self.people.get(data.get("assignee", 0))
        return _("To: %(person)s.") % {"person": words.person(assignee)} if assignee else ""

    def of_release(self, data: dict) -> str:
        former = self.people.get(data.get("assignee", 0))
        return _("It was with %(person)s.") % {"person": words.person(former)} if former else ""

    def of_record_finding(self, data: dict) -> str:
        return _("Grade: %(grade)s.") % {"grade": data.get("grade", "")}

    def of_refer(self, data: dict) -> str:
        return _("To: %(agency)s. May be used until %(day)s.") % {
            "agency": self._agency(data.get("agency")),
            "day": _day(data.get("expires_on")),
        }

    def of_return(self, data: dict) -> str:
        return _("Agency: %(agency)s.") % {"agency": self._agency(data.get("agency"))}

    of_hand_over = of_read_referral = of_print_referral = of_download_referral = of_return
    of_reverse_finding = of_record_finding

    def of_close(self, data: dict) -> str:
        if "evidence_type" not in data:
            return ""
        evidence = _label(EvidenceType, data["evidence_type"])
        return _("Looked at as the second person: %(evidence)s.") % {"evidence": evidence}

    def of_propose_closing(self, data: dict) -> str:
        return _("Outcome: %(outcome)s. Evidence: %(evidence)s.") % {
            "outcome": _label(Outcome, data.get("outcome")),
            "evidence": _label(EvidenceType, data.get("evidence_type")),
        }

    def of_escalate(self, data: dict) -> str:
        told = {level.name.lower(): level.label for level in Escalation}
        return _("Told: %(person)s.") % {"person": told.get(data.get("told", ""), "")}


def _label(choices, value: str | None) -> str:
    return str(dict(choices.choices).get(value, value or ""))


def _day(iso: str | None) -> str:
    return format_day(date.fromisoformat(iso)) if iso else ""
