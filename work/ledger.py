"""What happens to a job: asked for, handed over, begun, done, failed, given up."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from secrets import choice
from typing import Any

from django.conf import settings
from django.db.models import F, Min
from django.utils import timezone

from work.models import Job, JobQuerySet, State

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
# The error of a job whose worker was killed and so could not say what happened.
WORKER_LOST = "WorkerLost"


def new(
    path: str,
    args: Sequence[Any] = (),
    kwargs: dict | None = None,
    *,
    due_at: datetime | None = None,
) -> Job:
    """A job for the caller to write, with the row that caused it. Arguments are ids."""
    due_at = due_at or timezone.now()
    return Job(path=path, args=list(args), kwargs=kwargs or {}, due_at=due_at, free_at=due_at)


def add(path: str, args: Sequence[Any] = (), kwargs: dict | None = None, **options: Any) -> Job:
    """Writes a job down, in the caller's transaction; see new()."""
    job = new(path, args, kwargs, **options)
    job.save(force_insert=True)
    return job


def take(limit: int) -> list[int]:
    """The ids of ready jobs, for the caller to hand over; nobody else is given them for a while.

    A caller that is killed before it handed them over loses nothing: they are ready again after
    the settings' `handed` seconds. Jobs that killed their worker too often are buried here.
    """
    now = timezone.now()
    trusted_until = now + timedelta(seconds=settings.WORK["handed"])
    taken = []
    for pk, seen, attempts in _next(limit, now):
        # A mark that only one can set, rather than a lock: SQLite has none on rows.
        if attempts >= MAX_ATTEMPTS:
            _bury(Job.objects.ready(now).filter(pk=pk, free_at=seen), WORKER_LOST)
        elif (
            Job.objects.ready(now)
            .filter(pk=pk, free_at=seen)
            .update(state=State.WAITING, free_at=trusted_until)
        ):
            taken.append(pk)
    return taken


def _next(limit: int, now: datetime) -> list[tuple[int, datetime, int]]:
    """Ready jobs with their mark and attempts. Heavy ones come last and are few at a time.

    So that whoever sends ten films keeps no worker from telling of danger. Of the heavy kinds each
    has its chance, however long the line of another is.
    """
    heavy = settings.WORK["heavy"]
    ready = Job.objects.ready(now).order_by("free_at", "pk")
    rows = ready.values_list("pk", "free_at", "attempts")
    found = list(rows.exclude(path__in=heavy)[:limit])
    kinds = list(ready.filter(path__in=heavy).order_by().values_list("path", flat=True).distinct())
    if kinds:
        in_hands = Job.objects.in_hands(now).filter(path__in=heavy).count()
        room = min(limit - len(found), settings.WORK["heavy_at_once"] - in_hands)
        found += rows.filter(path=choice(kinds))[: max(0, room)]
    return found


def claim(pk: int) -> Job | None:
    """Begins an attempt, counted before the work so that a task which kills its worker is counted.

    None when there is nothing to do: done, begun by another worker, at rest, or given up.
    """
    now = timezone.now()
    waiting = Job.objects.waiting(now).filter(pk=pk, attempts__lt=MAX_ATTEMPTS)
    lease = now + timedelta(seconds=settings.WORK["lease"])
    if not waiting.update(state=State.RUNNING, attempts=F("attempts") + 1, free_at=lease):
        return None
    return Job.objects.filter(pk=pk).first()


def finish(job: Job) -> None:
    """Takes a job that succeeded off the ledger."""
    Job.objects.filter(pk=job.pk).delete()


def fail(job: Job, error: BaseException) -> None:
    """Lets a job rest before it is tried again, or gives it up after the last attempt."""
    name = type(error).__name__[:80]
    # A worker that was thought dead must not undo what the next one does.
    mine = Job.objects.filter(pk=job.pk, state=State.RUNNING, attempts=job.attempts)
    if job.attempts >= MAX_ATTEMPTS:
        _bury(mine, name)
        return
    again_at = timezone.now() + pause_after(job.attempts)
    mine.update(state=State.WAITING, due_at=again_at, free_at=again_at, error=name)


def pause_after(attempts: int) -> timedelta:
    """Four times as long after each failure: 15 seconds, then 1, 4 and 16 minutes."""
    return timedelta(seconds=settings.WORK["pause"]) * 4 ** (attempts - 1)


def _bury(jobs: JobQuerySet, error: str) -> None:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    if jobs.update(state=State.DEAD, error=error, due_at=hour, free_at=hour):
        logger.error("A task was given up after %s attempts (%s).", MAX_ATTEMPTS, error)


# --- For people and monitors ----------------------------------------------------------------------


def oldest_waiting() -> timedelta | None:
    """How long the job that waits longest has been due and not begun; None when none waits."""
    now = timezone.now()
    since = [
        Job.objects.waiting(now).aggregate(oldest=Min("due_at"))["oldest"],
        Job.objects.interrupted(now).aggregate(oldest=Min("free_at"))["oldest"],
    ]
    since = [moment for moment in since if moment is not None]
    return now - min(since) if since else None


def dead() -> JobQuerySet:
    """Jobs that gave up and wait for a person's word."""
    return Job.objects.dead()


def retry(pk: int) -> bool:
    """Gives a dead job all its attempts again; False when it is not dead (any more)."""
    now = timezone.now()
    return bool(
        dead().filter(pk=pk).update(state=State.WAITING, attempts=0, due_at=now, free_at=now)
    )


def discard(pk: int) -> bool:
    """Takes a dead job off the ledger for good; False when it is not dead (any more)."""
    return bool(dead().filter(pk=pk).delete()[0])
