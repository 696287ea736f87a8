"""Background work: one vocabulary above, django-q2 below."""

import inspect
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ, Schedule
from django_q.scheduler import scheduler
from django_tasks import task

from config import schedules
from config.tasks import DjangoQBackend, run
from reporting.models import Escalation, Report
from reporting.tasks import check_deadlines, clear_captchas
from tests.factories import file_report

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
done: list[tuple] = []


@task()
def remember(pk: int, *, again: bool = False) -> None:
    done.append((pk, again))


@pytest.fixture
def backend():
    return DjangoQBackend("default", {})


@pytest.fixture(autouse=True)
def forget():
    done.clear()


def test_a_task_waits_in_the_database_and_runs_in_the_worker(backend):
    result = backend.enqueue(remember, [7], {"again": True})
    [row] = OrmQ.objects.all()
    waiting = row.task
    assert waiting["id"] == result.id
    assert done == []
    assert waiting["func"] == "config.tasks.run"
    run(*waiting["args"])
    assert done == [(7, True)]


def test_a_task_is_kept_only_with_the_row_that_caused_it(backend):
    with transaction.atomic():
        backend.enqueue(remember, [7], {})
        assert OrmQ.objects.count() == 1
        transaction.set_rollback(True)
    assert not OrmQ.objects.exists()


def test_what_is_not_plain_data_is_refused(backend):
    with pytest.raises(TypeError):
        backend.enqueue(remember, [object()], {})
    assert not OrmQ.objects.exists()


def test_wagtails_own_tasks_run_by_the_same_door(backend):
    from wagtail.tasks import delete_file_from_storage_task

    backend.enqueue(delete_file_from_storage_task, [["module", [], {}], "path"], {})
    [row] = OrmQ.objects.all()
    assert row.task["args"][0] == "wagtail.tasks.delete_file_from_storage_task"


def test_the_deadline_check_is_on_the_clock_and_staffs_times_stay():
    schedules.ensure_schedules()
    Schedule.objects.filter(name="report deadlines").update(minutes=15)
    schedules.ensure_schedules()
    assert Schedule.objects.get(name="report deadlines").minutes == 15
    assert Schedule.objects.count() == len(schedules.SCHEDULES)


def test_a_schedule_that_is_due_becomes_a_task_that_runs(monkeypatch):
    # The scheduler of a worker drops its old connections; a test needs the one it has.
    monkeypatch.setattr("django_q.scheduler.close_old_django_connections", lambda: None)
    schedules.ensure_schedules()
    scheduler()
    calls = [row.task for row in OrmQ.objects.all()]
    assert {call["args"][0] for call in calls} == {
        "reporting.tasks.check_deadlines",
        "reporting.tasks.clear_captchas",
    }
    for call in calls:
        run(*call["args"])


def test_the_tasks_of_reports_take_nothing_at_all():
    for work in (check_deadlines, clear_captchas):
        assert not inspect.signature(work.func).parameters


def test_the_worker_escalates_what_is_overdue():
    report = file_report(district=None)
    Report.objects.update(due_at=timezone.now() - timedelta(hours=1))
    run("reporting.tasks.check_deadlines", [], {})
    report.refresh_from_db()
    assert report.escalation == Escalation.HQ
