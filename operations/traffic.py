"""How many requests staff make, how they end and how long they take.

Only what stands below /admin/ is counted, by kind of screen. Readers and reporters are not: with a
few dozen visits a day a counter that is read every 15 seconds tells when somebody opened the form
(docs/threat-model.md).

The processes that gunicorn forks share one piece of memory, made here in their parent, and each
writes into a part of its own. So whichever of them is asked knows the sum, a worker that is
replaced takes nothing with it, and nobody waits for anybody. Loads no Django.
"""

import mmap
import threading
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

SCREENS = ("reports", "sign_in", "admin", "nowhere")
ENDS = ("2xx", "3xx", "4xx", "5xx")
SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
PARTS = 64  # processes at a time, those that are being replaced among them

# A row: how many took up to each of SECONDS but no less, how many longer; then all their seconds.
ROW = len(SECONDS) + 2
PART = len(SCREENS) * len(ENDS) * ROW

_memory = memoryview(mmap.mmap(-1, PARTS * PART * 8)).cast("d")
_lock = threading.Lock()  # between the threads of this process
_part = 0


class Counted(NamedTuple):
    """The requests for one kind of screen that ended in one way, of all processes together."""

    screen: str
    end: str
    up_to: list[int]  # at most so many seconds, for each of SECONDS and then for all
    seconds: float


def write_into(part: int) -> None:
    """Which part of the memory is this process's."""
    global _part
    _part = part


def free_part(taken: set[int]) -> int:
    """One that nobody else writes into; beyond PARTS the first is shared, and some go uncounted."""
    return min(set(range(PARTS)) - taken, default=0)


def count(screen: str, status: int, seconds: float) -> None:
    row = SCREENS.index(screen) * len(ENDS) + min(max(status // 100, 2), 5) - 2
    start = _part * PART + row * ROW
    with _lock:
        _memory[start + bisect_left(SECONDS, seconds)] += 1
        _memory[start + ROW - 1] += seconds


def counted() -> Iterator[Counted]:
    for row, (screen, end) in enumerate((screen, end) for screen in SCREENS for end in ENDS):
        parts = [part * PART + row * ROW for part in range(PARTS)]
        *numbers, seconds = (sum(_memory[start + place] for start in parts) for place in range(ROW))
        up_to = [int(sum(numbers[: place + 1])) for place in range(len(numbers))]
        yield Counted(screen, end, up_to, seconds)


def forget() -> None:
    """For tests."""
    for place in range(len(_memory)):
        _memory[place] = 0
