"""Chiefs give roles in their own centre: to whom, which, where, and what is refused."""

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import administration
from accounts.models import AccountLog
from home.models import User
from reporting.models import Membership
from reporting.permissions import membership_policy
from tests.factories import MembershipFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

SCREENS = ("edit", "history", "usage", "delete")
NEW = {
    "username": "somchai",
    "first_name": "สมชาย",
    "last_name": "ใจดี",
    "email": "somchai@dopa.example",
    "language": "th",
    "role": "officer",
}


@pytest.fixture
def chief(nong_khai, bueng_kan, member):
    return member(nong_khai, "chief")


@pytest.fixture
def by_chief(client, chief):
    client.force_login(chief)
    return client


def role_of(membership: Membership, **changed):
    return {
        "user": membership.user_id,
        "role": membership.role,
        "centre": membership.centre_id or "",
        "starts_on": str(membership.starts_on),
        **changed,
    }


def logged(person: User) -> list[tuple[str, User | None]]:
    entries = AccountLog.objects.filter(person=person)
    return [(entry.action, entry.actor) for entry in entries][::-1]


def rows() -> list[tuple]:
    return list(Membership.objects.order_by("pk").values_list())


# --- What a chief may ---------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["officer", "secretary", "coordinator"])
def test_a_chief_gives_a_role_in_their_centre_and_ends_it_and_both_are_logged(
    by_chief, chief, nong_khai, role
):
    person = MembershipFactory(
        centre=nong_khai, role="coordinator", starts_on="2025-01-01", ends_on="2025-12-31"
    ).user
    wish = {"user": person.pk, "role": role, "centre": nong_khai.pk, "starts_on": "2026-01-01"}
    assert by_chief.post(reverse("memberships:add"), wish).status_code == 302
    given = Membership.objects.get(user=person, ends_on=None)
    assert (given.role, given.centre) == (role, nong_khai)
    ending = role_of(given, ends_on="2026-01-31")
    by_chief.post(reverse("memberships:edit", args=[given.pk]), ending)
    given.refresh_from_db()
    assert str(given.ends_on) == "2026-01-31"
    assert logged(person)[1:] == [("give_role", chief), ("change_role", chief)]


def test_a_chief_sees_the_roles_below_theirs_in_their_centre_and_no_others(
    by_chief, nong_khai, bueng_kan
):
    MembershipFactory(role="hq")
    listed = by_chief.get(reverse("memberships:index")).context["object_list"]
    assert set(listed) == set(nong_khai.memberships.exclude(role="chief"))


def test_a_chief_invites_somebody_with_a_role_and_both_are_logged(by_chief, chief, nong_khai):
    answer = by_chief.post(reverse("accounts:invite_colleague"), NEW)
    assert answer["Location"] == reverse("memberships:index")
    person = User.objects.get(username="somchai")
    held = person.memberships.get()
    assert (held.role, held.centre, held.ends_on) == ("officer", nong_khai, None)
    assert not person.has_usable_password()
    assert not person.is_superuser
    assert logged(person) == [("invite", chief), ("give_role", chief)]
    assert [letter.to for letter in mail.outbox] == [[person.email]]


def test_whoever_leads_two_centres_chooses_which(by_chief, chief, bueng_kan):
    MembershipFactory(user=chief, role="chief", centre=bueng_kan)
    assert by_chief.post(reverse("accounts:invite_colleague"), NEW).status_code == 200
    wish = {**NEW, "centre": bueng_kan.pk}
    assert by_chief.post(reverse("accounts:invite_colleague"), wish).status_code == 302
    assert User.objects.get(username="somchai").memberships.get().centre == bueng_kan


def test_the_people_of_a_centre_lead_its_chief_on_and_nobody_else(
    by_chief, client, nong_khai, member
):
    address = reverse("accounts:invite_colleague")
    assert address in by_chief.get(reverse("people:index")).content.decode()
    client.force_login(member(nong_khai, "secretary"))
    assert address not in client.get(reverse("people:index")).content.decode()


# --- What a chief may not -----------------------------------------------------------------------


@pytest.mark.parametrize("screen", SCREENS)
def test_what_is_not_a_chiefs_answers_404_and_stays_as_it_is(
    by_chief, chief, nong_khai, bueng_kan, screen
):
    second = MembershipFactory(centre=nong_khai, role="chief")
    boss = MembershipFactory(centre=nong_khai, role="officer", user=UserFactory(is_superuser=True))
    office = [MembershipFactory(role=role) for role in ("hq", "analyst", "auditor")]
    own = [chief.memberships.get(), MembershipFactory(user=chief, centre=nong_khai)]
    before = rows()
    elsewhere = list(bueng_kan.memberships.all())
    for membership in (second, boss, *office, *own, *elsewhere):
        address = reverse(f"memberships:{screen}", args=[membership.pk])
        assert by_chief.get(address).status_code == 404, membership.role
        wish = role_of(membership, ends_on="2026-12-31")
        assert by_chief.post(address, wish).status_code == 404, membership.role
    assert rows() == before
    theirs = nong_khai.memberships.filter(role="officer").exclude(user__in=[chief, boss.user])
    opens = {"delete": 302}.get(screen, 200)  # deleting is refused as to HQ
    address = reverse(f"memberships:{screen}", args=[theirs.first().pk])
    assert by_chief.get(address).status_code == opens


