"""For working on the code with `manage.py runserver`: the demo with errors shown."""

import os

os.environ.setdefault("SECRET_KEY", "for-development-only")

from .demo import *
from .demo import FOLDER

DEBUG = True
LOGGING_CONFIG = "logging.config.dictConfig"  # tracebacks with their words
STORAGES = {
    **FILES,  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
REPORT_PUBLIC_KEYS = REPORT_PUBLIC_KEYS or str(FOLDER / "keys" / "public.json")  # noqa: F405
REPORT_PRIVATE_KEYS = REPORT_PRIVATE_KEYS or str(FOLDER / "keys" / "private.json")  # noqa: F405
