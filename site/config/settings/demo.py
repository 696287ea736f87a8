"""`make demo`: one machine, SQLite, demo data, sign-in by password alone."""

from pathlib import Path

from .base import *
from .base import VAR_DIR, database, environment

FOLDER = Path(environment.text("DEMO_FOLDER", str(VAR_DIR / "demo")))

DEBUG = False
DEMO = True
SECRET_KEY = environment.required("SECRET_KEY")
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
DATABASES = {"default": database(FOLDER / "db.sqlite3")}
MEDIA_ROOT = FOLDER / "media"
EVIDENCE_ROOT = FOLDER / "evidence"
STATIC_ROOT = FOLDER / "static"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

DEMO_PASSWORD = environment.text("DEMO_PASSWORD", "mekong-demo")
SECOND_FACTOR_REQUIRED = False
# Programs that walk the demo may answer PASSED; no other settings module reads this variable.
CAPTCHA_TEST_MODE = environment.flag("CAPTCHA_TEST_MODE")
