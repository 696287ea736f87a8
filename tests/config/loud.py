"""The demo, as talkative as it can be made: for tests of what the log leaves out all the same."""

from copy import deepcopy

from django.db.backends.signals import connection_created

from config.settings.demo import *
from config.settings.demo import LOGGING

LOGGING = deepcopy(LOGGING)
LOGGING["root"]["level"] = "DEBUG"
for logger in LOGGING["loggers"].values():
    logger["level"] = "DEBUG"
ROOT_URLCONF = "tests.config.loud_urls"


def log_every_row(connection, **kwargs) -> None:
    connection.force_debug_cursor = True  # as DEBUG does: each query with its values


connection_created.connect(log_every_row)
