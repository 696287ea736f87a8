"""Asking servers in turns: so many a second, or how long one answer takes."""

import http.client
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import NamedTuple

ROUNDS = 5
BEFORE = 4  # answers that are not counted: each worker makes its first of every page slowly
SECURE = {"X-Forwarded-Proto": "https"}  # as the proxy says, or production redirects
# Whoever sends a cookie, whatever it is, gets a page made for them (home/page_cache.py).
COOKIE = "none=none"
UNCACHED = SECURE | {"Cookie": COOKIE}


class Target(NamedTuple):
    """One address of a server and what is sent with it."""

    port: int
    path: str
    headers: dict[str, str] = {}


def rates(targets: Mapping[str, Target], *, seconds: int = 4, connections: int = 4):
    """Answers a second of each, by wrk: the median of several rounds in turns."""
    found: dict[str, list[float]] = {name: [] for name in targets}
    for target in targets.values():
        wrk(target, seconds=1, connections=connections)  # what loads late loads here
    for _ in range(ROUNDS):
        for name, target in targets.items():
            found[name].append(wrk(target, seconds=seconds, connections=connections))
    return {name: statistics.median(several) for name, several in found.items()}


def wrk(target: Target, *, seconds: int, connections: int) -> float:
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s"]
    for name, value in target.headers.items():
        command += ["-H", f"{name}: {value}"]
    command.append(f"http://127.0.0.1:{target.port}{target.path}")
    said = subprocess.run(command, capture_output=True, text=True)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said.stdout)
    if said.returncode or not rate or not float(rate[1]) or "Non-2xx" in said.stdout:
        sys.exit(f"{said.stdout}{said.stderr}\nwrk found no page at {target.path}.")
    return float(rate[1])


def medians(targets: Mapping[str, Target], *, times: int = 15) -> dict[str, float]:
    """Seconds that an answer takes, one at a time, in turns."""
    found: dict[str, list[float]] = {name: [] for name in targets}
    connections = {
        name: http.client.HTTPConnection("127.0.0.1", target.port, timeout=60)
        for name, target in targets.items()
    }
    for turn in range(times + BEFORE):
        for name, target in targets.items():
            started = time.perf_counter()
            connections[name].request("GET", target.path, headers=target.headers)
            response = connections[name].getresponse()
            response.read()
            if response.status != 200:
                sys.exit(f"{target.path} answered {response.status}.")
            if turn >= BEFORE:
                found[name].append(time.perf_counter() - started)
    for connection in connections.values():
        connection.close()
    return {name: statistics.median(several) for name, several in found.items()}
