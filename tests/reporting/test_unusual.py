"""Unusual reading: where each threshold lies, whose it is to see, and what it costs."""

import time
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reporting import history, unusual
from reporting.lifecycle import move
from reporting.models import LogEntry, Report, ReportingSettings
from reporting.unusual import Kind
from tests.factories import CentreFactory, MembershipFactory, UserFactory, file_report

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

SCREEN = "/admin/reports/unusual/"
THAILAND = ZoneInfo("Asia/Bangkok")
YESTERDAY = timezone.localdate(timezone=THAILAND) - timedelta(days=1)
USUAL = {"hour": 2, "day": 4, "night": 3, "idle": 50}


def at(clock: str, day: date = YESTERDAY) -> datetime:
    return datetime.combine(day, datetime.strptime(clock, "%H:%M:%S").time(), THAILAND)


@pytest.fixture(autouse=True)
def thresholds():
    """thresholds(idle=1) changes one; the others stay small enough to be reached in a test."""

    def choose(**changed: int) -> None:
        settings = ReportingSettings.load()
        for name, number in {**USUAL, **changed}.items():
            setattr(settings, f"reads_above_{name}", number)
        settings.save()

    choose()
    return choose


@pytest.fixture
def reports(nong_khai):
    return [file_report(district=nong_khai.district) for _ in range(5)]


@pytest.fixture
def officer(nong_khai, member):
    return member(nong_khai, "officer")


@pytest.fixture
def chief(nong_khai, member):
    return member(nong_khai, "chief")


def opened(report: Report, by, moment: datetime, action: str = "read") -> None:
    entry = history.append(report, action, actor=LogEntry.Actor.STAFF, user=by)
    LogEntry.objects.filter(pk=entry.pk).update(at=moment)


def found(viewer, kind: Kind) -> list[tuple]:
    return [(one.user_id, one.number) for one in unusual.seen_by(viewer) if one.kind == kind]


# --- Thresholds ---------------------------------------------------------------------------------


def test_what_an_office_starts_with():
    usual = ReportingSettings()
    assert (usual.reads_above_hour, usual.reads_above_night) == (20, 3)
    assert (usual.reads_above_day, usual.reads_above_idle) == (60, 10)


def test_an_hour_is_unusual_above_its_number_of_reports(reports, officer, chief):
    for report in reports[:2]:
        opened(report, officer, at("09:00:00"))
        opened(report, officer, at("09:59:59"))  # the same report again is no other report
    assert found(chief, Kind.HOUR) == []
    opened(reports[2], officer, at("10:00:00"))
    assert found(chief, Kind.HOUR) == [], "that is the next hour"
    opened(reports[3], officer, at("09:30:00"), "open_file")
    assert found(chief, Kind.HOUR) == [(officer.pk, 3)]


def test_a_day_is_unusual_above_its_number_of_reports(reports, officer, chief):
    for number, report in enumerate(reports[:4]):
        opened(report, officer, at(f"{8 + number:02}:00:00"))
    opened(reports[4], officer, at("08:00:00", YESTERDAY - timedelta(days=1)))
    assert found(chief, Kind.DAY) == []
    opened(reports[4], officer, at("19:00:00"))
    assert found(chief, Kind.DAY) == [(officer.pk, 5)]


def test_a_night_is_unusual_above_its_number_of_openings(reports, officer, chief):
    tomorrow = YESTERDAY + timedelta(days=1)
    opened(reports[0], officer, at("19:59:59"))
    opened(reports[0], officer, at("06:00:00", tomorrow))
    for moment in (at("20:00:00"), at("23:59:59"), at("00:00:00", tomorrow)):
        opened(reports[0], officer, moment)
    assert found(chief, Kind.NIGHT) == [], "three by night, two by day"
    opened(reports[0], officer, at("05:59:59", tomorrow))
    assert found(chief, Kind.NIGHT) == [(officer.pk, 4)]
    night = next(one for one in unusual.seen_by(chief) if one.kind == Kind.NIGHT)
    assert night.since == YESTERDAY


