"""make_reports: rows that cannot be told from reports that came in by the one door."""

import pytest
from django.core.management import CommandError, call_command

from operations import made_reports
from reporting import history
from reporting.models import LogEntry, Report, SealedText
from reporting.texts import open_texts
from tests.factories import CategoryFactory

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def small_batches(monkeypatch):
    """Thirty at a time, so that most of a small run is copied as most of a large one is."""
    monkeypatch.setattr(made_reports, "BATCH", 30)


@pytest.fixture
def made(nong_khai, bueng_kan, small_batches):
    CategoryFactory()
    call_command("make_reports", "95")
    return Report.objects.order_by("pk")


def test_as_many_are_made_as_were_asked_for_and_more_can_be_added(made):
    assert made.count() == 95
    call_command("make_reports", "12", seed=1)
    assert made.count() == 107
    assert made.values("reference").distinct().count() == 107


def test_every_report_has_one_sealed_text_that_its_own_queue_opens(made, nong_khai, member):
    assert SealedText.objects.count() == made.values("sealed_texts").distinct().count() == 95
    ours = made.filter(centre=nong_khai).last()
    [text] = open_texts(ours, by=member(nong_khai, "officer"))
    assert text.words == {"narrative": made_reports.NARRATIVE}
    assert text.pk == ours.sealed_texts.get().pk
    assert made.filter(centre=None).first().sealed_texts.get().sealed_to == ["hq"]


def test_they_spread_over_queues_statuses_and_deadlines(made):
    assert made.values("centre").distinct().count() == 3  # two centres and the office
    assert made.values("status").distinct().count() > 4
    for report in made:
        assert (report.due_at is None) == (not report.is_open)
        if report.merged_into:
            assert report.merged_into.centre_id == report.centre_id
        if report.centre_id and report.assignee:
            assert report.assignee.memberships.filter(centre=report.centre_id).exists()


def test_some_of_them_have_a_log_that_reads_as_it_was_written(made):
    entries = LogEntry.objects.select_related("report")
    assert entries.count() == 10
    assert all(history.is_intact(entry.report) for entry in entries)


def test_the_same_seed_spreads_them_alike(made):
    first = list(made.values_list("status", "received_at", "is_urgent")[:10])
    call_command("make_reports", "10")
    assert list(made.values_list("status", "received_at", "is_urgent")[95:]) == first


def test_without_places_or_people_they_lie_at_the_office(small_batches):
    call_command("make_reports", "20")
    assert Report.objects.filter(centre=None).count() == 20


def test_nothing_is_made_among_real_reports(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="demo or bench settings only"):
        call_command("make_reports", "1")
    assert not Report.objects.exists()


@pytest.mark.parametrize("number", ["0", "-3", "many"])
def test_a_number_that_is_none_is_refused(number):
    with pytest.raises(CommandError):
        call_command("make_reports", number)
    assert not Report.objects.exists()
