"""Reports that nobody sent, in bulk: what benchmarks and rehearsals run over.

They spread over queues, statuses, categories and deadlines as an archive of some years does. All
texts of a queue share one sealed blob, and every tenth report has a log; nothing else tells them
from reports that came in by the one door.
"""

import random
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from operations.copied_reports import copy_reports, copy_text, last_report, scattered_reference
from reporting import deadlines, history, routing
from reporting.models import (
    Category,
    Channel,
    CoordinationCentre,
    EvidenceType,
    LogEntry,
    Membership,
    Outcome,
    RejectReason,
    Report,
    ReportingSettings,
    SealedText,
    Status,
    When,
)
from reporting.models.report import OPEN_STATUSES
from reporting.texts import sealed_text

BATCH = 10_000
LOGGED_EVERY = 10
AT_THE_OFFICE = 0.1  # no district named, or an official concerned
ASSIGNED = 0.6
UNREAD = 0.7  # of what waits for its first look
# Out of a hundred reports of an archive: most are long done, and some pile up.
SPREAD = {
    Status.RECEIVED: 3,
    Status.QUEUED: 5,
    Status.VERIFYING: 5,
    Status.REFERRED: 3,
    Status.CLOSING: 1,
    Status.CLOSED: 65,
    Status.REJECTED: 12,
    Status.MERGED: 6,
}
OPEN_DAYS, ARCHIVE_DAYS = 45, 5 * 365
NARRATIVE = "เห็นเรือหางยาวไม่ติดไฟข้ามฝั่งตอนตีสอง มีคนลงราวสิบคน แล้วมีรถตู้มารับไปทางตัวอำเภอ"


def make_reports(number: int, *, seed: int = 0) -> Iterator[int]:
    """Makes reports batch by batch, each in a transaction; yields how many there are so far.

    The first batch is drawn by chance, alike for the same seed; the database copies it until there
    are enough, in a tenth of the time that Python would need.
    """
    made, before = 0, last_report()
    while made < number:
        size = min(BATCH, number - made)
        last = last_report()
        with transaction.atomic():
            if made == 0:
                _draw(size, random.Random(seed))  # noqa: S311 - a spread, no secret
            else:
                copy_reports(size, after=before)
            _finish(last)
        made += size
        yield made
    _settle()


def _settle() -> None:
    """Has PostgreSQL look at what was made, as it would by itself in time.

    Plans follow what it knows of its tables, and it answers from an index alone only where it has
    marked the pages as seen by all.
    """
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        for model in (Report, SealedText, LogEntry):
            cursor.execute(f"VACUUM ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


def _draw(size: int, chance: random.Random) -> None:
    """Files reports by chance; what repeats another comes after what it repeats."""
    draw, last = _Draw(chance), last_report()
    reports = [draw.report() for _ in range(size)]
    for number, report in enumerate(reports, start=last + 1):
        report.reference = scattered_reference(number)
    Report.objects.bulk_create([one for one in reports if one.status != Status.MERGED])
    Report.objects.bulk_create(draw.merged(reports))


def _finish(last: int) -> None:
    """Gives the reports made after this one their texts, and some of them a log."""
    new = Report.objects.filter(pk__gt=last)
    queues = CoordinationCentre.objects.select_related("district").in_bulk(
        new.exclude(centre=None).values_list("centre", flat=True).distinct()
    )
    for centre in (None, *queues.values()):
        report = Report(centre=centre)
        words = sealed_text(report, SealedText.Kind.NARRATIVE, {"narrative": NARRATIVE})
        copy_text(words, reports=new.filter(centre=centre))
    ids = list(new.order_by("pk").values_list("pk", flat=True))[::LOGGED_EVERY]
    LogEntry.objects.bulk_create(
        history.first_entry(
            report,
            "receive",
            at=report.received_at,
            actor=LogEntry.Actor.REPORTER,
            data={
                "channel": report.channel,
                "queue": routing.queue_name(queues.get(report.centre_id)),
            },
        )
        for report in Report.objects.filter(pk__in=ids)
    )


class _Draw:
    """Draws reports by chance from the places and people that there are."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.now = history.to_the_hour(timezone.now())
        self.clocks = ReportingSettings.load()
        self.categories: list[Category | None] = [*Category.objects.offered()] or [None]
        self.centres = list(
            CoordinationCentre.objects.staffed().select_related("district").order_by("pk")
        )
        self.members: dict[int | None, list[int]] = {}
        for user, centre in Membership.objects.current().values_list("user", "centre"):
            self.members.setdefault(centre, []).append(user)

    def report(self) -> Report:
        chance = self.chance
        [status] = chance.choices(list(SPREAD), list(SPREAD.values()))
        centre = self.centre()
        received_at = self.moment(OPEN_DAYS if status in OPEN_STATUSES else ARCHIVE_DAYS)
        report = Report(
            receipt_digest=secrets.token_hex(32),
            intake_digest=secrets.token_hex(32),
            channel=chance.choice(Channel.values),
            language=chance.choice(["th", "th", "th", "en"]),
            category=chance.choice(self.categories),
            district=centre.district if centre else None,
            when=chance.choice(When.values),
            is_urgent=chance.random() < 0.05,
            concerns_official=centre is None and chance.random() < 0.3,
            received_at=received_at,
            opened_at=received_at,
            centre=centre,
            status=status,
        )
        if report.is_open and status != Status.RECEIVED and chance.random() < ASSIGNED:
            report.assignee_id = chance.choice(self.members.get(report.centre_id) or [None])
        report.is_unread = status == Status.RECEIVED and chance.random() < UNREAD
        if status in {Status.CLOSING, Status.CLOSED}:
            report.outcome = chance.choice(Outcome.values)
            report.evidence_type = chance.choice(EvidenceType.values)
        if status == Status.REJECTED:
            report.reject_reason = chance.choice(RejectReason.values)
        deadlines.start_clock(report, since=received_at, clocks=self.clocks)
        return report

    def centre(self) -> CoordinationCentre | None:
        """The first centres have the most to do, as everywhere."""
        if not self.centres or self.chance.random() < AT_THE_OFFICE:
            return None
        return self.centres[int(len(self.centres) * self.chance.random() ** 2)]

    def moment(self, days: int) -> datetime:
        return self.now - timedelta(hours=self.chance.randrange(days * 24))

    def merged(self, reports: list[Report]) -> list[Report]:
        """The repeats, each of another report of its queue; rejected where there is none."""
        originals: dict[int | None, list[Report]] = {}
        for report in reports:
            if report.status not in {Status.MERGED, Status.REJECTED}:
                originals.setdefault(report.centre_id, []).append(report)
        repeats = [report for report in reports if report.status == Status.MERGED]
        for repeat in repeats:
            if candidates := originals.get(repeat.centre_id):
                repeat.merged_into = self.chance.choice(candidates)
            else:
                repeat.status, repeat.reject_reason = Status.REJECTED, RejectReason.TEST
        return repeats
