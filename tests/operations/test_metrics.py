"""What a monitor is told, and who may ask."""

from datetime import timedelta

import pytest
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from reporting.models import Escalation, Report
from tests.factories import file_report
from work import ledger
from work.models import Job, State

pytestmark = pytest.mark.django_db
TOKEN = "for-tests-only"


@pytest.fixture
def ask(client, settings):
    settings.METRICS_TOKEN = TOKEN

    def figures() -> dict[str, float]:
        answer = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        families = text_string_to_metric_families(answer.content.decode())
        return {
            sample.name + "".join(sample.labels.values()): sample.value
            for family in families
            for sample in family.samples
        }

    return figures


@pytest.mark.parametrize("brought", ["", "Bearer wrong", f"Basic {TOKEN}", "Bearer ไม่ใช่"])
def test_without_the_token_there_is_no_such_page(client, settings, brought):
    settings.METRICS_TOKEN = TOKEN
    headers = {"authorization": brought.encode().decode("latin-1")} if brought else {}
    assert client.get("/metrics", headers=headers).status_code == 404


@pytest.mark.parametrize("brought", ["Bearer ", "Bearer", ""])
def test_unless_a_token_is_set_nobody_may_ask(client, settings, brought):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"authorization": brought}).status_code == 404


def test_reports_are_counted_as_totals(ask):
    first, *_ = [file_report(), file_report(concerns_official=True), file_report(district=None)]
    Report.objects.update(received_at=timezone.now() - timedelta(hours=1))
    Report.objects.filter(pk=first.pk).update(
        due_at=timezone.now() - timedelta(hours=1), escalation=Escalation.HQ
    )
    told = ask()
    assert told["mekong_reports_openreceived"] == 3
    assert told["mekong_reports_openqueued"] == 0
    assert told["mekong_reports_overdue"] == 1
    assert told["mekong_reports_escalated"] == 1


def test_a_report_counts_when_the_hour_of_its_arrival_is_over(ask, monkeypatch):
    """Or a monitor that asks every few seconds would know the minute, which no row keeps."""
    file_report()
    assert ask()["mekong_reports_openreceived"] == 0
    an_hour_later = timezone.now() + timedelta(hours=1)
    monkeypatch.setattr("operations.metrics.timezone.now", lambda: an_hour_later)
    assert ask()["mekong_reports_openreceived"] == 1


def test_tasks_that_wait_and_that_gave_up_are_told(ask):
    Job.objects.all().delete()
    ledger.add("one.task", due_at=timezone.now() - timedelta(seconds=90))
    Job.objects.create(path="another.task", state=State.DEAD)
    told = ask()
    assert told["mekong_tasks_waiting"] == 1
    assert told["mekong_tasks_dead"] == 1
    assert told["mekong_task_oldest_waiting_seconds"] >= 90


def test_no_figure_belongs_to_a_district_a_category_or_a_person(ask, nong_khai):
    file_report(district=nong_khai.district)
    names = " ".join(ask())
    assert "4301" not in names
    assert "illegal" not in names


def test_the_figures_cost_the_same_whatever_there_is(ask, django_assert_num_queries, client):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    file_report()
    with CaptureQueriesContext(connection) as few:
        ask()
    for _ in range(5):
        file_report()
    with django_assert_num_queries(len(few)):
        ask()
