"""Has anything changed that readers see? One stamp answers for pages, menus, places and settings.

A change adds a row in its own transaction, so the stamp changes exactly when the change is
committed, whatever crashes in between, and on every machine that shares the database. A process
reads the stamp at most once a second, at the turn of the second: what it keeps until then is less
than a second old. `kept`, `until_changed` and home.page_cache stand on it.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from threading import Lock
from typing import Any, NamedTuple, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Count, Max, Min
from django.db.models.signals import post_delete, post_save
from django.utils import timezone
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
    """What the public part was like on that day, and the second in which that is known."""

    value: str
    second: int


_last: Stamp | None = None


def stamp() -> Stamp | None:
    """The stamp of this second; None where nothing is kept (settings.KEEP_PAGES)."""
    global _last
    if not settings.KEEP_PAGES:
        return None
    second = int(time.time())
    found = _last
    if found is None or found.second != second:
        # Returned is what was found here: a thread that began to read in the second before may
        # finish later, and put its older stamp in place of this one.
        found = _last = Stamp(_read(), second)
    return found


def _read() -> str:
    # A row that commits late has a smaller id than the largest: counting them sees it as well.
    found = PublicChange.objects.aggregate(Min("pk"), Count("pk"), Max("pk"))
    # The day, because at midnight events pass.
    return f"{found['pk__min']}-{found['pk__count']}-{found['pk__max']} {timezone.localdate()}"


class Kept:
    """What this process made of the public part, by key, until something public changes.

    Keys hold names, numbers and addresses of what is public; never anything of who asks.
    """

    most = 2_000  # lists of cards, mostly: some ten kilobytes each
    most_bytes: int | None = None  # of all sizes told to `put` together

    def __init__(self) -> None:
        self._made: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._bytes = 0
        self._since: Stamp | None = None
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` returned for this key. It is shared: nobody may change it."""
        now = stamp()
        if now is None:
            return make()
        found = self.find(key, now)
        if found is NOTHING:
            found = make()
            self.put(key, found, now)
        return found

    def find(self, key: Hashable, now: Stamp) -> Any:
        """What was put there and is still true; else NOTHING."""
        with self._lock:
            if self._is_over(now):
                self._empty()
                self._since = now
            if key not in self._made:
                return NOTHING
            self._made.move_to_end(key)
            return self._made[key][0]

    def put(self, key: Hashable, made: Any, stamp_before: Stamp, *, size: int = 0) -> None:
        """Keeps what was made after that stamp was read."""
        with self._lock:
            # What was made of an older state must not be given out as the newer one's.
            if not self._since or self._since.value != stamp_before.value:
                return
            self._bytes += size - self._made.get(key, (None, 0))[1]
            self._made[key] = made, size
            while len(self._made) > self.most or self._is_too_large():
                _key, (_made, freed) = self._made.popitem(last=False)
                self._bytes -= freed

    def clear(self) -> None:
        with self._lock:
            self._empty()
            self._since = None

    def _empty(self) -> None:
        self._made.clear()
        self._bytes = 0

    def _is_over(self, now: Stamp) -> bool:
        since = self._since
        return since is None or since.value != now.value or now.second - since.second >= LONGEST

    def _is_too_large(self) -> bool:
        return self.most_bytes is not None and self._bytes > self.most_bytes


NOTHING = object()
kept = Kept()


def until_changed(make: Callable[[], T]) -> Callable[[], T]:
    """Remembers in this process what a function returns, until something public changes."""
    key = (make.__module__, make.__qualname__)

    @wraps(make)
    def remembered() -> T:
        return kept.get(key, make)

    return remembered


def forget() -> None:
    """For tests: the next one has a database of its own."""
    global _last
    _last = None
    kept.clear()


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
