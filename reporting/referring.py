"""Referring a report to a partner agency: the hand-over, and what comes back."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from home.models import User
from reporting import verbatim
from reporting.models import Agency, Referral, Report, SealedText, Stage, numbered
from reporting.needs import Effects, TransitionNotAllowed, needed
from reporting.texts import open_words_of_the_reporter, seal_text


def refer(report: Report, by: User | None, details: dict[str, Any]) -> Effects:
    """Needs `agency` (a code), `receiver`, `purpose`, `pack` and `expires_on`.

    The words are the officer's own: none that repeats a passage of the reporter's is taken.
    """
    assert by is not None
    agency = Agency.objects.offered().filter(code=needed(details, "agency")).first()
    if agency is None:
        raise TransitionNotAllowed(_("One of the choices is not on the list."))
    expires_on: date = needed(details, "expires_on")
    if expires_on < timezone.localdate():
        raise TransitionNotAllowed(_("The referral must not expire before today."))
    if expires_on > timezone.localdate() + timedelta(days=366):
        raise TransitionNotAllowed(
            _("The referral must expire within a year. Please write the year as in 2026.")
        )
    words = {name: needed(details, name) for name in ("receiver", "purpose", "pack")}
    _refuse_the_reporters_words(report, by, words)
    Referral.objects.create(
        report=report,
        agency=agency,
        expires_on=expires_on,
        pack=seal_text(report, SealedText.Kind.PACK, words),
        referred_by=by,
    )
    return Effects({"agency": agency.code, "expires_on": expires_on.isoformat()})


def _refuse_the_reporters_words(report: Report, by: User, words: dict[str, str]) -> None:
    """Opens what the reporter wrote, for this person and logged, and compares.

    When the referral is refused, the log entry goes with the step: what it told, that a passage is
    the reporter's, was told to somebody who may read all of it.
    """
    for opened in open_words_of_the_reporter(report, by=by):
        for theirs in opened.words.values():
            if any(verbatim.repeats(ours, theirs) for ours in words.values()):
                raise TransitionNotAllowed(
                    _(
                        "A passage is copied from what the reporter wrote. Say it in your own "
                        "words: how somebody writes can tell who they are."
                    )
                )


def referrals_without_answer(report: Report) -> dict[int, Referral]:
    """By their number within the report."""
    return {number: one for number, one in numbered(report).items() if not one.answer_id}


def referrals_to_hand_over(report: Report) -> dict[int, Referral]:
    """By their number within the report."""
    found = numbered(report).items()
    return {number: one for number, one in found if one.stage == Stage.PREPARED}


def _chosen(found: dict[int, Referral], details: dict[str, Any]) -> tuple[int, Referral]:
    """The referral with the number `referral`, or the latest one."""
    number = int(details.get("referral") or max(found, default=0))
    if number not in found:
        raise TransitionNotAllowed(_("That referral cannot take this step now."))
    return number, found[number]


def hand_over(report: Report, by: User | None, details: dict[str, Any]) -> Effects:
    """Takes `referral`, a number; the latest without one."""
    number, referral = _chosen(referrals_to_hand_over(report), details)
    referral.handed_over_by, referral.handed_over_at = by, timezone.now()
    referral.save(update_fields=["handed_over_by", "handed_over_at"])
    return Effects({"agency": referral.agency_id, "referral": number})


def take_answer(report: Report, by: User | None, details: dict[str, Any]) -> Effects:
    """Needs `answer`, what the agency said; takes `referral`, a number, the latest without one."""
    words = {"answer": needed(details, "answer")}
    number, referral = _chosen(referrals_without_answer(report), details)
    referral.answer = seal_text(report, SealedText.Kind.ANSWER, words)
    referral.save(update_fields=["answer"])
    return Effects({"agency": referral.agency_id, "referral": number})
