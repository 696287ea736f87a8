"""`make bench`: production as shipped, over rows that the benchmark makes for itself."""

from pathlib import Path

from .production import *
from .production import environment

_folder = Path(environment.required("BENCH_FOLDER"))
MEDIA_ROOT = _folder / "media"
STATIC_ROOT = _folder / "static"

BENCH = True  # make_reports and make_pages may run
# Sessions are made in the database beside the server, so nobody is asked for a second factor.
SECOND_FACTOR_REQUIRED = False
SILENCED_SYSTEM_CHECKS = ["accounts.E001"]  # which would refuse that, and rightly so, elsewhere
