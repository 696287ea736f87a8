"""The suite: complete by itself, no network, mail in memory, tasks at once."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault(
    "SECRET_KEY", "for-tests-only-and-long-enough-to-be-a-key-of-fifty-characters"
)

from .base import *
from .base import environment

DEBUG = False
LOGGING_CONFIG = "logging.config.dictConfig"  # what Python prints is for pytest
DEMO = True
SECRET_KEY = environment.required("SECRET_KEY")
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
DEMO_PASSWORD = "mekong-demo"  # noqa: S105
SECOND_FACTOR_REQUIRED = False

_folder = Path(tempfile.mkdtemp(prefix="mekong-test-"))
DATABASES = {"default": database(_folder / "db.sqlite3")}  # noqa: F405
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in the demo: threads of a test share it, and wait for each other as they would.
    DATABASES["default"]["TEST"] = {"NAME": str(_folder / "test.sqlite3")}
MEDIA_ROOT = _folder / "media"
EVIDENCE_ROOT = _folder / "evidence"
STATIC_ROOT = _folder / "static"
STORAGES = {
    **FILES,  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
CAPTCHA_TEST_MODE = False
KEEP_PAGES = False  # a test sees what it wrote; those about keeping switch it on
