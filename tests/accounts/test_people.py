"""HQ looks after accounts: who meets which screen, what each step does, and what is logged."""

import re
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts import administration
from accounts.administration import STEPS
from accounts.history import record
from accounts.models import AccountLog
from accounts.viewsets import account_viewset
from home.models import User
from reporting.models import Membership
from tests.accounts.conftest import is_signed_in, thai
from tests.factories import CentreFactory, MembershipFactory, UserFactory

MANAGERS = ("hq", "superuser")
OUTSIDERS = ("officer", "chief", "coordinator", "analyst", "editor", "nobody")
EVERYBODY = (*MANAGERS, *OUTSIDERS, "auditor")
SCREENS = {
    "index": dict.fromkeys(MANAGERS, 200),
    "invite": dict.fromkeys(MANAGERS, 200),
    "person": dict.fromkeys(MANAGERS, 200),
    "edit": dict.fromkeys(MANAGERS, 200),
    "step": dict.fromkeys(MANAGERS, 200),
    "invite_colleague": {"chief": 200},
    "reviews": {"hq": 200, "chief": 302},
    "review": {"hq": 200, "chief": 200},
    "sign_review": {"hq": 302, "chief": 302},
    "confirm_role": {"hq": 302, "chief": 302},
    "end_role": {"hq": 302, "chief": 302},
    "log": {"auditor": 200},
}
# Those of them that are more than HQ's accounts; tests/accounts/test_review.py and test_chiefs.py.
OTHERS = ("invite_colleague", "reviews", "review", "sign_review", "confirm_role", "end_role")
DETAILS = {
    "first_name": "สมชาย",
    "last_name": "ใจดี",
    "email": "somchai@dopa.example",
    "language": "th",
}


@pytest.fixture
def people(nong_khai, member, hq):
    editor = UserFactory()
    editor.user_permissions.set(Permission.objects.all())
    return {
        "hq": hq,
        "superuser": UserFactory(is_superuser=True),
        "officer": member(nong_khai, "officer"),
        "chief": member(nong_khai, "chief"),
        "coordinator": member(nong_khai, "coordinator"),
        "analyst": MembershipFactory(role="analyst").user,
        "auditor": MembershipFactory(role="auditor").user,
        "editor": editor,
        "nobody": UserFactory(),
    }


@pytest.fixture
def by_hq(client, hq):
    client.force_login(hq)
    return client


def address(screen: str, person: User) -> str:
    arguments = {
        "step": [person.pk, "deactivate"],
        "person": [person.pk],
        "edit": [person.pk],
        "review": ["4301"],
        "sign_review": ["4301"],
        "confirm_role": ["4301", 1],
        "end_role": ["4301", 1],
    }
    return reverse(f"accounts:{screen}", args=arguments.get(screen, []))


def entries(person: User) -> list[str]:
    return list(AccountLog.objects.filter(person=person).values_list("action", flat=True)[::-1])


# --- Who meets what ----------------------------------------------------------------------------


def test_every_screen_is_in_the_table():
    assert {pattern.name for pattern in account_viewset.get_urlpatterns()} == set(SCREENS)


@pytest.mark.parametrize("screen", SCREENS)
def test_screens_are_for_those_who_look_after_accounts(client, people, officer, screen):
    for who in EVERYBODY:
        client.force_login(people[who])
        answer = client.get(address(screen, officer))
        assert (who, answer.status_code) == (who, SCREENS[screen].get(who, 404))
        assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("screen", SCREENS)
def test_for_everybody_else_no_method_changes_anything(client, people, officer, screen):
    before = User.objects.filter(pk=officer.pk).values().get()
    count = AccountLog.objects.count()
    for who in (*OUTSIDERS, "auditor"):
        client.force_login(people[who])
        for method in ("post", "put", "delete"):
            if SCREENS[screen].get(who) and screen in OTHERS and method == "post":
                continue
            answer = getattr(client, method)(address(screen, officer), {**DETAILS, "reason": "x"})
            assert answer.status_code == (405 if SCREENS[screen].get(who) else 404)
    assert User.objects.filter(pk=officer.pk).values().get() == before
    assert AccountLog.objects.count() == count


def test_for_hq_no_superuser_exists(by_hq, people):
    boss = people["superuser"]
    assert boss.username not in by_hq.get(reverse("accounts:index")).content.decode()
    for screen in ("person", "edit", "step"):
        assert by_hq.get(address(screen, boss)).status_code == 404
        assert by_hq.post(address(screen, boss), {**DETAILS, "reason": "x"}).status_code == 404


