"""What superusers do on Wagtail's screens of people and groups stands in the log of accounts."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts import history
from accounts.models import AccountLog
from home.models import User
from tests.accounts.conftest import is_signed_in
from tests.factories import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(db):
    return UserFactory(username="boss", is_superuser=True)


@pytest.fixture
def by_boss(client, boss):
    client.force_login(boss)
    return client


@pytest.fixture
def editors(db):
    return Group.objects.create(name="Some editors")


def entries(**narrowed) -> list[tuple]:
    """(who, what, whom, data) of everything logged but the making of the boss, first one first."""
    found = AccountLog.objects.chained().filter(**narrowed).exclude(person__username="boss")
    return [
        (entry.actor.username if entry.actor else "", entry.action, entry.person_id, entry.data)
        for entry in found
    ]


def form(person: User, **changed) -> dict:
    values = {
        "username": person.username,
        "first_name": person.first_name or "Somchai",
        "last_name": person.last_name or "Jaidee",
        "is_active": "on",
    }
    return {name: value for name, value in (values | changed).items() if value is not None}


@pytest.fixture
def edit(by_boss, officer):
    """edit(is_active=None) posts Wagtail's form about the officer; None leaves a box empty."""
    officer.first_name, officer.last_name = "Somchai", "Jaidee"
    officer.save()

    def post(**changed):
        url = reverse("wagtailusers_users:edit", args=[officer.pk])
        answer = by_boss.post(url, form(officer, **changed))
        assert answer.status_code == 302, answer.context["form"].errors
        officer.refresh_from_db()

    return post


def test_superuser_rights_are_logged_when_given_and_when_taken(edit, officer):
    edit(is_superuser="on")
    assert officer.is_superuser
    edit(is_superuser="on")
    edit()
    assert not officer.is_superuser
    assert entries() == [
        ("boss", "make_superuser", officer.pk, {}),
        ("boss", "unmake_superuser", officer.pk, {}),
    ]


def test_an_account_closed_there_is_logged_and_its_sessions_stay_ended(edit, officer):
    theirs = Client()
    theirs.force_login(officer)
    assert is_signed_in(theirs)
    edit(is_active=None)
    edit()
    assert not is_signed_in(theirs)
    assert [entry[1] for entry in entries()] == ["deactivate", "activate"]


def test_names_and_groups_changed_there_are_logged(edit, officer, editors):
    edit(last_name="Other", username="officer-b", groups=[editors.pk])
    edit(last_name="Other", username="officer-b", groups=[])
    assert entries() == [
        ("boss", "change_groups", officer.pk, {"added": ["Some editors"]}),
        ("boss", "edit", officer.pk, {"fields": ["username", "last_name"]}),
        ("boss", "change_groups", officer.pk, {"removed": ["Some editors"]}),
    ]


def test_what_changes_nothing_there_leaves_no_entry(edit):
    edit()
    assert entries() == []


def test_an_account_made_there_is_logged(by_boss, editors):
    made = form(User(username="new"), email="new@dopa.example", is_superuser="on")
    by_boss.post(reverse("wagtailusers_users:add"), made | {"groups": [editors.pk]})
    person = User.objects.get(username="new")
    assert {entry[1] for entry in entries(person=person, actor__username="boss")} == {
        "create",
        "make_superuser",
        "change_groups",
    }


def test_what_is_done_to_many_at_once_is_logged_for_each(by_boss, boss, officer, editors):
    other, closed = UserFactory(), UserFactory(is_active=False)
    chosen = "&".join(f"id={person.pk}" for person in (officer, other, closed, boss))
    address = f"/admin/bulk/home/user/{{}}/?{chosen}&next=/admin/users/"
    by_boss.post(address.format("set_active_state"), {"mark_as_active": "False"})
    by_boss.post(address.format("assign_role"), {"role": editors.pk})
    by_boss.post(address.format("assign_role"), {"role": editors.pk})
    assert sorted(entry[:3] for entry in entries()) == sorted(
        [
            *(("boss", "deactivate", person.pk) for person in (officer, other)),
            *(("boss", "change_groups", person.pk) for person in (officer, other, closed)),
        ]
    )


def test_a_superuser_made_on_the_server_is_logged_by_nobody():
    call_command("createsuperuser", username="first", email="first@dopa.example", interactive=False)
    assert [entry[:2] for entry in entries()] == [("", "make_superuser")]


def test_signing_in_leaves_no_word_about_rights(boss, client, django_assert_num_queries):
    before = AccountLog.objects.count()
    client.force_login(boss)
    assert AccountLog.objects.count() == before
    boss.first_name = "Other"
    with django_assert_num_queries(1):
        boss.save(update_fields=["first_name"])


# --- Groups ------------------------------------------------------------------------------------


def of_group(client, url: str, **values):
    """Posts a group's form with what it shows, and with what is changed."""
    page = client.get(url)
    data = {"name": "", "permissions": []}
    if "form" in page.context:
        data |= page.context["form"].initial
        data["permissions"] = [p.pk for p in data["permissions"] or []]
    for panel in page.context.get("permission_panels", []):
        management = getattr(panel, "management_form", None)
        if management is not None:
            data |= {f"{panel.prefix}-{name}": v for name, v in management.initial.items()}
    return client.post(url, data | values)


def test_what_a_group_may_do_is_logged_in_one_entry(by_boss, officer, editors):
    enter = Permission.objects.get(codename="access_admin")
    url = reverse("wagtailusers_groups:edit", args=[editors.pk])
    answer = of_group(by_boss, url, name="Others", permissions=[enter.pk])
    assert answer.status_code == 302
    of_group(by_boss, url, name="Others", permissions=[enter.pk])
    assert entries() == [
        (
            "boss",
            "change_group",
            None,
            {
                "group": "Some editors → Others",
                "added": ["wagtailadmin.access_admin"],
                "removed": [],
            },
        )
    ]


def test_a_group_that_is_made_or_removed_is_logged_with_its_people(by_boss, officer):
    enter = Permission.objects.get(codename="access_admin")
    of_group(
        by_boss, reverse("wagtailusers_groups:add"), name="Short-lived", permissions=[enter.pk]
    )
    group = Group.objects.get(name="Short-lived")
    group.user_set.add(officer)
    by_boss.post(reverse("wagtailusers_groups:delete", args=[group.pk]))
    rights = ["wagtailadmin.access_admin"]
    assert entries() == [
        ("boss", "make_group", None, {"group": "Short-lived", "added": rights, "removed": []}),
        ("", "change_groups", officer.pk, {"added": ["Short-lived"]}),
        ("boss", "change_groups", officer.pk, {"removed": ["Short-lived"]}),
        ("boss", "remove_group", None, {"group": "Short-lived", "added": [], "removed": rights}),
    ]


def test_a_group_that_is_refused_leaves_no_entry(by_boss, editors):
    url = reverse("wagtailusers_groups:edit", args=[editors.pk])
    assert of_group(by_boss, url, name="").status_code == 200
    assert entries() == []


def test_the_auditor_reads_all_of_it(edit, officer, editors, by_boss, client):
    edit(is_superuser="on", groups=[editors.pk])
    of_group(by_boss, reverse("wagtailusers_groups:edit", args=[editors.pk]), name="Others")
    client.force_login(MembershipFactory(role="auditor").user)
    page = client.get(reverse("accounts:log")).content.decode()
    for words in ("+ Some editors", "Some editors → Others"):
        assert words in page
    assert list(history.breaks()) == []
