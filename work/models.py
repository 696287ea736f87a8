"""The ledger of background work, and the clock that fills it."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DEAD = "dead", _("gave up")


class JobQuerySet(models.QuerySet):
    def alive(self) -> Self:
        """Jobs that will still be tried."""
        return self.exclude(state=State.DEAD)

    def dead(self) -> Self:
        """Jobs that failed too often: nobody tries them again unless a person says so."""
        return self.filter(state=State.DEAD)

    def ready(self, now: datetime) -> Self:
        """Jobs that are due and in nobody's hands: new, failed and rested, lost or interrupted."""
        return self.alive().filter(due_at__lte=now, free_at__lte=now)

    def in_hands(self, now: datetime) -> Self:
        """Jobs that a broker hands over or a worker does."""
        return self.alive().filter(due_at__lte=now, free_at__gt=now)

    def waiting(self, now: datetime) -> Self:
        """Jobs that a worker may begin, however often they were handed to one."""
        return self.filter(state=State.WAITING, due_at__lte=now)

    def interrupted(self, now: datetime) -> Self:
        """Jobs whose worker said nothing for so long that it is thought dead."""
        return self.filter(state=State.RUNNING, free_at__lte=now)


class Schedule(models.Model):
    """A task by the clock."""

    name = models.CharField(max_length=60, unique=True)
    path = models.CharField(max_length=200)
    minutes = models.PositiveIntegerField()
    next_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name

    def time_after(self, now: datetime) -> datetime:
        """The first of its times after now; periods that nobody was there for are left out."""
        period = timedelta(minutes=self.minutes)
        missed = max(0, (now - self.next_at) // period)
        return self.next_at + period * (missed + 1)


class Job(models.Model):
    """One task from the moment somebody asked for it until it succeeded, which deletes the row.

    The row is written in the transaction that made the work, so both are kept or neither is. It
    holds ids, never content, and of an error its class alone. What finished leaves nothing that
    tells when a report came; what gave up is kept to the hour.
    """

    path = models.CharField(max_length=200)
    args = models.JSONField(default=list)
    kwargs = models.JSONField(default=dict)
    # A schedule has one job at most: a task that fails for a day must not leave a hundred.
    schedule = models.ForeignKey(Schedule, models.CASCADE, null=True, db_index=False)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    # Until then it is in the hands of a broker (waiting) or a worker (running). Hands that were
    # killed open by themselves.
    free_at = models.DateTimeField(default=timezone.now)
    error = models.CharField(max_length=80, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["free_at"], name="job_alive", condition=~Q(state=State.DEAD)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["schedule"],
                condition=Q(schedule__isnull=False),
                name="job_one_for_a_schedule",
            )
        ]

    def __str__(self) -> str:
        return self.path
