"""A queue that is flooded takes text only; nothing is lost, rerouted or kept from HQ's eyes."""

from datetime import timedelta

import pytest
from django.core import mail

from home.models import District, User
from reporting import breaker, evidence, history
from reporting.models import Notice, Report, ReportingSettings, SealedText
from reporting.notices import send_owed
from reporting.routing import queue_for
from reporting.tasks import announce
from tests.factories import DistrictFactory, file_report

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def low():
    """A flood is eleven reports."""
    settings = ReportingSettings.load()
    settings.flood_above = 10
    settings.save()


def flood(number: int = 11, **words) -> list[Report]:
    reports = [file_report(**words) for _ in range(number)]
    breaker.flooded_queues.forget()  # as twenty seconds do
    return reports


def accepts_files(district: District | None, *, concerns_official: bool = False) -> bool:
    centre = queue_for(district, concerns_official=concerns_official)
    return not breaker.is_flooded(centre.pk if centre else None)


def test_up_to_the_threshold_files_are_taken_and_above_it_text_alone(nong_khai):
    flood(10, district=nong_khai.district)
    assert accepts_files(nong_khai.district)
    (last,) = flood(1, district=nong_khai.district)
    assert not accepts_files(nong_khai.district)
    assert last.centre == nong_khai


def test_text_is_taken_whatever_comes_and_in_the_same_queue(nong_khai):
    flood(30, district=nong_khai.district)
    assert Report.objects.filter(centre=nong_khai).count() == 30
    assert SealedText.objects.count() == 30


def test_other_queues_take_files(nong_khai, bueng_kan):
    flood(district=nong_khai.district)
    assert accepts_files(bueng_kan.district)
    assert accepts_files(None)
    assert accepts_files(nong_khai.district, concerns_official=True)


def test_hqs_own_queue_breaks_like_any_other(nong_khai):
    flood(district=None)
    assert not accepts_files(None)
    assert not accepts_files(nong_khai.district, concerns_official=True)
    assert not accepts_files(DistrictFactory()), "HQ takes what nobody would read there"
    assert accepts_files(nong_khai.district)


def test_what_concerns_an_official_shows_in_no_district_not_even_so(nong_khai):
    flood(district=nong_khai.district, concerns_official=True)
    assert accepts_files(nong_khai.district)
    assert not breaker.is_flooded(nong_khai.pk)


def test_a_flood_lasts_to_the_end_of_the_hour_after(nong_khai, monkeypatch):
    flood(district=nong_khai.district)
    arrived = Report.objects.first().received_at
    for hours, is_flooded in ((0, True), (1, True), (2, False)):
        now = arrived + timedelta(hours=hours, minutes=59)
        monkeypatch.setattr("reporting.breaker.timezone.now", lambda now=now: now)
        breaker.flooded_queues.forget()
        assert breaker.is_flooded(nong_khai.pk) is is_flooded
    assert history.to_the_hour(arrived) == arrived


def test_the_state_is_asked_of_the_database_once_in_twenty_seconds(
    nong_khai, django_assert_num_queries
):
    accepts_files(nong_khai.district)
    with django_assert_num_queries(0):
        accepts_files(nong_khai.district)
        breaker.is_flooded(nong_khai.pk)


def test_the_state_takes_one_query_however_many_queues_are_flooded(
    nong_khai, bueng_kan, django_assert_num_queries
):
    flood(district=nong_khai.district)
    flood(district=bueng_kan.district)
    with django_assert_num_queries(1):
        assert breaker.flooded_queues() == {nong_khai.pk, bueng_kan.pk}


@pytest.mark.parametrize(("number", "mails"), [(3, 3), (12, 1)])
def test_in_a_flood_danger_is_told_once_in_a_quarter_of_an_hour(nong_khai, member, number, mails):
    chief = member(nong_khai, "chief")
    User.objects.filter(pk=chief.pk).update(email="chief@example.test")
    reports = flood(number, district=nong_khai.district, is_urgent=True)
    for report in reports[:3]:
        announce.call(report.pk)
        send_owed()
    assert len(mail.outbox) == mails
    assert Notice.objects.get().is_owed is (mails == 1), "the rest is told after the pause"


def test_files_stop_where_their_room_ends_and_words_go_on(settings, nong_khai):
    settings.EVIDENCE = settings.EVIDENCE | {"all": 1000, "piece": 400}
    report = file_report(district=nong_khai.district)
    evidence.take(report, [b"x" * 400, b"x" * 400], token="t" * 43)
    claimed = evidence.begin(report, token="v" * 43, size=200)
    breaker._pieces_of_all_files.forget()  # as a minute does
    with pytest.raises(evidence.NotTaken):
        evidence.begin(report, token="u" * 43, size=201)
    assert file_report(district=nong_khai.district).pk
    # What was announced and never came takes no room; what comes is weighed when it comes.
    assert evidence.begin(report, token="w" * 43, size=200)
    settings.EVIDENCE = settings.EVIDENCE | {"all": 900}
    with pytest.raises(evidence.NotTaken):
        evidence.keep(claimed, 0, b"x" * 200)


def test_a_full_room_is_said_by_the_clock_and_by_no_refusal(settings, nong_khai, caplog):
    settings.EVIDENCE = settings.EVIDENCE | {"all": 0}
    with pytest.raises(evidence.NotTaken):
        evidence.begin(file_report(district=nong_khai.district), token="u" * 43, size=1)
    assert not caplog.records
    evidence.say_when_full()
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_hq_sees_which_queue_is_flooded_and_a_district_does_not(client, nong_khai, hq, member):
    flood(district=nong_khai.district)
    line = nong_khai.district.name_th
    assert line in said_on_the_first_page(client, hq)
    assert line not in said_on_the_first_page(client, member(nong_khai, "chief"))


def test_without_a_flood_hq_sees_no_such_line(client, nong_khai, hq):
    flood(10, district=nong_khai.district)
    assert nong_khai.district.name_th not in said_on_the_first_page(client, hq)


def said_on_the_first_page(client, user) -> str:
    client.force_login(user)
    return client.get("/admin/").content.decode()
