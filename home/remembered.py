"""What a process may remember of the database for some seconds: rows that seldom change."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from django.db import models
from django.db.models.signals import post_delete, post_save

T = TypeVar("T")
Row = TypeVar("Row", bound=models.Model)
ALL: "list[Remembered | RememberedOfEach]" = []
MOST = 1000  # rows of which a function's answers are kept


class Remembered(Generic[T]):
    """Reads once, then answers from memory until the seconds are over.

    A change made in this process is seen at once, one made in another when the seconds are over:
    so remember only what may be that old without harm. What is handed out is shared; nobody may
    change it.
    """

    def __init__(self, read: Callable[[], T], *, seconds: float, of: list[type[models.Model]]):
        self._read, self._seconds = read, seconds
        self._kept: tuple[float, T] | None = None
        _forget_with(of, self.forget)
        ALL.append(self)

    def __call__(self) -> T:
        kept, now = self._kept, time.monotonic()
        if kept is None or now >= kept[0]:
            kept = self._kept = (now + self._seconds, self._read())
        return kept[1]

    def forget(self, *args: object, **kwargs: object) -> None:
        self._kept = None


def remembered(
    *of: type[models.Model], seconds: float
) -> Callable[[Callable[[], T]], Remembered[T]]:
    """Makes a function without arguments remember its answer; `of` are the models it reads."""

    def make(read: Callable[[], T]) -> Remembered[T]:
        return Remembered(read, seconds=seconds, of=list(of))

    return make


class RememberedOfEach(Generic[Row, T]):
    """The same for a function of one row: each row has its answer, kept by its primary key."""

    def __init__(
        self, read: Callable[[Row], T], *, seconds: float, of: list[type[models.Model]]
    ) -> None:
        self._read, self._seconds = read, seconds
        self._kept: dict[int, tuple[float, T]] = {}
        _forget_with(of, self.forget)
        ALL.append(self)

    def __call__(self, row: Row) -> T:
        kept, now = self._kept.get(row.pk), time.monotonic()
        if kept is None or now >= kept[0]:
            if len(self._kept) >= MOST:
                self._kept.clear()
            kept = self._kept[row.pk] = (now + self._seconds, self._read(row))
        return kept[1]

    def forget(self, *args: object, **kwargs: object) -> None:
        self._kept.clear()


def remembered_of_each(
    *of: type[models.Model], seconds: float
) -> Callable[[Callable[[Row], T]], RememberedOfEach[Row, T]]:
    """Makes a function of one row remember its answers; `of` are the models it reads."""

    def make(read: Callable[[Row], T]) -> RememberedOfEach[Row, T]:
        return RememberedOfEach(read, seconds=seconds, of=list(of))

    return make


def _forget_with(of: list[type[models.Model]], forget: Callable[..., None]) -> None:
    for model in of:
        for change in (post_save, post_delete):
            change.connect(forget, sender=model)


def forget_everything() -> None:
    """For tests: the next one has a database of its own."""
    for kept in ALL:
        kept.forget()
