"""`make bench`: production as shipped, over rows that the benchmark makes for itself."""

from pathlib import Path

from .production import *
from .production import environment

_folder = Path(environment.required("BENCH_FOLDER"))
MEDIA_ROOT = _folder / "media"
EVIDENCE_ROOT = _folder / "evidence"
STATIC_ROOT = _folder / "static"

BENCH = True  # make_reports and make_pages may run
