"""The sign-in page, its contract, and what it leads to."""

import re

import pytest
from django.core import mail
from django.test import Client

from accounts.browsers import COOKIE
from tests.accounts.conftest import is_signed_in, thai
from tests.factories import UserFactory

ADDRESS = re.compile(r"https?://\S+")


@pytest.mark.both_databases
def test_a_password_alone_signs_in_where_no_second_factor_is_demanded(
    client, officer, type_password
):
    page = client.get("/admin/login/?next=/admin/account/").content.decode()
    for name in ("username", "password", "csrfmiddlewaretoken", "next"):
        assert f'name="{name}"' in page
    answer = type_password()
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert is_signed_in(client)


def test_the_page_that_was_wanted_follows_and_another_host_does_not(client, officer, type_password):
    wanted = client.get("/admin/account/")
    assert wanted["Location"] == "/admin/login/?next=/admin/account/"
    assert type_password(next="/admin/account/")["Location"] == "/admin/account/"
    elsewhere = type_password(browser=Client(), next="https://evil.example/")
    assert elsewhere["Location"] == "/admin/"


def test_a_form_without_its_token_is_refused(officer, type_password):
    strict = Client(enforce_csrf_checks=True)
    assert type_password(browser=strict).status_code == 403
    page = strict.get("/admin/login/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    assert type_password(browser=strict, csrfmiddlewaretoken=token).status_code == 302


@pytest.mark.parametrize("words", [("officer-a", "wrong"), ("nobody", "wrong")])
def test_a_wrong_password_and_an_unknown_name_are_refused_alike(client, officer, words):
    answer = client.post("/admin/login/", {"username": words[0], "password": words[1]})
    assert answer.status_code == 200
    assert thai("This user name and password do not fit together.") in answer.content.decode()
    assert not is_signed_in(client)


def test_whoever_may_not_enter_the_admin_is_told_so_and_not_sent_round(
    client, officer, type_password
):
    officer.user_permissions.clear()
    type_password()
    answer = client.get("/admin/", follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain[-1][0].startswith("/admin/login/")
    assert "do not have permission" in answer.content.decode()


def test_nobody_signs_up_and_nobody_signs_in_by_mail(client, db):
    for path in ("signup/", "login/code/", "social/", "email/", "confirm-email/"):
        assert client.get(f"/admin/{path}").status_code == 404 or "login" in (
            client.get(f"/admin/{path}").get("Location", "")
        )
        assert client.get(f"/accounts/{path}").status_code == 404


def test_the_sign_in_page_loads_nothing_from_outside(client, db):
    page = client.get("/admin/login/").content.decode()
    assert re.findall(r'(?:src|srcset|action)="(?:https?:)?//[^"]*', page) == []
    assert re.findall(r'<link[^>]*href="(?:https?:)?//[^"]*', page) == []


# --- New browsers ------------------------------------------------------------------------------


def test_a_new_browser_is_told_by_mail_once_and_the_mail_names_no_address(officer, type_password):
    home, away = Client(), Client()
    facts = {"REMOTE_ADDR": "203.0.113.77", "HTTP_USER_AGENT": "Spyglass/9"}
    home.post("/admin/login/", {"username": "officer-a", "password": "wrong"})
    type_password(browser=home)
    home.post("/admin/logout/")
    type_password(browser=home)
    assert len(mail.outbox) == 1
    away.post(
        "/admin/login/",
        {"username": officer.username, "password": "ข้ามโขงตอนเช้า-2569"},
        **facts,
    )
    assert len(mail.outbox) == 2
    letter = mail.outbox[1]
    assert letter.to == [officer.email]
    for fact in ("203.0.113.77", "Spyglass"):
        assert fact not in letter.body + letter.subject


def test_a_browser_known_to_one_person_is_new_to_another(officer, type_password):
    other = UserFactory(username="officer-b", email="b@dopa.example", password=officer.password)
    browser = Client()
    type_password(browser=browser)
    browser.post("/admin/logout/")
    type_password("officer-b", browser=browser)
    assert [letter.to for letter in mail.outbox] == [[officer.email], [other.email]]
    browser.cookies[COOKIE] = browser.cookies[COOKIE].value[:-2] + "xx"
    browser.post("/admin/logout/")
    type_password(browser=browser)
    assert len(mail.outbox) == 3, "a cookie that was tampered with is no proof"


def test_the_cookie_of_a_known_browser_tells_no_name(client, officer, type_password):
    type_password()
    cookie = client.cookies[COOKIE]
    assert "officer" not in cookie.value
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/admin/")


# --- Passwords ---------------------------------------------------------------------------------


def reset_link() -> str:
    return ADDRESS.search(mail.outbox[-1].body)[0].removeprefix("http://127.0.0.1:8000")


def choose(client, link: str, words: str):
    form = client.get(link, follow=True)
    where = form.redirect_chain[-1][0] if form.redirect_chain else link
    return client.post(where, {"password1": words, "password2": words})


def test_a_forgotten_password_is_replaced_once_and_signs_nobody_in(client, officer, type_password):
    answer = client.post(
        "/admin/password_reset/", {"email": officer.email.upper()}, headers={"host": "localhost"}
    )
    assert answer.status_code == 302
    assert "://127.0.0.1:8000/" in mail.outbox[0].body, "the link starts from BASE_URL"
    link = reset_link()
    assert choose(client, link, "another-long-one-77").status_code == 302
    assert not is_signed_in(client)
    assert thai("The password of your account was changed just now.") in mail.outbox[-1].body
    assert type_password(words="another-long-one-77").status_code == 302
    again = choose(Client(), link, "a-third-long-one-78")
    assert again.status_code == 200
    assert (
        thai("This address was used already or is too old. Ask for a new one.")
        in again.content.decode()
    )
    assert type_password(browser=Client(), words="a-third-long-one-78").status_code == 200


def test_an_unknown_address_gets_the_same_answer_and_no_letter(client, officer):
    known = client.post("/admin/password_reset/", {"email": officer.email})
    unknown = client.post("/admin/password_reset/", {"email": "nobody@dopa.example"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("words", ["short-11-ch", "password1234", "officer-a-1234", "123456789"])
def test_a_weak_password_is_refused(client, officer, words):
    client.post("/admin/password_reset/", {"email": officer.email})
    answer = choose(client, reset_link(), words)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    officer.refresh_from_db()
    assert not officer.check_password(words)


def test_a_changed_password_ends_the_other_sessions_and_is_told(officer, type_password, password):
    here, elsewhere = Client(), Client()
    type_password(browser=here)
    type_password(browser=elsewhere)
    wrong = here.post(
        "/admin/account/password/",
        {"oldpassword": "wrong", "password1": "another-long-7", "password2": "another-long-7"},
    )
    assert wrong.status_code == 200
    assert is_signed_in(elsewhere)
    assert "12" in wrong.context["form"].fields["password1"].help_text
    here.post(
        "/admin/account/password/",
        {"oldpassword": password, "password1": "another-long-7", "password2": "another-long-7"},
    )
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)
    assert thai("The password of your account was changed just now.") in mail.outbox[-1].body
