"""Runs in a worker: one attempt at one job, within its bounds of time and memory."""

import logging
import resource
import traceback
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string
from django_q.exceptions import TimeoutException
from django_q.timeout import TimeoutHandler
from django_tasks.base import Task

from work import ledger

logger = logging.getLogger(__name__)


def run(pk: int) -> None:
    """Tries a job once, if nobody else does. Never raises for what the task did.

    django-q2 would keep the words of an exception, which may quote what a person wrote; here the
    class and the line of code are all that is kept.
    """
    job = ledger.claim(pk)
    if job is None:
        return
    try:
        with TimeoutHandler(settings.WORK["timeout"]):
            _task(job.path).call(*job.args, **job.kwargs)
    except (Exception, TimeoutException) as error:  # noqa: BLE001 - whatever it is, it is counted
        logger.error(
            "%s failed at attempt %s: %s at %s.",
            job.path,
            job.attempts,
            type(error).__name__,
            _place(error),
        )
        ledger.fail(job, error)
    else:
        ledger.finish(job)


class NotATask(Exception):
    """A job names something else than a task."""


def _task(path: str) -> Task:
    """The task of a job, and never anything else that could be called.

    Public processes write jobs, and a worker holds every private key.
    """
    task = import_string(path)
    if not isinstance(task, Task):
        raise NotATask
    return task


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"


def bound_memory(**signal: object) -> None:
    """Gives this worker a ceiling: a task that grows past it meets MemoryError, alone.

    The kernel's own killer would choose its victim on the whole machine.
    """
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    ceiling = pages * resource.getpagesize() + settings.WORK["memory"] * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))
