"""Has anything changed that readers see? One stamp answers for pages, menus, places and settings.

A change adds a row in its own transaction, so the stamp changes exactly when the change is
committed, whatever crashes in between, and on every machine that shares the database. A process
reads the stamp at most once a second, at the turn of the second: what it keeps until then is less
than a second old. `until_changed` and home.page_cache stand on it.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Count, Max, Min
from django.db.models.signals import post_delete, post_save
from wagtail.models import Page
from wagtail.signals import post_page_move

from home.models import PublicChange

T = TypeVar("T")

# What somebody changed past our signals, with SQL or QuerySet.update(), shows after a minute.
LONGEST = 60  # seconds
ROWS_KEPT = 100
# Saving a draft sets these and nothing that readers see.
DRAFT_FIELDS = {
    "comments",
    "draft_title",
    "has_unpublished_changes",
    "latest_revision",
    "latest_revision_created_at",
    "wagtail_admin_comments",
}


class Stamp(NamedTuple):
    """What the public part was like, and the second of the clock in which that is known."""

    value: str
    second: int


_last: Stamp | None = None


def stamp() -> Stamp | None:
    """The stamp of this second; None where nothing is kept (settings.KEEP_PAGES)."""
    global _last
    if not settings.KEEP_PAGES:
        return None
    second = int(time.time())
    if _last is None or _last.second != second:
        _last = Stamp(_read(), second)
    return _last


def _read() -> str:
    # A row that commits late has a smaller id than the largest: counting them sees it as well.
    found = PublicChange.objects.aggregate(Min("pk"), Count("pk"), Max("pk"))
    return "{pk__min}-{pk__count}-{pk__max}".format(**found)


def until_changed(make: Callable[[], T]) -> Callable[[], T]:
    """Remembers in this process what a function returns, until something public changes."""
    kept: tuple[Stamp, Any] | None = None

    @wraps(make)
    def remembered() -> T:
        nonlocal kept
        now = stamp()
        if now is None:
            return make()
        if kept is None or kept[0].value != now.value or now.second - kept[0].second >= LONGEST:
            kept = (now, make())
        return kept[1]

    return remembered


# --- What changes it ----------------------------------------------------------------------------


def watch(*shown: type[models.Model]) -> None:
    """Rows of these models are shown to readers: saving or deleting one changes the stamp."""
    for model in shown:
        for signal in (post_save, post_delete):
            signal.connect(_row_changed, sender=model, dispatch_uid="home.changes")
        if issubclass(model, Page):
            post_page_move.connect(_row_changed, sender=model, dispatch_uid="home.changes")


def _row_changed(
    sender: type[models.Model], update_fields: frozenset[str] | None = None, **kwargs: Any
) -> None:
    if not update_fields or not update_fields <= DRAFT_FIELDS:
        note()


def note() -> None:
    """Something that readers see changes with this transaction."""
    change = PublicChange.objects.create()
    if change.pk % ROWS_KEPT == 0:
        PublicChange.objects.filter(pk__lte=change.pk - ROWS_KEPT).delete()
