"""django-q2's cluster, with the two things that it leaves to us."""

import os
import signal
from multiprocessing.process import BaseProcess
from typing import Any

from django_q import cluster
from django_q.signals import post_spawn

from work.runner import bound_memory

IDLE = -1


class Sentinel(cluster.Sentinel):
    """Ends the whole group when a worker dies while idle, for the supervisor to start it afresh.

    An idle worker holds the lock of the queue that all workers share. Killed, it never gives it
    back, and the others would wait for ever beside a full queue.
    """

    def reincarnate(self, process: BaseProcess) -> None:
        is_helper = process in (self.monitor, self.pusher)
        if not is_helper and process.timer.value == IDLE:  # type: ignore[attr-defined]
            os.killpg(0, signal.SIGKILL)
        super().reincarnate(process)


def start(**options: Any) -> cluster.Cluster:
    """Starts the workers, in a process group of their own."""
    if os.getpgrp() != os.getpid():
        os.setpgrp()
    post_spawn.connect(bound_memory, dispatch_uid="work.bound_memory")
    cluster.Sentinel = Sentinel
    head = cluster.Cluster(**options)
    head.start()
    return head
