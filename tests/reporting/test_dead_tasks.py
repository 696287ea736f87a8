"""HQ looks after the tasks that gave up."""

import pytest
from django.urls import reverse
from wagtail.models import ModelLogEntry

from reporting.views.staff_tasks import DiscardReason
from tests.factories import file_report
from work import ledger
from work.models import Job, State

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def dead(nong_khai):
    report = file_report(district=nong_khai.district)
    Job.objects.update(state=State.DEAD, attempts=5, error="ConnectionRefusedError")
    assert Job.objects.get().args == [report.pk]
    return Job.objects.get()


@pytest.fixture
def as_hq(client, hq):
    client.force_login(hq)
    return client


def logged() -> list[tuple]:
    entries = ModelLogEntry.objects.filter(action__startswith="work.")
    return [(entry.action, entry.user, entry.label, entry.data) for entry in entries]


def test_hq_sees_what_gave_up_in_words_and_nothing_of_the_report(as_hq, dead):
    page = as_hq.get(reverse("reports:tasks"))
    [shown] = page.context["jobs"]
    assert shown["attempts"] == 5
    assert shown["error"] == "ConnectionRefusedError"
    assert "reporting.tasks" not in shown["task"]
    assert set(shown) == {"pk", "task", "attempts", "at", "error"}  # and no arguments


def test_what_still_waits_is_not_on_the_screen(as_hq, dead):
    waiting = ledger.add("reporting.tasks.check_deadlines")
    assert waiting.pk not in [
        job["pk"] for job in as_hq.get(reverse("reports:tasks")).context["jobs"]
    ]


def test_hq_lets_it_try_again_and_the_log_says_so(as_hq, hq, dead):
    as_hq.post(reverse("reports:retry_task", args=[dead.pk]))
    dead.refresh_from_db()
    assert (dead.state, dead.attempts) == (State.WAITING, 0)
    facts = {"attempts": 5, "error": "ConnectionRefusedError"}
    assert logged() == [("work.retry", hq, "reporting.tasks.announce", facts)]


def test_hq_discards_it_with_a_reason_and_the_log_says_so(as_hq, hq, dead):
    as_hq.post(
        reverse("reports:discard_task", args=[dead.pk]), {"reason": DiscardReason.DONE_BY_HAND}
    )
    assert not Job.objects.exists()
    [(action, user, label, data)] = logged()
    assert (action, user, label) == ("work.discard", hq, "reporting.tasks.announce")
    assert data["reason"] == "done_by_hand"


@pytest.mark.parametrize("reason", ["", "words of one's own"])
def test_without_a_known_reason_nothing_is_discarded(as_hq, dead, reason):
    answer = as_hq.post(
        reverse("reports:discard_task", args=[dead.pk]), {"reason": reason}, follow=True
    )
    assert Job.objects.filter(pk=dead.pk).exists()
    assert logged() == []
    assert len(answer.context["messages"]) == 1


@pytest.mark.parametrize("screen", ["retry_task", "discard_task"])
def test_a_task_that_did_not_give_up_is_left_alone(as_hq, dead, screen):
    Job.objects.update(state=State.WAITING, attempts=1)
    as_hq.post(reverse(f"reports:{screen}", args=[dead.pk]), {"reason": "not_needed"})
    assert Job.objects.get().attempts == 1
    assert logged() == []


def test_the_first_page_counts_them_for_hq_alone(client, hq, nong_khai, member, dead):
    address = reverse("reports:tasks")
    client.force_login(hq)
    assert address in client.get(reverse("wagtailadmin_home")).content.decode()
    client.force_login(member(nong_khai, "chief"))
    assert address not in client.get(reverse("wagtailadmin_home")).content.decode()
    ledger.discard(dead.pk)
    client.force_login(hq)
    assert address not in client.get(reverse("wagtailadmin_home")).content.decode()
