"""What a reporter reads about their report: what happens, never who does it or where it lies."""

from datetime import date
from itertools import groupby
from typing import NamedTuple

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reporting.models import Report, Status


class Words(NamedTuple):
    """A status in plain words: a short heading and one sentence."""

    heading: str | Promise
    sentence: str | Promise


class Stage(NamedTuple):
    """One line of the timeline; without a day it has not happened yet."""

    title: str | Promise
    day: date | None = None
    is_current: bool = False


WORDS: dict[str, Words] = {
    Status.RECEIVED: Words(
        _("Your report has arrived"),
        _("It is waiting to be read by an officer. There is nothing you need to do."),
    ),
    Status.QUEUED: Words(
        _("Your report has been taken up"),
        _("The facts will be checked next."),
    ),
    Status.VERIFYING: Words(
        _("The facts are being checked"),
        _("Officers are finding out what happened. This can take a while."),
    ),
    Status.REFERRED: Words(
        _("It has been passed on to those who can act"),
        _("The officers have passed the matter on to an agency that is responsible for it."),
    ),
    Status.CLOSING: Words(
        _("The result is being summed up"),
        _("The check is nearly finished."),
    ),
    Status.CLOSED: Words(
        _("The work on your report is finished"),
        _("To keep everybody safe, we do not write here what was done. Thank you for telling us."),
    ),
    Status.REJECTED: Words(
        _("We could not take this report further"),
        _("The coordination centres cannot act on it. If you know more, please send a new report."),
    ),
    Status.MERGED: Words(
        _("Your report has been put together with another one"),
        _("It is about the same matter as another report, and is handled together with it."),
    ),
}

CONTESTED = Words(
    _("We have your request for a review"),
    _("The report is open again, and the facts will be looked at once more."),
)

# Steps that the reporter reads about. Moving between queues, assigning and grading are left out:
# they tell about offices and people, not about what was reported.
STAGES: dict[str, str | Promise] = {
    "receive": _("Report arrived"),
    "message": _("The office has written to you"),
    "accept": _("Taken up"),
    "verify": _("Checking the facts"),
    "refer": _("Passed on to those who can act"),
    "return": _("Checking the facts again"),
    "close": _("Finished"),
    "reject": _("Not taken further"),
    "merge": _("Put together with the same matter"),
    "contest": _("You asked for a review"),
    "reopen": _("Taken up again"),
}

# Where a report stands, in the words of its stages. That closing was proposed, or sent back, is
# between officers.
STANDS_AT: dict[str, str | Promise] = {
    Status.RECEIVED: STAGES["receive"],
    Status.QUEUED: STAGES["accept"],
    Status.VERIFYING: STAGES["verify"],
    Status.REFERRED: STAGES["refer"],
    Status.CLOSING: STAGES["verify"],
    Status.CLOSED: STAGES["close"],
    Status.REJECTED: STAGES["reject"],
    Status.MERGED: STAGES["merge"],
}


def words_for(report: Report) -> Words:
    is_under_review = report.was_contested and report.status == Status.QUEUED
    return CONTESTED if is_under_review else WORDS[report.status]


# What happens beside the way of a report, and does not lead it on.
BESIDE = frozenset({"message"})


def timeline(report: Report) -> list[Stage]:
    """What has happened, oldest first, to the day; and the end that an open report still has.

    Several messages in a row on one day are one line.
    """
    entries = report.log.filter(action__in=STAGES).order_by("number")
    days = ((action, timezone.localdate(at)) for action, at in entries.values_list("action", "at"))
    steps = [step for step, _repeats in groupby(days)]
    current = max(number for number, (action, _day) in enumerate(steps) if action not in BESIDE)
    stages = [
        Stage(STAGES[action], day, is_current=number == current)
        for number, (action, day) in enumerate(steps)
    ]
    if report.is_open:
        stages.append(Stage(STAGES["close"]))
    return stages
