"""The journeys of the browser tests on the cluster, while its processes are killed.

Public processes and workers are killed at any moment. The one process of staff is killed between
two steps: what officers send is never sent twice by the proxy, so whoever is cut off in the middle
of a step looks first whether it was taken, and that is theirs to do.
"""

import pytest

from tests.browser import test_journey
from tests.cluster.conftest import patient


@pytest.fixture(autouse=True)
def killed_between_steps(monkeypatch, cluster):
    """Staff's process is killed before each step's page is opened."""
    step = test_journey.press

    def press(page, address: str, name: str) -> None:
        before = cluster.running().get("staff-0")
        cluster.kill("staff-0")
        cluster.wait_for("staff-0", other_than=before)
        step(page, address, name)

    monkeypatch.setattr(test_journey, "press", press)
    reporter = test_journey.reporter_page
    monkeypatch.setattr(test_journey, "reporter_page", lambda page: patient(reporter(page)))


def test_an_article_is_read_while_processes_are_killed(page, live, chaos):
    test_journey.test_an_article_is_read_in_both_languages(page, live)


def test_a_report_travels_to_its_closing_while_processes_are_killed(page, live, chaos, sign_in):
    test_journey.test_a_report_travels_from_the_form_to_its_closing(page, live, sign_in)
    assert {"staff-0"} < set(chaos.killed)


def test_a_report_in_english_arrives_while_processes_are_killed(page, live, chaos, sign_in):
    test_journey.test_a_report_is_filed_in_english_for_the_same_queue(page, live, sign_in)
