"""What a run found: figures with their targets, as a table."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

HEADINGS = ("", "figure", "target", "measured", "how", "peers")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"


@dataclass(frozen=True)
class Figure:
    """One promise and what was measured of it. Without a value it was not measured; `how` says why.

    `least` and `most` are the target; a figure with neither is told for comparison.
    """

    name: str
    value: float | None
    least: float | None = None
    most: float | None = None
    how: str = ""
    peers: str = ""

    @property
    def is_met(self) -> bool | None:
        if self.value is None or self.least is self.most is None:
            return None
        is_enough = self.least is None or self.value >= self.least
        return is_enough and (self.most is None or self.value <= self.most)

    @property
    def row(self) -> tuple[str, ...]:
        targets = [f">= {self.least:g}"] if self.least is not None else []
        targets += [f"<= {self.most:g}"] if self.most is not None else []
        mark = {True: "met", False: "NOT MET", None: "-"}[self.is_met]
        value = "not measured" if self.value is None else f"{self.value:.3g}"
        return mark, self.name, ", ".join(targets), value, self.how, self.peers


def ratio(name: str, ours: float, theirs: float, **more) -> Figure:
    """Ours divided by theirs."""
    return Figure(name, ours / theirs, **more)


def table(figures: Iterable[Figure]) -> str:
    """For a screen."""
    rows = [HEADINGS, *(figure.row for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "-" * min(100, max(map(len, lines))), *lines[1:]])


def write_page(figures: list[Figure], *, command: str, machine: list[str]) -> None:
    """Keeps the results of a whole run in docs/benchmarks.md."""

    def line(cells: Iterable[str]) -> str:
        return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"

    today = datetime.datetime.now(datetime.UTC).strftime("%d %B %Y, %H:%M UTC")
    rows = [line(HEADINGS), line(["---"] * len(HEADINGS)), *(line(one.row) for one in figures)]
    words = [
        "# Benchmarks",
        "",
        f"The last run of `{command}`, {today}. `make bench` writes this page; do not edit it.",
        "A ratio is ours divided by theirs, both measured in turns in the same run. `met` and",
        "`NOT MET` stand before figures with a target, `-` before those told for comparison.",
        "",
        *rows,
        "",
        "## The machine",
        "",
        *(f"- {fact}" for fact in machine),
        "",
    ]
    PAGE.write_text("\n".join(words))
