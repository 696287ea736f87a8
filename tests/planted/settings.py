"""The demo, as talkative as it can be made, with its mail in files."""

import os

from tests.config.loud import *  # noqa: F403

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = os.path.join(os.environ["DEMO_FOLDER"], "mail")
