"""What `make bench` makes of its figures. What they are is for a machine at rest to say."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench import figures
from bench.figures import Figure, ratio, table, write_page

SCRIPTS = Path(figures.__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("figure", "is_met"),
    [
        (ratio("a", 1, 4, least=0.25), True),
        (ratio("a", 1, 5, least=0.25), False),
        (Figure("a", 12, most=12), True),
        (Figure("a", 13, most=12), False),
        (Figure("a", 0, most=0), True),
        (Figure("a", None, most=12, how="nothing to measure with"), None),
        (Figure("a", 9.0), None),
    ],
)
def test_a_target_is_met_missed_or_was_not_measured(figure, is_met):
    assert figure.is_met is is_met


def test_what_was_missed_or_not_measured_stands_out_in_the_table():
    shown = table([Figure("slow", 2.0, most=1.5), Figure("gone", None, least=1, how="no proxy")])
    assert "NOT MET  slow" in shown
    assert "not measured" in shown
    assert "no proxy" in shown


def test_the_page_tells_command_machine_and_every_figure(tmp_path, monkeypatch):
    monkeypatch.setattr(figures, "PAGE", tmp_path / "benchmarks.md")
    found = [Figure("a | b", 1.0, least=0.5), Figure("c", 2.0)]
    write_page(found, command="make bench", machine=["2 cores"])
    page = (tmp_path / "benchmarks.md").read_text()
    assert "`make bench`" in page
    assert "- 2 cores" in page
    assert "| met | a / b | >= 0.5 | 1 |" in page


def test_a_subject_that_is_none_is_refused_before_anything_starts():
    said = subprocess.run(
        [sys.executable, "-m", "bench", "queue", "weather"],
        env={"PYTHONPATH": str(SCRIPTS)},
        capture_output=True,
        text=True,
    )
    assert said.returncode == 1
    assert "There is no weather" in said.stderr
