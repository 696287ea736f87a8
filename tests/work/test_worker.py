"""Real workers, killed in every way: nothing is lost, nothing loops, nothing stays behind."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection

from services import free_port
from work import ledger
from work.models import Job
from work.processes import ROOT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("workers")]
both_databases = pytest.mark.both_databases
with_and_without_redis = pytest.mark.parametrize("broker", ["database", "redis"], indirect=True)
PATIENCE = 180  # a machine that does much else starts a worker slowly


def surroundings(redis_url: str) -> dict[str, str]:
    """The environment of a process that works on the test's database."""
    place = connection.settings_dict
    url = f"sqlite:///{place['NAME']}"
    if connection.vendor == "postgresql":
        url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**place)
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.work.worker_settings",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'site'}",
        "DATABASE_URL": url,
        "REDIS_URL": redis_url,
    }


class Worker:
    """`manage.py work`, with all the processes that it started."""

    def __init__(self, redis_url: str, log: Path) -> None:
        with log.open("a") as file:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "work"],
                cwd=ROOT,
                env=surroundings(redis_url),
                stdout=file,
                stderr=file,
                start_new_session=True,
            )

    def family(self) -> set[int]:
        """The supervisor and every process below it."""
        return self.descendants(self.process.pid)

    @staticmethod
    def descendants(pid: int) -> set[int]:
        found, new = {pid}, {pid}
        while new:
            new = {child for pid in new for child in children(pid)} - found
            found |= new
        return found

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()


