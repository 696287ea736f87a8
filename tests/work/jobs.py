"""Tasks for tests, which a worker process finds by their path."""

import os
import signal
import time
from pathlib import Path

from django_tasks import task

done: list[tuple] = []


@task()
def remember(pk: int, *, again: bool = False) -> None:
    done.append((pk, again))


@task()
def sleep(seconds: int) -> None:
    time.sleep(seconds)


@task()
def fail(pk: int) -> None:
    raise ValueError("words of a person")


@task()
def note(path: str, pk: int) -> None:
    """A line in a file for each time that it ran."""
    with Path(path).open("a") as file:
        file.write(f"{pk}\n")


@task()
def kill_worker(path: str) -> None:
    note.call(path, os.getpid())
    os.kill(os.getpid(), signal.SIGKILL)


@task()
def linger(path: str) -> None:
    """Says who runs it, and goes on for longer than any test."""
    note.call(path, os.getpid())
    time.sleep(600)


@task()
def eat_memory(path: str) -> None:
    note.call(path, os.getpid())
    eaten = [bytes(16 * 1024 * 1024) for _ in range(1000)]
    assert not eaten
