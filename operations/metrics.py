"""Figures for Prometheus: what the database holds at that moment, and what staff asked for.

Totals only. No district, category or person has a figure of its own: small numbers tell who
reported. For the same reason a report counts only when the hour of its arrival is over: whoever
asks every few seconds must not learn more than the rows keep.

The database's figures are the same in every process. Requests are those of the processes of one
gunicorn (operations.traffic): a monitor asks each, and adds them up.
"""

import secrets
from collections import Counter
from collections.abc import Iterator

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from operations import traffic
from reporting.history import to_the_hour
from reporting.models import Escalation, Report
from reporting.models.report import OPEN_STATUSES
from work import ledger
from work.models import Job

# Counting stops here: a monitor that asks every few seconds must not slow the officers down.
MOST = 10_000


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures, for who brings METRICS_TOKEN as a bearer; to everybody else there is nothing."""
    wanted = settings.METRICS_TOKEN
    brought = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not wanted or not secrets.compare_digest(brought.encode(), wanted.encode()):
        raise Http404
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures())  # type: ignore[arg-type]  # anything that collects will do
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Figures:
    """Collected anew for each answer."""

    def collect(self) -> Iterator[Metric]:
        waiting = ledger.oldest_waiting()
        reports = Report.objects.open().filter(received_at__lt=to_the_hour(timezone.now()))
        yield _gauge("tasks_waiting", "Tasks that wait or run.", _bounded(Job.objects.alive()))
        yield _gauge(
            "task_oldest_waiting_seconds",
            "How long the oldest due task has waited for a worker.",
            waiting.total_seconds() if waiting else 0,
        )
        yield _gauge("tasks_dead", "Tasks that gave up.", _bounded(ledger.dead()))
        by_status = GaugeMetricFamily(
            "mekong_reports_open", "Open reports, counted up to a ceiling.", labels=["status"]
        )
        counted = _by_status(reports)
        for status in OPEN_STATUSES:
            by_status.add_metric([status.value], counted.get(status.value, 0))
        yield by_status
        yield _gauge(
            "reports_overdue",
            "Open reports past their deadline.",
            _bounded(reports.overdue_at(timezone.now())),
        )
        yield _gauge(
            "reports_escalated",
            "Open reports that HQ was told of because nobody acted.",
            _bounded(reports.filter(escalation=Escalation.HQ)),
        )
        yield _requests()


def _gauge(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"mekong_{name}", help_text, value=value)


def _requests() -> HistogramMetricFamily:
    requests = HistogramMetricFamily(
        "mekong_request_seconds",
        "Requests of staff: how many, how they ended, how long they took.",
        labels=["role", "screen", "status"],
    )
    limits = [*(str(seconds) for seconds in traffic.SECONDS), "+Inf"]
    for found in traffic.counted():
        requests.add_metric(
            [settings.ROLE, found.screen, found.end],
            buckets=list(zip(limits, found.up_to, strict=True)),
            sum_value=found.seconds,
        )
    return requests


def _bounded(rows: QuerySet) -> int:
    return rows.order_by().values("pk")[:MOST].count()


def _by_status(reports: QuerySet) -> Counter[str]:
    return Counter(reports.order_by("due_at", "pk").values_list("status", flat=True)[:MOST])
