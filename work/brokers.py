"""Between the ledger and django-q2's workers: only the id of a job ever travels."""

import logging
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import redis
from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.utils import timezone
from django_q.brokers import Broker
from django_q.brokers.redis_broker import Redis
from django_q.conf import Conf
from django_q.signing import SignedPackage

from work import ledger, schedules

logger = logging.getLogger(__name__)

TICK = 1  # seconds between two looks at the clock
RELAYED = 20  # jobs handed over at a time
Parcel = list[tuple[None, str]]


class LedgerBroker(Broker):
    """Takes jobs from the ledger itself. A job is acknowledged by its row, never here."""

    _ticked_at = 0.0

    def dequeue(self) -> Parcel | None:
        """The next job for the workers of this process; None after a short rest."""
        try:
            self.keep_time()
            parcel = self.fetch()
            self.leave_mark()
        except DatabaseError as error:
            logger.warning("The ledger does not answer (%s).", type(error).__name__)
            close_old_connections()
            sleep(1)
            return None
        if not parcel:
            sleep(Conf.POLL)
        return parcel

    def fetch(self) -> Parcel:
        return [wrapped(pk) for pk in ledger.take(1)]

    @staticmethod
    def leave_mark() -> None:
        """For scripts/healthcheck.py: this worker asks for work, and is answered."""
        if settings.WORKER_BEAT:
            with suppress(OSError):  # then the check finds no mark, and says so
                Path(settings.WORKER_BEAT).touch()

    def keep_time(self) -> None:
        if monotonic() - self._ticked_at >= TICK:
            schedules.tick()
            self._ticked_at = monotonic()

    def enqueue(self, task: str) -> None:
        raise TypeError("Work is asked for by the ledger: use a task of django_tasks.")

    def ping(self) -> bool:
        return True


class RelayBroker(LedgerBroker, Redis):
    """Hands ready jobs to Redis, where workers of all machines wait for them.

    Nothing depends on what Redis keeps: a job that it loses, or that is lost on the way, is
    handed over again, and one that arrives twice is begun once. While Redis is away, the ledger
    alone serves.
    """

    def fetch(self) -> Parcel:
        try:
            # A long queue stays in the ledger: in Redis it would be handed over again and again.
            if self.queue_size() < RELAYED and (jobs := ledger.take(RELAYED)):
                self.connection.rpush(self.list_key, *jobs)
            popped = self.connection.blpop([self.list_key], timeout=Conf.POLL)
        except redis.RedisError as error:
            logger.warning("Redis does not answer (%s).", type(error).__name__)
            return super().fetch()
        return [wrapped(int(popped[1]))] if popped else []

    @staticmethod
    def get_connection(list_key: str | None = None) -> redis.Redis:
        # Without a limit a network that swallows everything would hold the relay for ever.
        return redis.from_url(Conf.REDIS, socket_connect_timeout=2, socket_timeout=5)

    def set_stat(self, key: str, value: str, timeout: int) -> None:
        with suppress(redis.RedisError):
            super().set_stat(key, value, timeout)

    def ping(self) -> bool:
        return True


def wrapped(pk: int) -> tuple[None, str]:
    """A job as django-q2's workers expect it; packed here and opened in the process next door."""
    task = {
        "id": str(pk),
        "name": str(pk),
        "func": "work.runner.run",
        "args": (pk,),
        "kwargs": {},
        "started": timezone.now(),
    }
    return (None, SignedPackage.dumps(task))
