"""The mail that tells staff of something new, and everything that it must not tell."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.utils import timezone
from wagtail.users.models import UserProfile

from home.models import User
from reporting import notices
from reporting.models import Notice, Report
from reporting.notices import NoticeNotSent, send_owed
from tests.factories import CategoryFactory, MembershipFactory, file_report
from work import ledger, schedules
from work.models import Job, Schedule
from work.runner import run

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
    with django_assert_max_num_queries(8):
        notices.announce(report)