@pytest.mark.parametrize("role", ["chief", "hq", "analyst", "auditor"])
def test_a_chief_gives_no_role_of_chiefs_and_none_of_the_office(by_chief, nong_khai, member, role):
    held = nong_khai.memberships.filter(role="officer").first()
    place = nong_khai.pk if role == "chief" else ""
    before = rows()
    wish = role_of(held, role=role, centre=place)
    answer = by_chief.post(reverse("memberships:add"), wish)
    assert "role" in answer.context["form"].errors
    answer = by_chief.post(reverse("memberships:edit", args=[held.pk]), wish)
    assert "role" in answer.context["form"].errors
    answer = by_chief.post(reverse("accounts:invite_colleague"), {**NEW, "role": role})
    assert list(answer.context["form"].errors) == ["role"]
    assert (rows(), mail.outbox) == (before, [])


def test_a_chief_gives_none_elsewhere_and_none_without_a_centre(by_chief, nong_khai, bueng_kan):
    held = nong_khai.memberships.filter(role="officer").first()
    before = rows()
    for place in (bueng_kan.pk, ""):
        answer = by_chief.post(reverse("memberships:add"), role_of(held, centre=place))
        assert "centre" in answer.context["form"].errors
        by_chief.post(reverse("memberships:edit", args=[held.pk]), role_of(held, centre=place))
    assert rows() == before


def test_nobody_is_replaced_in_place(by_chief, nong_khai):
    """The one who goes would stand in no log."""
    held = nong_khai.memberships.filter(role="officer").first()
    other = nong_khai.memberships.filter(role="coordinator").first() or MembershipFactory(
        centre=nong_khai, role="coordinator"
    )
    before = rows()
    by_chief.post(reverse("memberships:edit", args=[held.pk]), role_of(held, user=other.user_id))
    assert rows() == before


def test_a_chief_gives_none_to_themselves_a_superuser_or_a_stranger(
    by_chief, chief, nong_khai, bueng_kan, member
):
    boss = MembershipFactory(
        centre=nong_khai, role="officer", user=UserFactory(is_superuser=True)
    ).user
    held = nong_khai.memberships.filter(role="officer").first()
    before = rows()
    for person in (chief, boss, UserFactory(), member(bueng_kan, "officer")):
        wish = role_of(held, user=person.pk)
        answer = by_chief.post(reverse("memberships:add"), wish)
        assert "user" in answer.context["form"].errors
        by_chief.post(reverse("memberships:edit", args=[held.pk]), wish)
    assert rows() == before


def test_an_invitation_goes_into_the_chiefs_centre_whatever_is_posted(
    by_chief, nong_khai, bueng_kan
):
    by_chief.post(reverse("accounts:invite_colleague"), {**NEW, "centre": bueng_kan.pk})
    assert User.objects.get(username="somchai").memberships.get().centre == nong_khai


def test_the_invitation_itself_looks_at_the_right(chief, hq, nong_khai, bueng_kan, member):
    wishes = [(chief, "hq", nong_khai), (chief, "officer", bueng_kan)]
    wishes += [(member(nong_khai, "secretary"), "officer", nong_khai), (hq, "officer", nong_khai)]
    for person, role, centre in wishes:
        with pytest.raises(PermissionDenied):
            administration.invite_colleague({**NEW, "role": role, "centre": centre}, by=person)
    with pytest.raises(PermissionDenied):
        administration.invite(NEW, by=chief)
    assert not User.objects.filter(username="somchai").exists()
    assert mail.outbox == []


def test_a_former_chief_gives_nothing_any_more(by_chief, chief, nong_khai):
    chief.memberships.update(starts_on="2025-01-01", ends_on="2025-12-31")
    held = nong_khai.memberships.filter(role="officer").first()
    assert by_chief.get(reverse("memberships:edit", args=[held.pk])).status_code == 404
    assert by_chief.get(reverse("accounts:invite_colleague")).status_code == 404
    assert by_chief.get(reverse("memberships:index")).status_code == 302


def test_policy_and_list_never_disagree(chief, hq, nong_khai, member):
    MembershipFactory(role="auditor")
    people = (chief, hq, member(nong_khai, "secretary"), UserFactory(is_superuser=True))
    for person in people:
        listed = set(membership_policy.instances_user_has_any_permission_for(person, ["change"]))
        for membership in Membership.objects.all():
            may = membership_policy.user_has_permission_for_instance(person, "change", membership)
            assert may == (membership in listed)


def test_the_list_asks_as_much_for_two_rows_as_for_twenty(by_chief, nong_khai):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert by_chief.get(reverse("memberships:index")).status_code == 200
        return len(queries)

    cost()
    few = cost()
    MembershipFactory.create_batch(18, centre=nong_khai)
    assert cost() == few
