"""receive(): the one door. Every channel comes through here, and leaves with a receipt."""

from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from home.models import District, Subdistrict
from reporting import deadlines, filing, history, receipts, routing, sealing
from reporting.audience import ANNOUNCE
from reporting.models import Category, Channel, LogEntry, Report, SealedText, When
from reporting.models.settings import settings_of_late
from reporting.texts import sealed_text
from work import ledger

NARRATIVE_LIMIT = 20_000  # characters: some ten written pages
ATTEMPTS = 5


class IntakeRefused(ValueError):
    """What arrived cannot become a report; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """What somebody tells, by whatever channel. Nothing in it says who they are."""

    category: Category | None = None
    district: District | None = None
    subdistrict: Subdistrict | None = None
    when: str = When.UNKNOWN
    narrative: str = field(default="", repr=False)
    is_urgent: bool = False
    concerns_official: bool = False
    channel: str = Channel.WEB
    contact_method: str = ""
    language: str = "th"


@dataclass(frozen=True)
class Receipt:
    """What the reporter takes away."""

    number: str = field(repr=False)
    report: Report
    is_repeat: bool

    @property
    def grouped(self) -> str:
        return receipts.grouped(self.number)

    @property
    def proof(self) -> str:
        return receipts.proof(self.number)


def receive(arrival: Arrival, *, token: str) -> Receipt:
    """Files a report: sealed, routed, logged, on its clock and to be announced, at once.

    The same token files one report however often it is sent, and always returns the same
    receipt. Raises IntakeRefused when there is nothing to file, and sealing.SealingUnavailable
    when it could not be sealed: then nothing is kept, and the caller keeps what was typed.
    """
    _check(arrival, token)
    for attempt in range(ATTEMPTS):
        number = receipts.issue(token, attempt)
        if report := _file(arrival, token, number):
            return Receipt(number, report, is_repeat=False)
        # The token filed a report before, or two receipts met: look, then try again.
        if repeat := repeat_of(token):
            return repeat
    raise IntakeRefused(_("The report could not be filed. Please send it once more."))


def _check(arrival: Arrival, token: str) -> None:
    if not arrival.category and not arrival.narrative.strip():
        raise IntakeRefused(_("Choose what it is about, or write what you saw."))
    if len(arrival.narrative) > NARRATIVE_LIMIT:
        raise IntakeRefused(_("The text is too long for one report."))
    if len(token) < receipts.TOKEN_LENGTH:
        raise IntakeRefused(_("The form was incomplete. Please send it once more."))


def _file(arrival: Arrival, token: str, number: str) -> Report | None:
    """The filed report; None when its token or its receipt is taken."""
    received_at = history.to_the_hour(timezone.now())
    centre = routing.queue_for(arrival.district, concerns_official=arrival.concerns_official)
    report = Report(
        receipt_digest=receipts.digest(number),
        receipt_key=sealing.public_key(receipts.identity(number)),
        intake_digest=receipts.token_digest(token),
        channel=arrival.channel,
        contact_method=arrival.contact_method,
        language=arrival.language,
        category=arrival.category,
        district=arrival.district,
        subdistrict=arrival.subdistrict,
        when=arrival.when,
        is_urgent=arrival.is_urgent,
        concerns_official=arrival.concerns_official,
        received_at=received_at,
        opened_at=received_at,
        centre=centre,
    )
    deadlines.start_clock(report, since=received_at, clocks=settings_of_late())
    words = {"narrative": arrival.narrative.strip()}
    text = sealed_text(report, SealedText.Kind.NARRATIVE, words)
    with filing.all_or_none():
        report.pk = text.report_id = filing.reserve_id()
        entry = history.first_entry(
            report,
            "receive",
            at=received_at,
            actor=LogEntry.Actor.REPORTER,
            data={"channel": report.channel, "queue": routing.queue_name(centre)},
        )
        job = ledger.new(ANNOUNCE, [report.pk])
        is_new = filing.write(report, text, entry, job)
    return report if is_new else None


def has_arrived(token: str) -> bool:
    """Whether a report was filed with this token."""
    return Report.objects.filed_with(token).exists()


def repeat_of(token: str) -> Receipt | None:
    """The receipt of the report that this token filed before, if it did."""
    report = Report.objects.filed_with(token).first()
    if report is None:
        return None
    for attempt in range(ATTEMPTS):
        number = receipts.issue(token, attempt)
        if receipts.digest(number) == report.receipt_digest:
            return Receipt(number, report, is_repeat=True)
    return None