def test_two_nights_are_not_one(reports, officer, chief):
    for day in (YESTERDAY, YESTERDAY - timedelta(days=1)):
        opened(reports[0], officer, at("20:00:00", day))
        opened(reports[0], officer, at("21:00:00", day))
    assert found(chief, Kind.NIGHT) == []


def test_hours_days_and_nights_are_those_of_thailand(reports, officer, chief):
    for report in reports:
        opened(report, officer, at("00:30:00"))
    chief.memberships.update(starts_on=YESTERDAY)  # where it is not today yet they are chief too
    with timezone.override("America/New_York"):
        by_kind = {one.kind: one.since for one in unusual.seen_by(chief)}
    assert by_kind[Kind.HOUR] == at("00:00:00")
    assert by_kind[Kind.DAY] == YESTERDAY
    assert by_kind[Kind.NIGHT] == YESTERDAY - timedelta(days=1)


def test_reading_to_no_purpose_is_unusual_above_its_number(thresholds, reports, officer, chief):
    thresholds(idle=1)
    mine, acted, idle, second, _other = reports
    move(acted, "accept", by=officer)
    Report.objects.filter(pk=mine.pk).update(assignee=officer)
    Report.objects.filter(pk=second.pk).update(assignee=chief)
    for report in (mine, acted, idle):
        opened(report, officer, at("09:00:00"))
    assert found(chief, Kind.IDLE) == []
    opened(second, officer, at("10:00:00"))
    assert found(chief, Kind.IDLE) == [(officer.pk, 2)]


def test_what_is_older_than_two_weeks_is_left_alone(reports, officer, chief):
    first = YESTERDAY + timedelta(days=1) - timedelta(days=unusual.DAYS)
    for report in reports[:3]:
        opened(report, officer, at("00:00:00", first) - timedelta(seconds=1))
    assert unusual.seen_by(chief) == []
    for report in reports[:3]:
        opened(report, officer, at("00:00:00", first))
    assert found(chief, Kind.HOUR) == [(officer.pk, 3)]


def test_what_the_system_does_and_what_is_no_opening_do_not_count(reports, officer, chief):
    for report in reports:
        opened(report, officer, at("23:00:00"), "accept")
        history.append(report, "sketch", actor=LogEntry.Actor.SYSTEM)
    assert unusual.seen_by(chief) == []


# --- Whose it is to see -------------------------------------------------------------------------


def test_a_chief_does_not_see_themselves_and_hq_sees_chiefs(reports, chief, hq, second_hq):
    for person in (chief, hq):
        for report in reports[:3]:
            opened(report, person, at("09:00:00"))
    assert found(chief, Kind.HOUR) == [(hq.pk, 3)]
    assert found(hq, Kind.HOUR) == [(chief.pk, 3)]
    assert set(found(second_hq, Kind.HOUR)) == {(chief.pk, 3), (hq.pk, 3)}


def test_a_chief_sees_openings_of_their_own_reports_alone(
    nong_khai, bueng_kan, officer, chief, hq, member
):
    MembershipFactory(user=officer, centre=bueng_kan)
    MembershipFactory(user=officer, role="hq")
    elsewhere = [file_report(district=bueng_kan.district) for _ in range(3)]
    official = [file_report(district=nong_khai.district, concerns_official=True) for _ in range(3)]
    for report in (*elsewhere, *official):
        opened(report, officer, at("09:00:00"))
    assert unusual.seen_by(chief) == []
    assert found(member(bueng_kan, "chief"), Kind.HOUR) == [(officer.pk, 3)]
    assert found(hq, Kind.HOUR) == [(officer.pk, 6)]