def test_nobody_takes_a_step_with_their_own_account(by_hq, hq):
    assert by_hq.get(address("person", hq)).context["steps"] == []
    for step in STEPS:
        url = reverse("accounts:step", args=[hq.pk, step.value])
        assert by_hq.post(url, {"reason": "x"}).status_code == 404
        with pytest.raises(PermissionDenied):
            administration.take(step, hq, by=hq, reason="x")


def test_nobody_is_made_a_superuser_here(by_hq, officer):
    wish = {**DETAILS, "username": "new", "is_superuser": "on", "is_staff": "on"}
    by_hq.post(reverse("accounts:invite"), wish)
    by_hq.post(address("edit", officer), {**wish, "email": "other@dopa.example"})
    assert not User.objects.filter(is_superuser=True).exists()
    assert User.objects.filter(username="new").exists()


def test_the_menu_shows_accounts_to_those_who_look_after_them(client, people):
    for who in EVERYBODY:
        client.force_login(people[who])
        page = client.get("/admin/").content.decode()
        linked = set(re.findall(r"/admin/accounts/(?:log/)?(?=[&\"])", page))
        assert (reverse("accounts:index") in linked) == (who in MANAGERS), who
        assert (reverse("accounts:log") in linked) == (who == "auditor"), who


# --- Inviting and editing ----------------------------------------------------------------------


@pytest.mark.both_databases
def test_an_invited_person_chooses_a_password_once_and_signs_in(by_hq, hq):
    answer = by_hq.post(reverse("accounts:invite"), {**DETAILS, "username": "somchai"})
    person = User.objects.get(username="somchai")
    assert answer["Location"] == reverse("accounts:person", args=[person.pk])
    assert not person.has_usable_password()
    assert entries(person) == ["invite"]
    letter = mail.outbox[0]
    assert letter.to == [person.email]
    MembershipFactory(user=person, role="officer", centre=CentreFactory())
    link = re.search(r"http://127.0.0.1:8000(\S+)", letter.body)[1]
    browser = Client()
    form = browser.get(link, follow=True)
    words = "บ้านริมโขง-เช้านี้"
    browser.post(form.redirect_chain[-1][0], {"password1": words, "password2": words})
    browser.post("/admin/login/", {"username": "somchai", "password": words})
    assert is_signed_in(browser)
    assert browser.get("/admin/").headers["Content-Language"]
    assert (
        thai("This address was used already or is too old. Ask for a new one.")
        in Client().get(link).content.decode()
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "Officer-A"),
        ("email", "OFFICER-A@dopa.example"),
        ("email", "no address"),
        ("first_name", ""),
        ("language", "xx"),
        ("username", "two words"),
    ],
)
def test_what_is_taken_or_wrong_is_refused_beside_its_field(by_hq, officer, field, value):
    before = User.objects.count()
    answer = by_hq.post(
        reverse("accounts:invite"), {**DETAILS, "username": "somchai", field: value}
    )
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert (User.objects.count(), mail.outbox) == (before, [])


def test_a_changed_address_is_told_to_the_one_before(by_hq, officer):
    former = officer.email
    by_hq.post(address("edit", officer), DETAILS)
    officer.refresh_from_db()
    assert (officer.email, officer.first_name) == (DETAILS["email"], "สมชาย")
    assert [letter.to for letter in mail.outbox] == [[former]]
    assert DETAILS["email"] not in mail.outbox[0].body
    assert entries(officer) == ["edit"]
    by_hq.post(address("edit", officer), DETAILS)
    assert entries(officer) == ["edit"], "what changes nothing leaves no entry"


def test_letters_are_written_in_the_language_of_the_person(by_hq, officer):
    from accounts.letters import language_of

    by_hq.post(address("edit", officer), {**DETAILS, "language": "en"})
    officer.refresh_from_db()
    assert language_of(officer) == "en"


# --- Steps -------------------------------------------------------------------------------------


def step(client, person: User, name: str, **data):
    return client.post(reverse("accounts:step", args=[person.pk, name]), data)


def test_a_closed_account_is_signed_out_and_shut_until_it_is_opened_again(
    by_hq, officer, type_password
):
    theirs = Client()
    type_password(browser=theirs)
    assert step(by_hq, officer, "deactivate").status_code == 200, "it asks for a reason"
    assert is_signed_in(theirs)
    step(by_hq, officer, "deactivate", reason="ย้ายไปอำเภออื่น")
    assert not is_signed_in(theirs)
    assert type_password(browser=theirs).status_code == 200
    step(by_hq, officer, "activate")
    assert type_password(browser=theirs).status_code == 302
    assert entries(officer) == ["deactivate", "activate"]
    assert AccountLog.objects.get(action="deactivate").reason == "ย้ายไปอำเภออื่น"


