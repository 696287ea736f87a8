"""What a worker process of the tests runs with: the suite's settings, and little patience."""

from config.settings.base import Q_CLUSTER, WORK
from config.settings.test import *  # noqa: F403

WORK = WORK | {
    "timeout": 8,
    "memory": 128,
    "lease": 10,
    "handed": 2,
    "pause": 0,
    "grace": 1,
}
Q_CLUSTER = Q_CLUSTER | {"poll": 0.1, "guard_cycle": 0.1}
