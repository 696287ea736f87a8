"""`make bench`: production as shipped, over rows that the benchmark makes for itself."""

from .production import *

BENCH = True  # make_reports and make_pages may run
# Sessions are made in the database beside the server, so nobody is asked for a second factor.
SECOND_FACTOR_REQUIRED = False