def test_a_lost_second_factor_is_reset_with_a_reason_a_letter_and_an_entry(
    by_hq, hq, with_app, type_password
):
    theirs = Client()
    theirs.force_login(with_app)
    step(by_hq, with_app, "reset_factor")
    assert Authenticator.objects.filter(user=with_app).exists()
    step(by_hq, with_app, "reset_factor", reason="Lost telephone, came in person")
    assert not Authenticator.objects.filter(user=with_app).exists()
    assert not is_signed_in(theirs)
    assert [letter.to for letter in mail.outbox] == [[with_app.email]]
    entry = AccountLog.objects.get(person=with_app)
    assert (entry.actor, entry.action) == (hq, "reset_factor")


def test_hq_ends_sessions_and_sends_an_invitation_again(by_hq, officer, type_password):
    step(by_hq, officer, "invite")
    assert len(mail.outbox) == 1
    theirs = Client()
    type_password(browser=theirs)
    step(by_hq, officer, "end_sessions")
    assert not is_signed_in(theirs)
    assert entries(officer) == ["invite", "end_sessions"]
    step(by_hq, officer, "invite")
    assert entries(officer) == ["invite", "end_sessions"], "who signed in needs no invitation"


def test_a_step_that_means_nothing_any_more_changes_nothing(by_hq, officer):
    answer = step(by_hq, officer, "activate")
    assert answer.status_code == 302
    assert entries(officer) == []
    assert step(by_hq, officer, "no-such-step").status_code == 404


def test_the_command_resets_a_factor_where_nobody_of_hq_can(with_app):
    call_command("reset_second_factor", with_app.username, reason="the only superuser")
    assert not Authenticator.objects.filter(user=with_app).exists()
    entry = AccountLog.objects.get(person=with_app)
    assert (entry.actor, entry.reason) == (None, "the only superuser")
    with pytest.raises(CommandError):
        call_command("reset_second_factor", "nobody", reason="x")


# --- Roles -------------------------------------------------------------------------------------


def role(person: User, **more):
    return {"user": person.pk, "role": "analyst", "starts_on": "2026-01-01", **more}


def test_hq_gives_a_role_and_ends_it_and_both_are_logged(by_hq, hq, officer):
    assert by_hq.get(reverse("memberships:index")).status_code == 200
    by_hq.post(reverse("memberships:add"), role(officer))
    given = Membership.objects.get(user=officer)
    by_hq.post(reverse("memberships:edit", args=[given.pk]), role(officer, ends_on="2026-01-31"))
    given.refresh_from_db()
    assert str(given.ends_on) == "2026-01-31"
    assert entries(officer) == ["give_role", "change_role"]
    assert {entry.actor for entry in AccountLog.objects.filter(person=officer)} == {hq}


def test_hq_gives_no_role_to_itself_and_none_to_a_superuser(by_hq, hq, people):
    before = set(Membership.objects.values_list("pk", flat=True))
    for person in (hq, people["superuser"]):
        answer = by_hq.post(reverse("memberships:add"), role(person))
        assert answer.status_code == 200
        assert "user" in answer.context["form"].errors
    assert set(Membership.objects.values_list("pk", flat=True)) == before
    own = Membership.objects.get(user=hq)
    boss = MembershipFactory(user=people["superuser"], role="analyst")
    for membership in (own, boss):
        for screen in ("edit", "delete", "history", "usage"):
            url = reverse(f"memberships:{screen}", args=[membership.pk])
            assert by_hq.get(url).status_code == 404, screen
            assert by_hq.post(url, role(hq)).status_code == 404, screen
    listed = by_hq.get(reverse("memberships:index")).content.decode()
    assert reverse("memberships:edit", args=[boss.pk]) not in listed


def test_hq_deletes_no_membership_and_moves_none_to_itself(by_hq, hq, officer):
    given = MembershipFactory(user=officer, role="analyst")
    by_hq.post(reverse("memberships:delete", args=[given.pk]))
    by_hq.post(reverse("memberships:edit", args=[given.pk]), role(hq))
    given.refresh_from_db()
    assert given.user == officer


def test_a_superusers_own_role_is_logged_for_the_auditor(client, people):
    boss = people["superuser"]
    client.force_login(boss)
    client.post(reverse("memberships:add"), role(boss))
    entry = AccountLog.objects.get(person=boss, action="give_role")
    assert entry.actor == boss
    client.force_login(people["auditor"])
    page = client.get(reverse("accounts:log")).content.decode()
    assert boss.username in page
    given = Membership.objects.get(user=boss)
    client.force_login(boss)
    client.post(reverse("memberships:delete", args=[given.pk]))
    assert entries(boss) == ["make_superuser", "give_role", "remove_role"]


