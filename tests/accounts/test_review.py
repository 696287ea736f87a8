"""The quarterly review: who looks at what, what stands out, and when it can be signed."""

from datetime import UTC, date, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import AccountLog
from reporting import quarters, reviewing
from reporting.models import AccessReview, Confirmation, Membership
from reporting.quarters import Quarter, quarter_of, running_quarter
from tests.factories import CentreFactory, MembershipFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def chief(nong_khai, bueng_kan, member):
    return member(nong_khai, "chief")


@pytest.fixture
def by_chief(client, chief):
    client.force_login(chief)
    return client


def place(name: str = "review", code: str = "4301", *more: int) -> str:
    return reverse(f"accounts:{name}", args=[code, *more])


def row_of(answer, membership):
    name = membership.user.username
    return next(row for row in answer.context["rows"] if row.person == name)


def confirm_all(centre, *, by, but=()):
    for membership in Membership.objects.filter(centre=centre).exclude(user__in=[by, *but]):
        reviewing.confirm(membership, by=by)


# --- Quarters -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        (date(2026, 1, 1), (2026, 1)),
        (date(2026, 3, 31), (2026, 1)),
        (date(2026, 4, 1), (2026, 2)),
        (date(2026, 6, 30), (2026, 2)),
        (date(2026, 7, 1), (2026, 3)),
        (date(2026, 9, 30), (2026, 3)),
        (date(2026, 10, 1), (2026, 4)),
        (date(2026, 12, 31), (2026, 4)),
    ],
)
def test_a_quarter_is_three_months_of_the_calendar(day, quarter):
    found = quarter_of(day)
    assert found == quarter
    assert found.first_day <= day < found.first_day + timedelta(days=92)


@pytest.mark.parametrize(
    ("moment", "quarter"),
    [
        (datetime(2026, 9, 30, 16, 59, 59, tzinfo=UTC), (2026, 3)),
        (datetime(2026, 9, 30, 17, 0, tzinfo=UTC), (2026, 4)),
        (datetime(2026, 12, 31, 17, 0, tzinfo=UTC), (2027, 1)),
    ],
)
def test_a_quarter_turns_at_midnight_in_thailand(monkeypatch, moment, quarter):
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    for zone in ("UTC", "Asia/Bangkok", "America/New_York"):
        with timezone.override(zone):
            assert running_quarter() == quarter


def test_a_quarter_is_said_by_its_months():
    with translation.override("th"):
        assert str(Quarter(2026, 4)).endswith("2569")
    with translation.override("en"):
        assert str(Quarter(2026, 4)) == "October to December 2026"


# --- Who looks at what --------------------------------------------------------------------------


def test_a_chief_is_led_to_their_own_centre_and_meets_no_other(by_chief, bueng_kan):
    assert by_chief.get(reverse("accounts:reviews"))["Location"] == place()
    assert by_chief.get(place()).status_code == 200
    theirs = bueng_kan.memberships.filter(role="officer").first()
    for code, membership in (("3801", theirs), ("4301", theirs), ("office", theirs)):
        for name in ("confirm_role", "end_role"):
            assert by_chief.post(place(name, code, membership.pk)).status_code == 404
    for code in ("3801", "office", "9999"):
        assert by_chief.get(place(code=code)).status_code == 404
        assert by_chief.post(place("sign_review", code)).status_code == 404
    assert not Confirmation.objects.exists()
    assert not Membership.objects.exclude(ends_on=None).exists()


def test_nobody_confirms_or_ends_their_own_role(by_chief, client, chief, hq):
    own = chief.memberships.get()
    shown = row_of(by_chief.get(place()), own)
    assert (shown.confirm_url, shown.end_url) == ("", "")
    for name in ("confirm_role", "end_role"):
        assert by_chief.post(place(name, "4301", own.pk)).status_code == 404
    with pytest.raises(PermissionDenied):
        reviewing.confirm(own, by=chief)
    client.force_login(hq)
    office = hq.memberships.get()
    assert client.post(place("confirm_role", "office", office.pk)).status_code == 404
    assert client.post(place("confirm_role", "4301", own.pk)).status_code == 302
    assert Confirmation.objects.get().membership == own


def test_a_chief_leaves_other_chiefs_and_superusers_to_the_office(by_chief, client, nong_khai, hq):
    second = MembershipFactory(centre=nong_khai, role="chief")
    boss = MembershipFactory(centre=nong_khai, user=UserFactory(is_superuser=True))
    for membership in (second, boss):
        for name in ("confirm_role", "end_role"):
            assert by_chief.post(place(name, "4301", membership.pk)).status_code == 404
    client.force_login(hq)
    assert row_of(client.get(place()), boss).end_url == ""
    assert client.post(place("end_role", "4301", boss.pk)).status_code == 404
    assert client.post(place("confirm_role", "4301", boss.pk)).status_code == 302
    assert client.post(place("end_role", "4301", second.pk)).status_code == 302


