"""What a referral's sheet says: the officer's words and a fixed list of facts, in Thai.

It is made from a referral's own sealed words and from Facts. Nothing here sees what a reporter
wrote, when they wrote, by what way, or in which language.
"""

from typing import NamedTuple

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from home.dates import format_day
from home.models import User
from reporting.models import Referral, Report
from reporting.views import staff_words as staff

# Partner agencies are Thai offices, whatever language the officer's screens speak.
LANGUAGE = "th"


class Facts(NamedTuple):
    """All that leaves the building beside the officer's words."""

    reference: str
    number: int
    centre: str
    agency: str
    category: str
    place: str
    when: str
    made_on: str
    until: str


class Part(NamedTuple):
    heading: str
    words: str


class Sheet(NamedTuple):
    """A referral as it is printed, whatever it is printed with."""

    title: str
    centre: str
    reference: str
    watermark: str
    notices: list[str]
    rows: list[Part]
    parts: list[Part]
    answer: str
    answer_lines: list[str]


def facts_of(report: Report, referral: Referral, *, number: int) -> Facts:
    with translation.override(LANGUAGE):
        return Facts(
            reference=report.reference,
            number=number,
            centre=staff.queue(report.centre),
            agency=referral.agency.name,
            category=str(report.category) if report.category else _("not chosen"),
            place=staff.place(report) or _("not given"),
            when=report.get_when_display(),
            made_on=format_day(timezone.localdate(referral.referred_at)),
            until=format_day(referral.expires_on),
        )


def sheet(facts: Facts, words: dict[str, str], *, viewer: User) -> Sheet:
    """The sheet that this person sees now: their name and the time are all over it."""
    with translation.override(LANGUAGE):
        reference = f"{facts.reference}/{facts.number}"
        return Sheet(
            title=_("Referral to an agency"),
            centre=facts.centre,
            reference=reference,
            watermark=" · ".join(
                [staff.person(viewer), staff.moment(timezone.now()), facts.reference]
            ),
            notices=[
                _(
                    "Confidential. For the receiver named here only. To be used until %(day)s, "
                    "and to be destroyed afterwards."
                )
                % {"day": facts.until}
            ],
            rows=[
                Part(_("Reference"), reference),
                Part(_("Made on"), facts.made_on),
                Part(_("Agency"), facts.agency),
                *([Part(_("Receiver"), words["receiver"])] if words.get("receiver") else []),
                Part(_("Subject"), facts.category),
                Part(_("Place"), facts.place),
                Part(_("Seen, counted from the day of the report"), facts.when),
            ],
            parts=[
                Part(_("What the agency is asked to do"), words["purpose"]),
                Part(_("What the agency is told"), words["pack"]),
            ],
            answer=_("Answer of the agency"),
            answer_lines=[_("Signature"), _("Name"), _("Position"), _("Date")],
        )
