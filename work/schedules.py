"""Tasks by the clock: each period once, however many workers look at it."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from work.ledger import MAX_ATTEMPTS
from work.models import Job, Schedule, State


def ensure(name: str, path: str, minutes: int) -> None:
    """Creates a schedule that is missing; the times that staff changed stay."""
    Schedule.objects.get_or_create(name=name, defaults={"path": path, "minutes": minutes})


def hurry(name: str) -> None:
    """Lets a schedule run now, and then on as before."""
    now = timezone.now()
    Schedule.objects.filter(name=name, next_at__gt=now).update(next_at=now)


def tick(now: datetime | None = None) -> int:
    """Writes a job for every schedule that is due; returns for how many.

    Only one of several workers moves a schedule on, and the job commits with that.
    """
    now = now or timezone.now()
    due = list(Schedule.objects.filter(next_at__lte=now))
    return sum(_start(schedule, now) for schedule in due)


@transaction.atomic
def _start(schedule: Schedule, now: datetime) -> bool:
    mine = Schedule.objects.filter(pk=schedule.pk, next_at=schedule.next_at)
    if not mine.update(next_at=schedule.time_after(now)):
        return False
    # The last one may have given up: it gets one more attempt, and stays in sight if that fails.
    last = Job.objects.filter(schedule=schedule)
    if last.dead().update(state=State.WAITING, attempts=MAX_ATTEMPTS - 1, due_at=now, free_at=now):
        return True
    if last.exists():  # still waiting or at work
        return False
    Job.objects.create(path=schedule.path, schedule=schedule, due_at=now, free_at=now)
    return True
