"""Telling programs of others: what is owed to whom, tried again, and given up."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from reporting.channels import Result, webhook
from reporting.models import Endpoint, Report

SCHEDULE = "webhooks"
# What a program hears of: that something came into its queue.
HEARS = frozenset({"receive", "reroute"})
QUIET = timedelta(minutes=15)
# With QUIET between two attempts: some two hours.
MOST_FAILURES = 8
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
# So many slow ones end before the time of a task is over; the others are next.
AT_ONCE = 5


def owe(report: Report, event: str) -> None:
    """Marks the endpoints of the report's queue. Owing twice is owing once."""
    if event in HEARS:
        Endpoint.objects.filter(is_active=True, centre=report.centre_id).update(is_owed=True)


def send_owed(now: datetime | None = None) -> None:
    """Tells those that are owed; at most one POST an endpoint in QUIET.

    One that does not answer MOST_FAILURES times in a row, or says that it is gone, is switched off;
    HQ sees it on its first page.
    """
    now = now or timezone.now()
    # The time of the last one is near that of a report's arrival: it goes with its use.
    Endpoint.objects.spent_at(now).update(not_before=LONG_AGO)
    for endpoint in Endpoint.objects.owed_at(now).order_by("not_before", "pk")[:AT_ONCE]:
        # The mark comes first and only one can set it: killed in between, it stays owed.
        mine = Endpoint.objects.filter(pk=endpoint.pk, not_before=endpoint.not_before)
        if mine.update(not_before=now + QUIET):
            _note(endpoint, webhook.send(endpoint, "", ""))


def _note(endpoint: Endpoint, result: Result) -> None:
    row = Endpoint.objects.filter(pk=endpoint.pk)
    if result is Result.OK:
        # What else came meanwhile is there for whoever follows this.
        row.update(failures=0, is_owed=False)
        return
    failures = endpoint.failures + 1
    is_over = result is Result.GONE or failures >= MOST_FAILURES
    row.update(failures=failures, is_active=not is_over)
