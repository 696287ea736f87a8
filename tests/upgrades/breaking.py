"""The demo with one more app, whose migration is sound or not as BREAKS says."""

from config.settings.demo import *
from config.settings.demo import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.upgrades.breaking_app"]
