"""The mail that tells staff of something new, and everything that it must not tell."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from wagtail.users.models import UserProfile

from home.models import User
from reporting import notices
from reporting.models import Notice, Report, Telling
from reporting.models.telling import next_digest
from reporting.notices import NoticeNotSent, send_owed
from tests.factories import CategoryFactory, MembershipFactory, file_report
from work import ledger, schedules
from work.models import Job, Schedule
from work.runner import run

BANGKOK = ZoneInfo("Asia/Bangkok")
pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def addresses(nong_khai, hq):
    for person in User.objects.all():
        person.email = f"{person.username}@example.test"
        person.save()
    hq.refresh_from_db()


def tell(**words) -> Report:
    """Files a report, and lets the worker do what that asked for."""
    report = file_report(**words)
    for pk in ledger.take(10):
        run(pk)
    send_owed()
    return report


def told() -> set[str]:
    return {address for message in mail.outbox for address in message.to}


def addresses_of(centre, *roles) -> set[str]:
    members = centre.memberships.filter(role__in=roles).select_related("user")
    return {membership.user.email for membership in members}


def let_pass(**words) -> None:
    for notice in Notice.objects.all():
        notice.not_before -= timedelta(**words)
        notice.save()


def test_intake_asks_for_the_notice_with_the_reports_id_alone(nong_khai):
    report = file_report(district=nong_khai.district)
    job = Job.objects.get()
    assert (job.path, job.args, job.kwargs) == ("reporting.tasks.announce", [report.pk], {})


def test_the_people_who_work_on_the_queue_are_told_and_nobody_else(nong_khai, bueng_kan):
    tell(district=nong_khai.district)
    assert told() == addresses_of(nong_khai, "chief", "secretary", "officer")
    assert len(mail.outbox) == len(told()) == 4


def test_hq_is_told_of_what_lies_in_its_queue(hq):
    tell(district=None)
    assert told() == {hq.email}


def test_a_report_on_a_local_official_is_told_to_hq_alone(nong_khai, hq):
    tell(district=nong_khai.district, concerns_official=True)
    assert told() == {hq.email}


def test_who_left_or_has_no_address_is_not_told(nong_khai, member):
    chief, secretary = member(nong_khai, "chief"), member(nong_khai, "secretary")
    User.objects.filter(pk=chief.pk).update(email="")
    User.objects.filter(pk=secretary.pk).update(is_active=False)
    tell(district=nong_khai.district)
    assert told() == addresses_of(nong_khai, "officer")


def test_the_mail_says_nothing_of_the_report(nong_khai):
    report = tell(
        district=nong_khai.district,
        narrative="เรือสีฟ้าที่ท่าน้ำ",
        category=CategoryFactory(),
        is_urgent=True,
    )
    ordinary = mail.outbox[0]
    mail.outbox.clear()
    let_pass(minutes=15)
    tell(district=nong_khai.district)
    for message in (ordinary, mail.outbox[0]):
        words = message.subject + message.body + str(message.message())
        for secret in (
            report.reference,
            nong_khai.district.name_th,
            nong_khai.district.name_en,
            nong_khai.district.code,
            report.category.name_th,
            report.category.name_en,
            "เรือสีฟ้า",
        ):
            assert secret not in words
    # Urgent or not, the words are the same.
    assert (ordinary.subject, ordinary.body) == (mail.outbox[0].subject, mail.outbox[0].body)


def test_the_mail_speaks_the_language_that_the_person_chose(hq):
    profile = UserProfile.get_for_user(hq)
    bodies = {}
    for language in ("th", "en"):
        profile.preferred_language = language
        profile.save()
        mail.outbox.clear()
        let_pass(minutes=15)
        tell(district=None)
        bodies[language] = mail.outbox[0].body
    assert "Please sign in" in bodies["en"]
    assert "/admin/" in bodies["th"]


def test_one_mail_a_person_in_fifteen_minutes_and_what_came_meanwhile_is_told_then(hq):
    tell(district=None)
    tell(district=None)
    tell(district=None)
    assert len(mail.outbox) == 1
    let_pass(minutes=15)
    send_owed()
    assert len(mail.outbox) == 2
    let_pass(minutes=15)
    send_owed()
    assert len(mail.outbox) == 2


def at(monkeypatch, moment) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)


def test_who_chose_one_mail_a_day_gets_it_at_their_hour_and_only_if_something_came(hq, monkeypatch):
    Telling.objects.create(user=hq, digest_hour=8)
    evening = datetime(2028, 2, 28, 20, 0, tzinfo=BANGKOK)
    at(monkeypatch, evening)
    for _ in range(3):
        tell(district=None)
    assert mail.outbox == []
    for hours, mails in ((11, 0), (12, 1), (13, 1), (36, 1), (60, 1)):
        at(monkeypatch, evening + timedelta(hours=hours))
        send_owed()
        assert len(mail.outbox) == mails
    at(monkeypatch, evening + timedelta(hours=61))
    tell(district=None)
    assert len(mail.outbox) == 1
    at(monkeypatch, evening + timedelta(hours=84))
    send_owed()
    assert len(mail.outbox) == 2


def test_danger_does_not_wait_for_the_daily_mail(hq):
    Telling.objects.create(user=hq, digest_hour=(timezone.localtime().hour + 12) % 24)
    tell(district=None)
    assert mail.outbox == []
    tell(district=None, is_urgent=True)
    assert told() == {hq.email}


def test_a_daily_mail_that_could_not_be_sent_is_tried_again_the_same_day(hq, monkeypatch):
    Telling.objects.create(user=hq, digest_hour=8)
    evening = datetime(2028, 2, 28, 20, 0, tzinfo=BANGKOK)
    at(monkeypatch, evening)
    tell(district=None)
    with monkeypatch.context() as broken:
        broken.setattr(EmailMessage, "send", refused)
        at(monkeypatch, evening + timedelta(hours=12))
        with pytest.raises(NoticeNotSent):
            send_owed()
    at(monkeypatch, evening + timedelta(hours=12, minutes=15))
    send_owed()
    assert told() == {hq.email}


def refused(*args, **kwargs):
    raise ConnectionRefusedError


def test_everybody_chooses_for_themselves_and_what_waited_comes_at_once(client, hq):
    client.force_login(hq)
    hour = (timezone.localtime().hour + 12) % 24
    client.post("/admin/reports/people/told/", {"digest_hour": hour})
    assert Telling.objects.get().digest_hour == hour
    assert f'value="{hour}" selected' in client.get("/admin/reports/people/told/").content.decode()
    tell(district=None)
    assert mail.outbox == []
    client.post("/admin/reports/people/told/", {"digest_hour": ""})
    send_owed()
    assert told() == {hq.email}
    answer = client.post("/admin/reports/people/told/", {"digest_hour": "24"})
    assert answer.context["form"].errors


@given(
    st.integers(0, 23),
    st.datetimes(datetime(2026, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)),
)
def test_the_hour_of_the_day_is_the_next_one_in_thailand(hour, now):
    struck = next_digest(hour, now)
    local = struck.astimezone(BANGKOK)
    assert (local.hour, local.minute, local.second, local.microsecond) == (hour, 0, 0, 0)
    assert timedelta(0) < struck - now <= timedelta(days=1)


def test_danger_does_not_wait(hq):
    tell(district=None)
    tell(district=None, is_urgent=True)
    assert len(mail.outbox) == 2


def test_announcing_twice_tells_once(hq):
    report = tell(district=None)
    let_pass(minutes=15)
    send_owed()
    mail.outbox.clear()
    notices.announce(report)
    notices.announce(report)
    send_owed()
    send_owed()
    assert len(mail.outbox) == 1


def test_who_could_not_be_told_is_told_later_and_the_others_now(nong_khai, hq, monkeypatch):
    send = EmailMessage.send

    def refuse_hq(message, *args, **kwargs):
        if message.to == [hq.email]:
            raise ConnectionRefusedError(f"no mail for {hq.email}")
        return send(message, *args, **kwargs)

    monkeypatch.setattr(EmailMessage, "send", refuse_hq)
    for district in (None, nong_khai.district):
        notices.announce(file_report(district=district))
    with pytest.raises(NoticeNotSent) as caught:
        send_owed()
    assert hq.email not in str(caught.value)
    assert len(told()) == 4
    monkeypatch.undo()
    let_pass(minutes=15)
    send_owed()
    assert hq.email in told()


def test_what_was_sent_leaves_no_time_behind(hq):
    tell(district=None)
    assert Notice.objects.exists()
    let_pass(minutes=15)
    send_owed()
    assert not Notice.objects.exists()


def test_a_new_report_hurries_the_clock(hq):
    schedules.ensure(notices.SCHEDULE, "reporting.tasks.send_notices", 1)
    Schedule.objects.update(next_at=timezone.now() + timedelta(seconds=50))
    file_report(district=None)
    run(*ledger.take(1))
    schedules.tick()
    run(*ledger.take(1))
    assert told() == {hq.email}


def test_a_report_that_is_gone_is_nothing_to_tell():
    run(ledger.add("reporting.tasks.announce", [0]).pk)
    assert not Job.objects.exists()


def test_notices_cost_the_same_for_two_people_and_for_twenty(
    nong_khai, django_assert_max_num_queries
):
    for _ in range(20):
        person = MembershipFactory(centre=nong_khai, role="officer").user
        person.email = f"{person.username}@example.test"
        person.save()
    report = file_report(district=nong_khai.district)
    with django_assert_max_num_queries(9):
        notices.announce(report)
