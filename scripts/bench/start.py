"""Cold start and memory of a process, beside those of a bare Django project."""

import re
import statistics
import subprocess
import sys
import time

from bench.environment import HERE, ROOT, Bench
from bench.figures import Figure, ratio

TIMES = 5
# Wagtail's bakery demo took 6.0 times as long as bare Django; 0.7 of that is what we may take.
BAKERY, ALLOWED = 6.0, 0.7
READY = (
    "import {module}, resource; from django.urls import get_resolver; "
    "get_resolver().url_patterns; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
)


def measure(bench: Bench) -> list[Figure]:
    environment = bench.environment(bench.database("start"))
    ours = READY.format(module="config.wsgi")
    bare = READY.format(module="one_page")
    (bench.folder / "one_page.py").write_text((HERE / "bare" / "one_page.py").read_text())
    bare_environment = {"PATH": environment["PATH"], "PYTHONPATH": str(bench.folder)}
    found: dict[str, list[tuple[float, float]]] = {"ours": [], "bare": []}
    for turn in range(TIMES + 1):
        for name, code, variables in (
            ("ours", ours, environment),
            ("bare", bare, bare_environment),
        ):
            figures = _start(code, variables)
            if turn:
                found[name].append(figures)
    seconds = {name: statistics.median(took for took, _ in all_) for name, all_ in found.items()}
    memory = {name: statistics.median(kept for _, kept in all_) for name, all_ in found.items()}
    return [
        ratio(
            "cold start / bare Django",
            seconds["ours"],
            seconds["bare"],
            most=BAKERY * ALLOWED,
            how=f"{seconds['ours']:.2f} s against {seconds['bare']:.2f} s",
            peers=f"Wagtail's bakery demo {BAKERY:g} (measured before)",
        ),
        Figure(
            "memory of a process after its start, MB",
            memory["ours"],
            how=f"bare Django {memory['bare']:.0f} MB",
        ),
    ]


def _start(code: str, environment: dict[str, str]) -> tuple[float, float]:
    """Seconds until a process could answer, and the megabytes it then holds."""
    started = time.perf_counter()
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    took = time.perf_counter() - started
    kilobytes = re.search(r"^(\d+)$", said.stdout, re.M)
    if said.returncode or kilobytes is None:
        sys.exit(f"{said.stderr}\nA process did not start.")
    return took, int(kilobytes[1]) / 1024
