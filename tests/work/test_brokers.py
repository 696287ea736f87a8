"""The mark by which a container's check sees that its worker works."""

import pytest
from django.db import DatabaseError
from django_q.conf import Conf

from work import ledger
from work.brokers import LedgerBroker

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def mark(settings, tmp_path, monkeypatch):
    settings.WORKER_BEAT = str(tmp_path / "mark")
    monkeypatch.setattr(Conf, "POLL", 0)
    monkeypatch.setattr("work.brokers.sleep", lambda seconds: None)
    return tmp_path / "mark"


def test_a_worker_that_was_answered_leaves_a_mark(mark):
    assert not LedgerBroker("mekong").dequeue()
    assert mark.exists()


def test_a_worker_that_gets_no_answer_leaves_none(mark, monkeypatch):
    def refuse(number):
        raise DatabaseError

    monkeypatch.setattr(ledger, "take", refuse)
    assert LedgerBroker("mekong").dequeue() is None
    assert not mark.exists()


def test_a_worker_goes_on_where_it_can_leave_no_mark(mark, settings):
    settings.WORKER_BEAT = str(mark / "nowhere" / "mark")
    assert not LedgerBroker("mekong").dequeue()