def children(pid: int) -> list[int]:
    try:
        return [
            int(child)
            for thread in Path(f"/proc/{pid}/task").iterdir()
            for child in (thread / "children").read_text().split()
        ]
    except (FileNotFoundError, ProcessLookupError):
        return []


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_for(happens: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happens():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


@pytest.fixture
def broker(request) -> str:
    """The address of Redis, or nothing: then the ledger hands over by itself."""
    if getattr(request, "param", "database") == "database":
        return ""
    if not (url := os.environ.get("TEST_REDIS_URL")):
        pytest.skip("Redis is not there: use make test.")
    # A database of Redis for each test: what one leaves behind must not serve the next.
    return url.rpartition("/")[0] + f"/{secrets.randbelow(15) + 1}"


@pytest.fixture
def worker(broker, tmp_path) -> Iterator[Callable[[], Worker]]:
    """worker() starts one more; all are stopped at the end."""
    started: list[Worker] = []

    def start() -> Worker:
        started.append(Worker(broker, tmp_path / "worker.log"))
        return started[-1]

    yield start
    for one in started:
        family = one.family()
        one.stop()
        for pid in family:  # whatever the test found out, nothing stays
            if is_running(pid):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def notes(tmp_path) -> Path:
    file = tmp_path / "notes"
    file.touch()
    return file


def lines(file: Path) -> list[str]:
    return file.read_text().split()


@both_databases
@with_and_without_redis
def test_every_job_runs_once_with_two_workers(worker, notes):
    for number in range(30):
        ledger.add("tests.work.jobs.note", [str(notes), number])
    worker()
    worker()
    wait_for(lambda: not Job.objects.exists())
    assert sorted(map(int, lines(notes))) == list(range(30))


@both_databases
@with_and_without_redis
def test_what_is_killed_between_commit_and_hand_over_loses_nothing(broker, worker, notes):
    """The moment between the mark on the row and the broker, where a relay may die."""
    code = (
        "import django, os, signal; django.setup()\n"
        "from work import ledger\n"
        f"ledger.add('tests.work.jobs.note', [{str(notes)!r}, 1])\n"
        "assert ledger.take(1)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=surroundings(broker), check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert Job.objects.get().attempts == 0
    worker()
    wait_for(lambda: not Job.objects.exists())
    assert lines(notes) == ["1"]


@pytest.mark.parametrize("broker", ["redis"], indirect=True)
def test_what_redis_forgets_is_handed_over_again(broker, worker, notes):
    ledger.add("tests.work.jobs.note", [str(notes), 1])
    assert ledger.take(1)  # handed to a Redis that then lost it
    worker()
    wait_for(lambda: not Job.objects.exists())
    assert lines(notes) == ["1"]


@pytest.mark.parametrize("broker", ["redis"], indirect=True)
def test_work_goes_on_while_redis_is_away(broker, tmp_path, notes):
    one = Worker(f"redis://127.0.0.1:{free_port()}/0", tmp_path / "worker.log")
    try:
        ledger.add("tests.work.jobs.note", [str(notes), 1])
        wait_for(lambda: not Job.objects.exists())
    finally:
        one.stop()
    assert lines(notes) == ["1"]


@both_databases
def test_a_task_whose_worker_is_killed_runs_again(worker, notes):
    ledger.add("tests.work.jobs.linger", [str(notes)])
    worker()
    wait_for(lambda: lines(notes))
    os.kill(int(lines(notes)[0]), signal.SIGKILL)
    wait_for(lambda: len(lines(notes)) == 2)
    job = Job.objects.get()
    assert (job.attempts, job.error) == (2, "")  # and not because it took too long


@both_databases
def test_a_task_that_kills_its_worker_is_given_up_and_does_not_loop(worker, notes):
    ledger.add("tests.work.jobs.kill_worker", [str(notes)])
    worker()
    wait_for(lambda: ledger.dead().exists())
    assert ledger.dead().get().error == ledger.WORKER_LOST
    assert len(lines(notes)) == ledger.MAX_ATTEMPTS
    ledger.add("tests.work.jobs.note", [str(notes), 1])  # and the others work on
    wait_for(lambda: lines(notes)[-1] == "1")


def test_a_task_that_eats_memory_fails_alone(worker, notes):
    job = ledger.add("tests.work.jobs.eat_memory", [str(notes)])
    other = ledger.add("tests.work.jobs.linger", [str(notes)])
    one = worker()
    wait_for(lambda: ledger.dead().filter(pk=job.pk).exists())
    assert ledger.dead().get().error == "MemoryError"
    assert one.process.poll() is None
    assert Job.objects.alive().get() == other


def test_workers_killed_while_idle_do_not_stop_the_work(worker, notes):
    """One of them held the lock of their queue: the supervisor starts another group."""
    one = worker()
    ledger.add("tests.work.jobs.note", [str(notes), 1])
    wait_for(lambda: not Job.objects.exists())
    [head] = [pid for pid in children(one.process.pid) if children(pid)]
    [sentinel] = children(head)
    for pid in sorted(children(sentinel))[:2]:  # django-q2 starts its workers first
        os.kill(pid, signal.SIGKILL)
    ledger.add("tests.work.jobs.note", [str(notes), 2])
    wait_for(lambda: lines(notes) == ["1", "2"])
    assert not is_running(head)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_it_ends_with_everything_it_started(worker, notes, number):
    """Also in the middle of a task, which is counted and comes again."""
    ledger.add("tests.work.jobs.linger", [str(notes)])
    one = worker()
    wait_for(lambda: lines(notes))
    family = one.family()
    assert len(family) > 4
    one.process.send_signal(number)
    assert one.process.wait(PATIENCE) == 0
    wait_for(lambda: not any(map(is_running, family)))
    assert Job.objects.get().attempts == 1
    worker()
    wait_for(lambda: len(lines(notes)) == 2)


def test_a_supervisor_that_is_killed_takes_everything_with_it(worker, notes):
    ledger.add("tests.work.jobs.linger", [str(notes)])
    one = worker()
    wait_for(lambda: lines(notes))
    family = one.family()
    one.process.kill()
    wait_for(lambda: not any(map(is_running, family)))


def test_a_cluster_whose_head_is_killed_is_started_again(worker, notes):
    ledger.add("tests.work.jobs.linger", [str(notes)])
    one = worker()
    wait_for(lambda: lines(notes))
    [head] = [pid for pid in children(one.process.pid) if children(pid)]
    left_behind = one.descendants(head)
    os.kill(head, signal.SIGKILL)
    wait_for(lambda: not any(map(is_running, left_behind)))
    wait_for(lambda: len(lines(notes)) == 2)
    assert one.process.poll() is None
