"""Production's settings, with files in a folder of the test."""

import os
from pathlib import Path

from config.settings.production import *

_folder = Path(os.environ["DEMO_FOLDER"])
STATIC_ROOT, MEDIA_ROOT = _folder / "static", _folder / "media"
