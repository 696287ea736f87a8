"""One job, from the moment that somebody asked for it until it is done or given up."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks.exceptions import InvalidTaskError

from tests.work import jobs
from work import ledger
from work.backend import LedgerBackend
from work.models import Job, State
from work.runner import run

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def forget():
    jobs.done.clear()


@pytest.fixture
def backend():
    return LedgerBackend("default", {})


def pass_time(**words) -> None:
    """Lets everything in the ledger have happened that much earlier."""
    for job in Job.objects.all():
        job.due_at -= timedelta(**words)
        job.free_at -= timedelta(**words)
        job.save()


# --- Asked for --------------------------------------------------------------------------------


def test_a_task_waits_in_the_ledger_until_a_worker_runs_it(backend):
    result = backend.enqueue(jobs.remember, [7], {"again": True})
    assert jobs.done == []
    [pk] = ledger.take(5)
    assert str(pk) == result.id
    run(pk)
    assert jobs.done == [(7, True)]


def test_what_is_done_leaves_nothing(backend):
    backend.enqueue(jobs.remember, [7], {})
    run(*ledger.take(1))
    assert not Job.objects.exists()


def test_a_task_is_kept_only_with_the_row_that_caused_it(backend):
    with transaction.atomic():
        backend.enqueue(jobs.remember, [7], {})
        assert Job.objects.count() == 1
        transaction.set_rollback(True)
    assert not Job.objects.exists()


def test_asking_costs_one_query(backend, django_assert_num_queries):
    with django_assert_num_queries(1):
        backend.enqueue(jobs.remember, [7], {})


def test_what_is_not_plain_data_is_refused(backend):
    with pytest.raises(TypeError):
        backend.enqueue(jobs.remember, [object()], {})
    assert not Job.objects.exists()


def test_a_task_that_no_worker_could_find_is_refused():
    def hidden() -> None: ...

    with pytest.raises(InvalidTaskError):
        type(jobs.remember)(func=hidden)


def test_a_task_for_later_rests_until_then():
    later = timezone.now() + timedelta(hours=1)
    ledger.add("tests.work.jobs.remember", [7], due_at=later)
    assert ledger.take(5) == []
    pass_time(hours=1)
    assert len(ledger.take(5)) == 1


def test_wagtails_own_tasks_run_by_the_same_door(backend):
    from wagtail.tasks import delete_file_from_storage_task

    backend.enqueue(delete_file_from_storage_task, [["module", [], {}], "path"], {})
    assert Job.objects.get().path == "wagtail.tasks.delete_file_from_storage_task"


# --- Handed over and begun --------------------------------------------------------------------


def test_what_is_handed_over_is_not_handed_over_again_at_once():
    job = ledger.add("tests.work.jobs.remember", [7])
    assert ledger.take(5) == [job.pk]
    assert ledger.take(5) == []


@pytest.fixture
def heavy(settings):
    settings.WORK = settings.WORK | {"heavy": ["tests.work.jobs.fail"], "heavy_at_once": 2}
    return "tests.work.jobs.fail"


def test_what_came_after_ten_films_is_handed_over_before_them(heavy):
    films = [ledger.add(heavy, [number]).pk for number in range(10)]
    danger = ledger.add("tests.work.jobs.remember", [7])
    assert ledger.take(20) == [danger.pk, *films[:2]]
    assert ledger.take(20) == []
    later = ledger.add("tests.work.jobs.remember", [8])
    assert ledger.take(1) == [later.pk]


def test_the_next_film_comes_when_one_is_done_or_rests(heavy):
    films = [ledger.add(heavy, [number]).pk for number in range(4)]
    assert ledger.take(1) == films[:1]
    assert ledger.take(5) == films[1:2]
    run(films[0])  # fails, and rests
    assert ledger.take(5) == films[2:3]
    ledger.finish(Job.objects.get(pk=films[1]))
    assert ledger.take(5) == films[3:]


def test_a_film_whose_worker_is_gone_keeps_its_place_no_longer_than_its_lease(heavy, settings):
    for number in range(3):
        ledger.add(heavy, [number])
    for pk in ledger.take(5):
        ledger.claim(pk)
    assert ledger.take(5) == []
    pass_time(seconds=settings.WORK["lease"])
    assert len(ledger.take(5)) == 2


def test_every_heavy_task_exists(settings):
    for path in settings.WORK["heavy"]:
        assert import_string(path).module_path == path


def test_what_was_lost_on_the_way_is_handed_over_again(settings):
    job = ledger.add("tests.work.jobs.remember", [7])
    ledger.take(5)
    pass_time(seconds=settings.WORK["handed"])
    assert ledger.take(5) == [job.pk]


def test_a_job_that_arrives_twice_runs_once():
    job = ledger.add("tests.work.jobs.remember", [7])
    assert ledger.claim(job.pk) is not None
    run(job.pk)
    assert jobs.done == []
    assert Job.objects.get().attempts == 1


def test_a_job_that_arrives_after_it_was_done_does_nothing():
    job = ledger.add("tests.work.jobs.remember", [7])
    run(job.pk)
    run(job.pk)
    assert jobs.done == [(7, False)]


def test_a_job_whose_worker_is_gone_runs_again(settings):
    job = ledger.add("tests.work.jobs.remember", [7])
    ledger.claim(job.pk)
    assert ledger.take(5) == []
    pass_time(seconds=settings.WORK["lease"])
    run(*ledger.take(5))
    assert jobs.done == [(7, False)]


# --- Failed and given up ----------------------------------------------------------------------


def test_a_task_that_fails_rests_longer_each_time_and_is_given_up_at_the_fifth():
    job = ledger.add("tests.work.jobs.fail", [7])
    rests = []
    for attempt in range(1, ledger.MAX_ATTEMPTS + 1):
        run(job.pk)
        job.refresh_from_db()
        assert (job.attempts, job.error) == (attempt, "ValueError")
        rests.append(job.due_at - timezone.now())
        assert ledger.take(5) == []
        pass_time(days=1)
    assert job.state == State.DEAD
    seconds = [round(rest.total_seconds()) for rest in rests[:-1]]
    assert seconds == [15, 60, 240, 960]
    assert list(ledger.dead()) == [job]
    run(job.pk)
    assert ledger.dead().get().attempts == ledger.MAX_ATTEMPTS


def test_a_resting_job_is_not_begun_by_a_second_copy_on_its_way():
    job = ledger.add("tests.work.jobs.fail", [7])
    run(job.pk)
    run(job.pk)
    assert Job.objects.get().attempts == 1


def test_a_task_that_kills_its_worker_each_time_is_given_up(settings):
    job = ledger.add("tests.work.jobs.kill_worker", [7])
    for _ in range(ledger.MAX_ATTEMPTS):
        assert ledger.take(5) == [job.pk]
        assert ledger.claim(job.pk) is not None
        pass_time(seconds=settings.WORK["lease"])
    assert ledger.take(5) == []
    job = ledger.dead().get()
    assert (job.attempts, job.error) == (ledger.MAX_ATTEMPTS, ledger.WORKER_LOST)


def test_a_worker_thought_dead_does_not_undo_what_the_next_one_does(settings):
    pk = ledger.add("tests.work.jobs.remember", [7]).pk
    first = ledger.claim(pk)
    pass_time(seconds=settings.WORK["lease"])
    ledger.take(1)
    assert ledger.claim(pk) is not None
    ledger.fail(first, ValueError())
    assert Job.objects.get().state == State.RUNNING


def test_no_word_of_an_error_is_kept_or_logged(every_log):
    job = ledger.add("tests.work.jobs.fail", [4711])
    for _ in range(ledger.MAX_ATTEMPTS):
        run(job.pk)
        pass_time(days=1)
    assert "ValueError at jobs.py:" in every_log.text
    assert "given up" in every_log.text
    messages = [r.getMessage() for r in every_log.records if r.name.startswith("work")]
    for told in (*messages, str(Job.objects.values().get() | {"args": ""})):
        assert "words of a person" not in told
        assert "4711" not in told


def test_what_was_given_up_tells_the_hour_alone():
    job = ledger.add("tests.work.jobs.fail", [7])
    Job.objects.update(attempts=ledger.MAX_ATTEMPTS - 1)
    run(job.pk)
    job.refresh_from_db()
    for moment in (job.due_at, job.free_at):
        assert (moment.minute, moment.second, moment.microsecond) == (0, 0, 0)


def test_a_task_that_is_no_longer_in_the_code_is_counted_too():
    job = ledger.add("tests.work.jobs.gone", [7])
    run(job.pk)
    assert Job.objects.get().error == "ImportError"


@pytest.mark.parametrize("path", ["time.sleep", "os.system", "tests.work.jobs.done"])
def test_what_is_no_task_is_never_called(path, monkeypatch):
    """Whoever can write a job could otherwise have the worker, and its keys, do anything."""
    called = []
    for name in ("time.sleep", "os.system"):
        monkeypatch.setattr(name, called.append)
    job = ledger.add(path, [0])
    run(job.pk)
    assert not called
    assert Job.objects.get(pk=job.pk).error == "NotATask"


def test_a_task_that_takes_too_long_is_a_counted_attempt(settings):
    settings.WORK = settings.WORK | {"timeout": 1}
    job = ledger.add("tests.work.jobs.sleep", [30])
    run(job.pk)
    job.refresh_from_db()
    assert (job.attempts, job.error, job.state) == (1, "TimeoutException", State.WAITING)


# --- Seen by people and monitors --------------------------------------------------------------


def test_the_oldest_waiting_job_is_the_one_that_is_due_longest(settings):
    assert ledger.oldest_waiting() is None
    ledger.add("tests.work.jobs.remember", [1], due_at=timezone.now() + timedelta(days=1))
    assert ledger.oldest_waiting() is None
    job = ledger.add("tests.work.jobs.remember", [2], due_at=timezone.now() - timedelta(hours=2))
    ledger.take(5)  # in a broker's hands it still waits
    assert timedelta(hours=2) <= ledger.oldest_waiting() < timedelta(hours=3)
    ledger.claim(job.pk)
    assert ledger.oldest_waiting() is None
    pass_time(seconds=settings.WORK["lease"] + 60)
    assert timedelta(seconds=60) <= ledger.oldest_waiting() < timedelta(hours=1)


def test_a_person_lets_a_dead_job_try_again_or_discards_it():
    job = ledger.add("tests.work.jobs.remember", [7])
    assert not ledger.retry(job.pk)
    assert not ledger.discard(job.pk)
    Job.objects.update(state=State.DEAD, attempts=ledger.MAX_ATTEMPTS)
    assert ledger.retry(job.pk)
    run(*ledger.take(5))
    assert jobs.done == [(7, False)]
    other = ledger.add("tests.work.jobs.remember", [8])
    Job.objects.update(state=State.DEAD)
    assert ledger.discard(other.pk)
    assert not Job.objects.exists()
