"""What workers do for reports."""

import inspect
from datetime import timedelta

import pytest
from django.utils import timezone

from reporting.models import Escalation, Report
from reporting.tasks import check_deadlines, clear_captchas, send_notices
from tests.factories import file_report
from work import ledger
from work.runner import run

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_the_tasks_by_the_clock_take_nothing_at_all():
    for work in (check_deadlines, clear_captchas, send_notices):
        assert not inspect.signature(work.func).parameters


def test_the_worker_escalates_what_is_overdue():
    report = file_report(district=None)
    Report.objects.update(due_at=timezone.now() - timedelta(hours=1))
    run(ledger.add("reporting.tasks.check_deadlines").pk)
    report.refresh_from_db()
    assert report.escalation == Escalation.HQ
