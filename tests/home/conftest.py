"""A small site that keeps its pages, and a clock that stands still."""

import pytest
from django.test import Client

from articles.starter import ensure_index as ensure_articles
from events.starter import ensure_index as ensure_events
from home import changes
from home.models import HomePage
from home.page_cache import pages
from home.starter import ensure_home
from reporting.starter import ensure_form


class Clock:
    """A second passes whenever a test says so."""

    def __init__(self) -> None:
        self.now = 1_800_000_000

    def time(self) -> float:
        return float(self.now)

    def tick(self, seconds: int = 1) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch, settings) -> Clock:
    """Pages are kept in this test, and time stands still."""
    settings.KEEP_PAGES = True
    clock = Clock()
    monkeypatch.setattr(changes, "time", clock)
    pages.clear()
    changes.forget()
    yield clock
    pages.clear()
    changes.forget()


@pytest.fixture
def home(db) -> HomePage:
    home = ensure_home()
    ensure_articles(home)
    ensure_events(home)
    ensure_form(home)
    home.refresh_from_db()
    return home


@pytest.fixture
def reader() -> Client:
    """Somebody of whom nothing is known: a client keeps cookies, and no page here sets one."""
    return Client(headers={"host": "testserver"})