# --- Lists and log -----------------------------------------------------------------------------


def test_people_are_found_by_name_and_address(by_hq, officer):
    UserFactory(username="somebody-else", first_name="มานี", last_name="มีนา")

    def found(words: str) -> set[str]:
        rows = by_hq.get(reverse("accounts:index"), {"q": words}).context["rows"]
        return {row.username for row in rows}

    assert found("officer-a") == found("OFFICER-A@dopa") == {"officer-a"}
    assert found("มานี") == found("มีนา มานี") == {"somebody-else"}
    assert found("มานี officer") == found("%") == set()


def queries(client, url: str, django_assert_max_num_queries) -> int:
    with django_assert_max_num_queries(100) as counted:
        assert client.get(url).status_code == 200
    return len(counted)


@pytest.mark.parametrize("screen", ["index", "log"])
def test_lists_ask_as_much_for_two_rows_as_for_twenty(
    client, people, screen, django_assert_max_num_queries
):
    client.force_login(people["hq" if screen == "index" else "auditor"])
    url = reverse(f"accounts:{screen}")
    client.get(url)
    few = queries(client, url, django_assert_max_num_queries)
    for _ in range(18):
        MembershipFactory(role="officer", centre=CentreFactory())
    assert queries(client, url, django_assert_max_num_queries) == few


def test_the_log_goes_on_from_the_last_entry_seen(client, people, officer, monkeypatch):
    monkeypatch.setattr("accounts.views.log.PAGE", 2)
    for name in ("end_sessions", "activate", "deactivate"):
        record(name, officer, by=None)
    client.force_login(people["auditor"])
    first = client.get(reverse("accounts:log"))
    second = client.get(reverse("accounts:log") + first.context["next_page"])
    seen = [entry["what"] for page in (first, second) for entry in page.context["entries"]]
    expected = ("Closed the account", "Opened the account again", "Ended all sessions")
    assert seen[:3] == [thai(words) for words in expected]
    assert client.get(reverse("accounts:log"), {"before": "x"}).status_code == 200


def test_whoever_is_in_the_log_is_not_deleted(client, people, officer):
    record("activate", officer, by=None)
    client.force_login(people["superuser"])
    answer = client.post(reverse("wagtailusers_users:delete", args=[officer.pk]))
    assert answer.status_code == 302
    client.post(f"/admin/bulk/home/user/delete/?id={officer.pk}&next=/admin/users/")
    assert User.objects.filter(pk=officer.pk).exists()


def test_wagtails_own_screen_hands_no_account_over(client, people, officer):
    client.force_login(people["superuser"])
    address = reverse("wagtailusers_users:edit", args=[officer.pk])
    former = officer.email
    changed = {
        "username": officer.username,
        "first_name": "New",
        "last_name": "Name",
        "email": "mine@example.org",
        "is_active": "on",
    }
    assert client.post(address, changed).status_code == 302
    officer.refresh_from_db()
    assert (officer.first_name, officer.email) == ("New", former)


# --- Letters -----------------------------------------------------------------------------------


def test_a_task_carries_ids_and_nothing_else(officer, monkeypatch):
    from accounts.letters import Letter, post

    carried = []
    task = SimpleNamespace(enqueue=lambda *arguments: carried.append(arguments))
    monkeypatch.setattr("accounts.tasks.send_letter", task)
    post(Letter.PASSWORD_RESET, officer)
    assert carried == [("password_reset", officer.pk, None)]


def test_a_refused_letter_names_nobody(officer, monkeypatch):
    from smtplib import SMTPRecipientsRefused

    from accounts.letters import Letter, LetterNotSent, send

    def refuse(*args, **kwargs):
        raise SMTPRecipientsRefused({officer.email: (550, b"no")})

    monkeypatch.setattr("accounts.letters.send_mail", refuse)
    with pytest.raises(LetterNotSent) as refusal:
        send(Letter.NEW_BROWSER, officer, to=officer.email)
    assert officer.email not in str(refusal.value)
    assert refusal.value.__suppress_context__


def test_somebody_without_an_address_gets_no_letter_and_still_signs_in(
    officer, type_password, client
):
    User.objects.filter(pk=officer.pk).update(email="")
    type_password()
    assert is_signed_in(client)
    assert mail.outbox == []
