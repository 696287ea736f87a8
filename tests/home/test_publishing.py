"""Pages that appear and go at the time they were given."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone
from wagtail.models import Locale, Page, PageLogEntry, Revision

from config.schedules import ensure_schedules
from home.models import StandardPage
from home.publishing import publish_due
from home.starter import ensure_home
from work import ledger, schedules
from work.runner import run

HOUR = timedelta(hours=1)
ADDRESS = "/th/soon/"


@pytest.fixture
def soon(db) -> StandardPage:
    """A page that readers do not see yet."""
    if not Page.objects.exists():  # an earlier test with transactions emptied the tables
        locale, _ = Locale.objects.get_or_create(language_code="th")
        Page.add_root(instance=Page(title="Root", slug="root", locale=locale))
    home = ensure_home()
    home.refresh_from_db()
    return home.add_child(instance=StandardPage(title="Soon", slug="soon", live=False))


def schedule(soon: StandardPage) -> None:
    """As when an editor gave it a time that has come since."""
    soon.go_live_at = timezone.now() - HOUR
    revision = soon.save_revision()
    Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=soon.go_live_at)


def logged(action: str) -> int:
    return PageLogEntry.objects.filter(action=action).count()


def test_a_page_appears_when_its_time_has_come_and_readers_see_it(soon, clock, reader):
    schedule(soon)
    assert reader.get(ADDRESS).status_code == 404
    assert publish_due() == 1
    clock.tick()
    assert reader.get(ADDRESS).status_code == 200


def test_nothing_appears_or_goes_before_its_time(soon):
    soon.go_live_at = soon.expire_at = timezone.now() + HOUR
    soon.save_revision().publish()
    StandardPage.objects.exclude(pk=soon.pk).update(expire_at=soon.expire_at)
    assert Revision.objects.filter(approved_go_live_at__isnull=False).exists()
    assert publish_due() == 0


def test_a_page_goes_when_its_time_is_over_and_no_kept_copy_stays(soon, clock, reader):
    soon.save_revision().publish()
    clock.tick()
    assert reader.get(ADDRESS)["X-Accel-Expires"]  # it is kept from now on
    Page.objects.filter(pk=soon.pk).update(expire_at=timezone.now() - HOUR)
    assert publish_due() == 1
    clock.tick()
    assert reader.get(ADDRESS).status_code == 404
    soon.refresh_from_db()
    assert (soon.live, soon.expired) == (False, True)


def test_the_clock_publishes(soon):
    schedule(soon)
    ensure_schedules()
    schedules.tick()
    for pk in ledger.take(10):
        run(pk)
    soon.refresh_from_db()
    assert soon.live


def test_a_second_run_does_nothing(soon):
    schedule(soon)
    assert [publish_due(), publish_due()] == [1, 0]
    assert logged("wagtail.publish.scheduled") == 1


def test_a_page_that_fails_keeps_no_other_from_appearing(soon, monkeypatch):
    schedule(soon)
    other = soon.get_parent().add_child(
        instance=StandardPage(title="Later", slug="later", live=False)
    )
    schedule(other)
    publish = Revision.publish

    def fail_for_the_first(revision, **options):
        if revision.object_id == str(soon.pk):
            raise ValueError
        publish(revision, **options)

    monkeypatch.setattr(Revision, "publish", fail_for_the_first)
    with pytest.raises(ExceptionGroup):
        publish_due()
    live = dict(StandardPage.objects.values_list("slug", "live"))
    assert (live["soon"], live["later"]) == (False, True)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_publish_once(soon):
    schedule(soon)
    together, did = Barrier(2), []

    def work() -> None:
        together.wait()
        try:
            did.append(publish_due())
        finally:
            connection.close()

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(did) == [0, 1]
    assert logged("wagtail.publish.scheduled") == 1