def test_the_screen_is_for_chiefs_and_hq(client, nong_khai, reports, officer, chief, hq, member):
    for report in reports[:3]:
        opened(report, officer, at("09:00:00"))
    others = [officer, member(nong_khai, "secretary"), member(nong_khai, "coordinator")]
    others += [MembershipFactory(role="auditor").user, UserFactory(is_superuser=True)]
    for person in others:
        client.force_login(person)
        assert client.get(SCREEN).status_code == 404
    for person in (chief, hq):
        client.force_login(person)
        page = client.get(SCREEN)
        assert page.status_code == 200
        (row,) = page.context["rows"]
        assert officer.username in row.person
        assert not any(report.reference in page.content.decode() for report in reports)


def test_a_chief_is_not_told_what_somebody_is_elsewhere(
    client, nong_khai, bueng_kan, reports, officer, chief, hq
):
    MembershipFactory(user=officer, centre=bueng_kan)
    for report in reports[:3]:
        opened(report, officer, at("09:00:00"))
    for person, number in ((chief, 1), (hq, 2)):
        client.force_login(person)
        (row,) = client.get(SCREEN).context["rows"]
        assert len(row.roles) == number


def tile(client) -> str:
    """The number on the first page, or nothing."""
    page = client.get("/admin/")
    panel = next(one for one in page.context["panels"] if one.name == "open_reports")
    shown = panel.get_context_data({"request": page.wsgi_request})["tiles"]
    return next((one.number for one in shown if one.url == SCREEN), "")


def test_the_first_page_counts_what_the_screen_shows(client, reports, officer, chief):
    client.force_login(chief)
    assert tile(client) == ""
    for report in reports:
        opened(report, officer, at("09:00:00"))
    unusual.count_seen_by.forget()
    rows = client.get(SCREEN).context["rows"]
    assert tile(client) == str(len(rows)) == "2"
    client.force_login(officer)
    assert tile(client) == ""


@pytest.fixture
def weighed(monkeypatch) -> list:
    """For whom the log was read through, in turn."""
    found: list = []

    def seen_by(viewer):
        found.append(viewer)
        return weigh(viewer)

    weigh = unusual.seen_by
    monkeypatch.setattr(unusual, "seen_by", seen_by)
    return found


def test_two_openings_of_the_first_page_weigh_the_log_once(
    client, weighed, reports, officer, chief, monkeypatch
):
    for report in reports:
        opened(report, officer, at("09:00:00"))
    client.force_login(chief)
    assert client.get("/admin/").status_code == 200
    assert [tile(client), tile(client)] == ["2", "2"]
    assert weighed == [chief]
    now = time.monotonic()
    monkeypatch.setattr("home.remembered.time.monotonic", lambda: now + 301)
    assert tile(client) == "2"
    assert weighed == [chief, chief]


def test_what_one_person_is_told_is_remembered_for_nobody_else(
    client, weighed, reports, officer, chief, hq, bueng_kan, member
):
    for report in reports:
        opened(report, chief, at("09:00:00"))
    for person, number in ((chief, ""), (hq, "2"), (member(bueng_kan, "chief"), "")):
        client.force_login(person)
        assert tile(client) == number
    client.force_login(officer)
    assert tile(client) == ""
    assert officer not in weighed, "who oversees nobody is asked nothing"
    assert len(weighed) == 3


def test_a_changed_threshold_counts_on_the_first_page_at_once(
    client, thresholds, reports, officer, chief
):
    for report in reports:
        opened(report, officer, at("09:00:00"))
    client.force_login(chief)
    assert tile(client) == "2"
    thresholds(hour=50)
    assert tile(client) == "1"


def test_the_screen_asks_as_much_for_two_rows_as_for_twenty(client, reports, nong_khai, hq):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(SCREEN).status_code == 200
        return len(queries)

    def somebody_reads() -> None:
        person = MembershipFactory(centre=CentreFactory()).user
        for report in reports[:3]:
            opened(report, person, at("09:00:00"))

    client.force_login(hq)
    for _ in range(2):
        somebody_reads()
    cost()
    few = cost()
    for _ in range(18):
        somebody_reads()
    assert len(client.get(SCREEN).context["rows"]) == 20
    assert cost() == few