def test_a_role_is_ended_today_and_the_log_says_by_whom(by_chief, chief, nong_khai):
    held = nong_khai.memberships.filter(role="officer").first()
    assert by_chief.post(place("end_role", "4301", held.pk)).status_code == 302
    held.refresh_from_db()
    assert held.ends_on == timezone.localdate()
    entry = AccountLog.objects.filter(person=held.user).first()
    assert (entry.action, entry.actor) == ("change_role", chief)
    assert held.user.username not in by_chief.get(place()).content.decode()


# --- What stands out ----------------------------------------------------------------------------


def test_a_row_says_the_month_of_the_last_sign_in_and_no_more(by_chief, nong_khai):
    held = nong_khai.memberships.filter(role="officer").first()
    held.user.last_login = datetime(2026, 9, 30, 17, 30, tzinfo=UTC)  # October in Thailand
    held.user.save()
    Authenticator.objects.create(user=held.user, type=Authenticator.Type.TOTP, data={})
    with translation.override("th"):
        shown = row_of(by_chief.get(place()), held)
    assert shown.last_seen == "ตุลาคม 2569"
    never = row_of(by_chief.get(place()), nong_khai.memberships.get(role="secretary"))
    assert shown.factor != never.factor
    assert shown.last_seen != never.last_seen


@pytest.mark.parametrize(
    ("seen", "held", "is_unused"),
    [(90, 200, False), (91, 200, True), (None, 90, False), (None, 91, True), (200, 10, False)],
)
def test_a_role_counts_as_unused_after_ninety_days_without_a_sign_in(
    nong_khai, seen, held, is_unused
):
    now = timezone.now()
    last = None if seen is None else now - timedelta(days=seen)
    today = quarters.today_in_thailand()
    membership = MembershipFactory(
        centre=nong_khai, user=UserFactory(last_login=last), starts_on=today - timedelta(days=held)
    )
    assert reviewing.is_unused(membership, today) is is_unused


def test_no_last_day_and_a_second_role_are_marked(by_chief, nong_khai, bueng_kan):
    today = timezone.localdate()
    plain = MembershipFactory(centre=nong_khai, ends_on=today + timedelta(days=9))
    twice = MembershipFactory(centre=nong_khai)
    MembershipFactory(user=twice.user, centre=bueng_kan)
    former = MembershipFactory(centre=nong_khai)
    MembershipFactory(
        user=former.user, centre=bueng_kan, starts_on="2025-01-01", ends_on="2025-12-31"
    )
    page = by_chief.get(place())
    assert [len(row_of(page, held).marks) for held in (plain, former, twice)] == [0, 1, 2]


# --- Signing ------------------------------------------------------------------------------------


def test_a_review_is_signed_once_every_role_was_looked_at(by_chief, chief, nong_khai, hq, member):
    left = nong_khai.memberships.filter(role="officer").first()
    confirm_all(nong_khai, by=chief, but=[left.user])
    reviewing.confirm(chief.memberships.get(), by=hq)
    refused = by_chief.post(place("sign_review"), follow=True)
    assert not AccessReview.objects.exists()
    (told,) = refused.context["messages"]
    assert (told.level_tag, "1" in str(told)) == ("error", True)
    by_chief.post(place("confirm_role", "4301", left.pk))
    by_chief.post(place("sign_review"))
    review = AccessReview.objects.get()
    assert (review.centre, review.signed_by) == (nong_khai, chief)
    assert (review.quarter, review.signed_on) == (
        running_quarter().first_day,
        timezone.localdate(),
    )


def test_a_chiefs_own_role_waits_for_the_office(chief, nong_khai, hq):
    confirm_all(nong_khai, by=chief)
    with pytest.raises(reviewing.NotPossible) as refusal:
        reviewing.sign(nong_khai.pk, by=chief)
    assert "1" in str(refusal.value)
    reviewing.confirm(chief.memberships.get(), by=hq)
    reviewing.sign(nong_khai.pk, by=chief)


def test_an_ended_role_stands_in_nobodys_way(chief, nong_khai, hq):
    held = nong_khai.memberships.filter(role="officer").first()
    confirm_all(nong_khai, by=hq, but=[held.user])
    reviewing.end(held, by=chief)
    reviewing.sign(nong_khai.pk, by=hq)


def test_what_changed_after_it_was_confirmed_is_looked_at_anew(chief, nong_khai, hq):
    held = nong_khai.memberships.filter(role="officer").first()
    confirm_all(nong_khai, by=hq)
    held.role = "secretary"
    held.save()
    with pytest.raises(reviewing.NotPossible):
        reviewing.sign(nong_khai.pk, by=hq)
    reviewing.confirm(held, by=chief)
    reviewing.sign(nong_khai.pk, by=hq)


def test_what_was_confirmed_last_quarter_is_not_confirmed_now(chief, nong_khai, hq):
    confirm_all(nong_khai, by=hq)
    Confirmation.objects.update(quarter=Quarter(2020, 1).first_day)
    with pytest.raises(reviewing.NotPossible):
        reviewing.sign(nong_khai.pk, by=hq)


