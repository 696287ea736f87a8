"""Runs the background work: django-q2's cluster as one group that starts, and ends, as a whole."""

import os
import sys
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from work.processes import (
    ROOT,
    Family,
    Service,
    Watchdog,
    adopt_orphans,
    ignore_signals,
    stop_on_signals,
)


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--unsupervised",
            action="store_true",
            help="Be the cluster itself. It ends only in its own time; for the supervisor's use.",
        )

    def handle(self, *, unsupervised: bool, **options: Any) -> None:
        if unsupervised:
            from work import cluster  # what the supervisor itself need not hold in memory

            cluster.start()
        else:
            self.supervise()

    def supervise(self) -> None:
        """Returns after SIGTERM or SIGINT, when the group has ended.

        A running task gets the settings' `grace`; then it is killed, and its attempt counts.
        """
        stop_on_signals()
        adopt_orphans()
        watchdog = Watchdog()
        family = Family(watchdog, patience=settings.WORK["grace"])
        cluster = [sys.executable, str(ROOT / "manage.py"), "work", "--unsupervised"]
        try:
            service = Service(family, "cluster", cluster, dict(os.environ), self.stderr.write)
            while True:
                service.look_after()
                time.sleep(0.5)
        except KeyboardInterrupt:
            pass
        finally:
            ignore_signals()
            family.stop()
            watchdog.dismiss()
