"""Finding the report that a receipt belongs to, and what guessing receipts costs.

The check digit tells slips of the pen, and they cost nothing. Who asks from a network for many
receipts that nobody has is asked for a captcha each time; with it, a right receipt always opens.
"""

from collections.abc import Mapping
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from reporting import captcha, limits, receipts
from reporting.captcha import Captcha, Verdict
from reporting.models import Report
from search.words import ascii_digits

TYPED_LIMIT = 200  # characters of a receipt, with whatever stands around it


class Question(NamedTuple):
    """The status form as it is shown: what was typed, and what is wrong with it."""

    typed: str = ""
    problem: str = ""
    captcha: Captcha | None = None
    captcha_problem: str = ""


class Asked(Exception):
    """No report is shown yet; the form asks this question."""

    def __init__(self, question: Question) -> None:
        super().__init__()
        self.question = question


class Found(NamedTuple):
    """A report and the 16 digits of its receipt."""

    report: Report
    number: str


def question(*, network: str, typed: str = "", challenge: str = captcha.PICTURE) -> Question:
    """The status form, with a captcha where guesses came from; `challenge` is its kind."""
    demands = limits.demands_captcha_to_look_up(network)
    return Question(typed[:TYPED_LIMIT], captcha=captcha.new(challenge) if demands else None)


def find(sent: Mapping[str, str], *, network: str) -> Found:
    """The report of the receipt that was sent. Raises Asked when there is something to mend."""
    typed, key = sent.get("receipt", "")[:TYPED_LIMIT], sent.get("captcha_0", "")
    demands = limits.demands_captcha_to_look_up(network)
    try:
        number = _number_in(typed)
    except ValidationError as error:
        again = captcha.shown_again(key) if demands else None
        raise Asked(Question(typed, str(error.message), again)) from None
    if demands and not receipts.is_proof(sent.get("proof", ""), number):
        _check_captcha(key, sent.get("captcha_1", ""), typed)
    report = Report.objects.of_receipt(number).first()
    if report is None:
        limits.note_guess(network)
        words = _("We have no report with this number. Please compare it with what you wrote down.")
        raise Asked(question(network=network, typed=typed)._replace(problem=words))
    return Found(report, number)


def _check_captcha(key: str, answer: str, typed: str) -> None:
    """Spends the captcha. Raises Asked with another one when it is not solved."""
    verdict = captcha.check(key, answer)
    if verdict is Verdict.RIGHT:
        if captcha.spend(key, answer):
            return
        verdict = Verdict.EXPIRED  # somebody else was quicker with the same one
    words = str(captcha.WORDS[verdict])
    raise Asked(Question(typed, captcha=captcha.after(verdict, key), captcha_problem=words))


def _number_in(typed: str) -> str:
    """The receipt in what was typed, whatever stands around its digits."""
    digits = "".join(ch for ch in ascii_digits(typed) if ch in "0123456789")
    if not digits:
        raise ValidationError(_("Please type the 16 digits of your receipt."))
    if len(digits) != receipts.LENGTH:
        raise ValidationError(
            _(
                "A receipt has 16 digits, and this has %(count)s. Please compare it with what "
                "you wrote down."
            )
            % {"count": len(digits)}
        )
    number = receipts.parse(digits)
    if number is None:
        raise ValidationError(
            _("One of the digits seems wrong. Please compare them with what you wrote down.")
        )
    return number