def test_what_is_signed_stays_signed(by_chief, chief, nong_khai, hq):
    confirm_all(nong_khai, by=hq)
    reviewing.sign(nong_khai.pk, by=hq)
    new = MembershipFactory(centre=nong_khai)
    page = by_chief.get(place())
    assert page.context["signed"]
    assert all(not (row.confirm_url or row.end_url) for row in page.context["rows"])
    for name in ("confirm_role", "end_role"):
        by_chief.post(place(name, "4301", new.pk))
    by_chief.post(place("sign_review"))
    new.refresh_from_db()
    assert (new.ends_on, new.confirmations.count()) == (None, 0)
    assert AccessReview.objects.get().signed_by == hq


def test_the_database_knows_one_review_for_a_place_and_quarter(nong_khai, hq):
    for centre in (nong_khai, None):
        words = {
            "centre": centre,
            "quarter": date(2026, 1, 1),
            "signed_by": hq,
            "signed_on": date(2026, 1, 9),
        }
        AccessReview.objects.create(**words)
        with pytest.raises(IntegrityError), transaction.atomic():
            AccessReview.objects.create(**words)


def test_the_offices_own_review_takes_two(hq, second_hq):
    reviewing.confirm(second_hq.memberships.get(), by=hq)
    with pytest.raises(reviewing.NotPossible):
        reviewing.sign(None, by=hq)
    reviewing.confirm(hq.memberships.get(), by=second_hq)
    assert reviewing.sign(None, by=hq).centre is None


def test_a_place_where_nobody_has_a_role_is_not_signed(client, hq):
    centre = CentreFactory()
    code = centre.district.code
    client.force_login(hq)
    page = client.get(place(code=code))
    assert page.context["sign_url"] not in page.content.decode()
    refused = client.post(place("sign_review", code), follow=True)
    (told,) = refused.context["messages"]
    assert (told.level_tag, str(told).strip() in page.content.decode()) == ("error", True)
    assert not AccessReview.objects.exists()
    held = MembershipFactory(centre=centre)
    page = client.get(place(code=code))
    assert page.context["sign_url"] in page.content.decode()
    reviewing.confirm(held, by=hq)
    client.post(place("sign_review", code))
    assert AccessReview.objects.get().centre == centre


def test_a_role_that_ends_today_leaves_nothing_to_sign(hq):
    held = MembershipFactory(centre=CentreFactory())
    assert held.centre_id in reviewing.places_without_review(hq)
    reviewing.end(held, by=hq)
    assert held.centre_id not in reviewing.places_without_review(hq)
    with pytest.raises(reviewing.NotPossible):
        reviewing.sign(held.centre_id, by=hq)


def test_others_sign_nothing(nong_khai, bueng_kan, member, chief):
    for person in (member(nong_khai, "secretary"), member(bueng_kan, "chief"), UserFactory()):
        with pytest.raises(PermissionDenied):
            reviewing.sign(nong_khai.pk, by=person)


# --- What HQ sees, and who is reminded ----------------------------------------------------------


def test_hq_sees_which_centres_have_no_review(client, nong_khai, bueng_kan, hq, second_hq):
    confirm_all(nong_khai, by=hq)
    reviewing.sign(nong_khai.pk, by=hq)
    empty = CentreFactory()
    client.force_login(hq)
    page = client.get(reverse("accounts:reviews"))
    signed = {shown.url for shown in page.context["places"] if shown.is_signed}
    assert signed == {place(), place(code=empty.district.code)}
    assert page.context["missing"] == 2, "Bueng Kan and the office"
    assert reviewing.places_without_review(hq) == {bueng_kan.pk, None}


def tiles(client) -> list[str]:
    page = client.get("/admin/")
    panel = next(one for one in page.context["panels"] if one.name == "open_reports")
    return [tile.url for tile in panel.get_context_data({"request": page.wsgi_request})["tiles"]]


def test_the_first_page_reminds_those_who_must_review_until_it_is_signed(
    by_chief, client, chief, nong_khai, hq, member
):
    address = reverse("accounts:reviews")
    assert address in tiles(by_chief)
    confirm_all(nong_khai, by=hq)
    reviewing.sign(nong_khai.pk, by=hq)
    assert address not in tiles(by_chief)
    client.force_login(hq)
    assert address in tiles(client)
    client.force_login(member(nong_khai, "officer"))
    assert address not in tiles(client)


@pytest.mark.parametrize("screen", ["reviews", "review"])
def test_the_screens_ask_as_much_for_two_rows_as_for_twenty(client, nong_khai, hq, screen):
    client.force_login(hq)
    address = place() if screen == "review" else reverse("accounts:reviews")

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    cost()
    few = cost()
    for _number in range(18):
        MembershipFactory(centre=nong_khai)
        CentreFactory(staffed=True)
    assert cost() == few
