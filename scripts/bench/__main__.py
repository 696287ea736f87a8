"""`make bench`: measures everything, or what is named: ARGS="intake queue", SIZE=small.

Builds its own data in throw-away databases, starts the production server as shipped, and measures
each side of a ratio in turns. A whole run at full size writes docs/benchmarks.md.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

from bench import intake, public, queue, search, start
from bench.environment import DURABLE, Bench, machine
from bench.figures import Figure, table, write_page
from provide import provide
from services import postgresql

SUBJECTS = {
    "public": public.measure,
    "intake": intake.measure,
    "queue": queue.measure,
    "search": search.measure,
    "start": start.measure,
}


def main(names: list[str]) -> int:
    unknown = set(names) - SUBJECTS.keys()
    if unknown:
        sys.exit(f"There is no {', '.join(sorted(unknown))}. Choose from {', '.join(SUBJECTS)}.")
    is_small = os.environ.get("SIZE") == "small"
    provide("postgresql", "nginx", "wrk", "gettext")
    facts = machine()
    figures: list[Figure] = []
    # On the disk that is measured, not in memory: /tmp may be either.
    with tempfile.TemporaryDirectory(prefix="mekong-bench-") as name, postgresql(DURABLE) as server:
        folder = Path(name)
        bench = Bench(
            folder=folder,
            postgresql=server.url.removesuffix("/postgres"),
            is_small=is_small,
            public_keys=folder / "keys" / "public.json",
            private_keys=folder / "keys" / "private.json",
        )
        make_keys(bench)
        bench.make_template()
        bench.manage("bench_template", "collectstatic", "--noinput", "--verbosity", "0")
        for subject in names or SUBJECTS:
            began = time.monotonic()
            say(f"Measuring {subject} ...")
            figures += SUBJECTS[subject](bench)
            say(f"  {time.monotonic() - began:.0f} s")
    print(table(figures), flush=True)
    if not names and not is_small:
        write_page(figures, command="make bench", machine=facts)
    missed = [figure.name for figure in figures if figure.is_met is False]
    say(
        f"\nNot met: {'; '.join(missed)}." if missed else "\nEvery target that was measured is met."
    )
    return 1 if missed else 0


def make_keys(bench: Bench) -> None:
    """A key for the office and for each centre of the demo."""
    import json

    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from reporting.sealing import HQ, new_key

    bench.public_keys.parent.mkdir(mode=0o700)
    pairs = {name: new_key() for name in (HQ, "4301", "3801", "5703", "2706", "3206")}
    for path, place in ((bench.public_keys, 0), (bench.private_keys, 1)):
        path.write_text(json.dumps({name: [pair[place]] for name, pair in pairs.items()}))


def say(words: str) -> None:
    print(words, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
