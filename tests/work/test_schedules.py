"""Tasks by the clock."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone

from config.schedules import SCHEDULES, ensure_schedules
from tests.work import jobs
from work import ledger, schedules
from work.models import Job, Schedule, State
from work.runner import run

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def clock():
    jobs.done.clear()
    schedules.ensure("every five", "tests.work.jobs.remember", 5)
    Schedule.objects.update(next_at=timezone.now())
    return Schedule.objects.get()


def test_all_schedules_are_made_and_the_times_that_staff_changed_stay():
    ensure_schedules()
    Schedule.objects.filter(name="report deadlines").update(minutes=15)
    ensure_schedules()
    assert Schedule.objects.get(name="report deadlines").minutes == 15
    assert Schedule.objects.count() == len(SCHEDULES)


def test_what_the_clock_starts_runs():
    ensure_schedules()
    assert schedules.tick() == len(SCHEDULES)
    for pk in ledger.take(len(SCHEDULES)):
        run(pk)
    assert not Job.objects.exists()


def test_a_period_has_one_job_however_often_somebody_looks(clock):
    assert [schedules.tick(), schedules.tick()] == [1, 0]
    Job.objects.all().delete()
    assert schedules.tick() == 0
    assert schedules.tick(timezone.now() + timedelta(minutes=5)) == 1


def test_periods_without_a_worker_are_not_made_up_for(clock):
    now = clock.next_at + timedelta(minutes=63)
    assert schedules.tick(now) == 1
    clock.refresh_from_db()
    assert clock.next_at - now == timedelta(minutes=2)


def test_a_job_that_still_waits_is_not_joined_by_a_second(clock):
    schedules.tick()
    assert schedules.tick(timezone.now() + timedelta(minutes=5)) == 0
    assert Job.objects.count() == 1


def test_a_job_that_gave_up_is_tried_once_each_period_and_stays_one(clock):
    schedules.tick()
    Job.objects.update(path="tests.work.jobs.fail", args=[1], attempts=ledger.MAX_ATTEMPTS - 1)
    run(*ledger.take(1))
    assert ledger.dead().count() == 1
    Schedule.objects.update(next_at=timezone.now())
    assert schedules.tick() == 1
    assert Job.objects.get().state == State.WAITING
    run(*ledger.take(1))
    assert ledger.dead().count() == Job.objects.count() == 1


def test_a_schedule_in_a_hurry_runs_now(clock):
    Schedule.objects.update(next_at=timezone.now() + timedelta(minutes=4))
    assert schedules.tick() == 0
    schedules.hurry("every five")
    assert schedules.tick() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_start_a_period_once():
    schedules.ensure("every five", "tests.work.jobs.remember", 5)
    for _ in range(10):
        Job.objects.all().delete()
        Schedule.objects.update(next_at=timezone.now())
        together, started = Barrier(2), []

        def look(together=together, started=started):
            together.wait()
            started.append(schedules.tick())
            connection.close()

        threads = [Thread(target=look) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(started) == [0, 1]
        assert Job.objects.count() == 1
