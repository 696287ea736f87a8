"""Cold start and memory of a process, beside those of a bare Django project.

Both run with the packages of requirements.txt and nothing else, compiled, as the image has them:
Django REST framework and others load whatever tool of a developer they happen to find.
"""

import os
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bench.environment import HERE, ROOT, SYNC, Bench, fetch, run, served
from bench.figures import Figure, ratio
from bench.load import UNCACHED
from services import free_port

TIMES = 5
WORKERS = 2  # of SYNC
VIEWS = 400  # by both
# Wagtail's bakery demo took 6.0 times as long as bare Django; 0.7 of that is what we may take.
BAKERY, ALLOWED = 6.0, 0.7
ROLES = ("all", "public", "staff", "worker")
READY = (
    "import {module}, resource; from django.urls import get_resolver; "
    "get_resolver().url_patterns; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
)
PAGES = ("/th/", "/en/", "/th/report/", "/th/search/?q=river")


class Start(NamedTuple):
    seconds: float
    cpu: float
    megabytes: float


def measure(bench: Bench) -> list[Figure]:
    python = _runtime(bench.folder / "runtime")
    database = bench.database("start")
    bare = {"PATH": os.environ["PATH"], "PYTHONPATH": str(bench.folder)}
    (bench.folder / "one_page.py").write_text((HERE / "bare" / "one_page.py").read_text())
    starts = {"bare": (READY.format(module="one_page"), bare)} | {
        role: (READY.format(module="config.wsgi"), _environment(bench, database, role))
        for role in ROLES
    }
    found: dict[str, list[Start]] = {name: [] for name in starts}
    for turn in range(TIMES + 1):
        for name, (code, environment) in starts.items():
            start = _start(python, code, environment)
            if turn:  # the first one also writes our own bytecode
                found[name].append(start)
    median = {
        name: Start(*(statistics.median(column) for column in zip(*all_, strict=True)))
        for name, all_ in found.items()
    }
    with _ours(bench, python, database) as port:
        ours_serving = _serving(port, PAGES)
    with _bare(python, bare) as port:
        bare_serving = _serving(port, ("/page",))
    return [
        _cold_start(median, "all", most=BAKERY * ALLOWED),
        *(_cold_start(median, role) for role in ROLES[1:]),
        Figure(
            "memory of a process after its start, MB",
            median["all"].megabytes,
            how=", ".join(f"{role} {median[role].megabytes:.0f}" for role in ROLES[1:]),
            peers=f"bare Django {median['bare'].megabytes:.0f}",
        ),
        *(
            Figure(
                f"memory of a worker after {views} page view(s), MB",
                ours[0],
                how=f"its own share (PSS) {ours[1]:.0f}",
                peers=f"bare Django {theirs[0]:.0f}, its own share {theirs[1]:.0f}",
            )
            for views, ours, theirs in zip(
                (1, VIEWS // WORKERS), ours_serving, bare_serving, strict=True
            )
        ),
    ]


def _cold_start(median: dict[str, Start], role: str, *, most: float | None = None) -> Figure:
    ours, bare = median[role], median["bare"]
    return ratio(
        f"cold start / bare Django, role {role}",
        ours.seconds,
        bare.seconds,
        most=most,
        how=f"{ours.seconds:.2f} s against {bare.seconds:.2f} s; "
        f"CPU alone {ours.cpu:.2f} s against {bare.cpu:.2f} s, {ours.cpu / bare.cpu:.2f}",
        peers=f"Wagtail's bakery demo {BAKERY:g} (measured before)" if most else "",
    )


def _runtime(folder: Path) -> str:
    """An interpreter with what requirements.txt names."""
    python = str(folder / "bin" / "python")
    uv = [sys.executable, "-m", "uv"]
    run([*uv, "venv", "--quiet", "--python", sys.executable, str(folder)], dict(os.environ))
    install = ["--quiet", "--python", python, "--require-hashes", "--compile-bytecode"]
    command = [*uv, "pip", "install", *install, "--system-certs", "-r", "requirements.txt"]
    run(command, dict(os.environ))
    return python


def _environment(bench: Bench, database: str, role: str, **more: str) -> dict[str, str]:
    """As the bench has it, but that bytecode is kept: the image has all of it."""
    environment = bench.environment(database, ROLE=role, **more)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if role == "public":
        del environment["REPORT_PRIVATE_KEYS"]
    return environment


def _start(python: str, code: str, environment: dict[str, str]) -> Start:
    """One process, until it could answer."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    said = subprocess.run(
        [python, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    took = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    kilobytes = re.search(r"^(\d+)$", said.stdout, re.M)
    if said.returncode or kilobytes is None:
        sys.exit(f"{said.stderr}\nA process did not start.")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Start(took, cpu, int(kilobytes[1]) / 1024)


@contextmanager
def _ours(bench: Bench, python: str, database: str) -> Iterator[int]:
    port = free_port()
    environment = _environment(
        bench,
        database,
        "all",
        GUNICORN_CMD_ARGS=SYNC,
        BIND=f"127.0.0.1:{port}",
        BASE_URL=f"https://127.0.0.1:{port}",
    )
    with served([python, "-m", "gunicorn", "-c", "python:config.gunicorn"], environment, port):
        yield port


@contextmanager
def _bare(python: str, environment: dict[str, str]) -> Iterator[int]:
    port = free_port()
    command = [python, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", *SYNC.split()]
    with served([*command, "--log-level", "warning", "one_page:application"], environment, port):
        yield port


def _serving(port: int, pages: tuple[str, ...]) -> list[tuple[float, float]]:
    """Megabytes of a worker, resident and its own share, after a first view and after many."""
    found = []
    for views in (WORKERS, VIEWS):
        for number in range(views):
            fetch(port, pages[number % len(pages)], UNCACHED)
        found.append(_memory(port))
    return found


def _memory(port: int) -> tuple[float, float]:
    """The median of the workers of the server that was told this port."""
    servers = [pid for pid in _children(os.getpid()) if _was_told(pid, f"127.0.0.1:{port}")]
    kept = [_rollup(worker) for server in servers for worker in _children(server)]
    if len(kept) != WORKERS:
        sys.exit(f"{len(kept)} workers were found where {WORKERS} serve.")
    return statistics.median(rss for rss, _ in kept), statistics.median(pss for _, pss in kept)


def _was_told(pid: int, words: str) -> bool:
    """Whether words stand in a process's command or environment."""
    process = Path(f"/proc/{pid}")
    return any(words in (process / name).read_text() for name in ("cmdline", "environ"))


def _children(pid: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            said = status.read_text()
        except OSError:  # ended in the meantime
            continue
        if f"\nPPid:\t{pid}\n" in said:
            found.append(int(status.parent.name))
    return found


def _rollup(pid: int) -> tuple[float, float]:
    told = Path(f"/proc/{pid}/smaps_rollup").read_text()
    sizes = dict(re.findall(r"^(Rss|Pss):\s+(\d+) kB", told, re.M))
    return int(sizes["Rss"]) / 1024, int(sizes["Pss"]) / 1024
