"""The second factor is demanded of every session, on every path, whatever let it in."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.urls import get_resolver

from accounts.models import AccountLog
from accounts.second_factor import WAY
from tests.accounts.conftest import SECRET, is_signed_in, thai

pytestmark = pytest.mark.usefixtures("demanded")

INDEX = "/admin/account/factor/"
ACTIVATE = "/admin/account/factor/totp/activate/"
CODES = "/admin/account/factor/recovery-codes/"
AUTHENTICATE = "/admin/account/factor/authenticate/"


@pytest.fixture
def set_up_app(client, code, monkeypatch):
    """set_up_app() goes through the page on which an app is set up."""
    # A test is one transaction, which is never committed; a request is not.
    monkeypatch.setattr("django.db.transaction.on_commit", lambda do, **options: do())

    def walk_through():
        page = client.get(ACTIVATE)
        return client.post(ACTIVATE, {"code": code(page.context["form"].secret)})

    return walk_through


# --- Every way in ------------------------------------------------------------------------------


def test_an_account_without_a_factor_is_led_to_set_one_up_and_then_goes_on(
    client, officer, type_password, set_up_app
):
    type_password()
    assert client.get("/admin/")["Location"] == INDEX
    assert client.get(INDEX).status_code == 200
    answer = set_up_app()
    assert answer["Location"] == CODES
    page = client.get(CODES).content.decode()
    assert len(re.findall(r"<code>\d{8}</code>", page)) == 10
    assert is_signed_in(client)
    assert not re.search(r"<code>\d{8}</code>", client.get(CODES).content.decode())


def test_an_account_with_a_factor_signs_in_with_both(client, with_app, type_password, code):
    assert type_password()["Location"] == AUTHENTICATE
    assert not is_signed_in(client)
    assert client.get(AUTHENTICATE).status_code == 200
    assert client.post(AUTHENTICATE, {"code": "000000"}).status_code == 200
    assert not is_signed_in(client)
    answer = client.post(AUTHENTICATE, {"code": code()})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert is_signed_in(client)


def test_a_code_of_the_app_opens_once(with_app, type_password, code):
    shown = code()
    first, second = Client(), Client()
    for browser in (first, second):
        type_password(browser=browser)
        browser.post(AUTHENTICATE, {"code": shown})
    assert is_signed_in(first)
    assert not is_signed_in(second)


def test_a_recovery_code_opens_once(with_app, type_password):
    kept = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    first, second = Client(), Client()
    for browser in (first, second):
        type_password(browser=browser)
        browser.post(AUTHENTICATE, {"code": kept})
    assert is_signed_in(first)
    assert not is_signed_in(second)


def test_superusers_are_no_exception(client, db, type_password, officer):
    officer.is_superuser = officer.is_staff = True
    officer.save()
    type_password()
    for path in ("/admin/", "/admin/users/", "/admin/pages/", "/admin/accounts/"):
        assert client.get(path)["Location"] == INDEX


@pytest.mark.parametrize("path", ["/th/_util/login/", "/en/_util/login/"])
def test_wagtails_sign_in_for_readers_leads_to_ours(client, officer, path, password):
    for answer in (
        client.get(path + "?next=/th/"),
        client.post(path, {"username": "officer-a", "password": password}),
    ):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/admin/login/")
    assert "_auth_user_id" not in client.session


def test_a_session_that_some_other_way_let_in_is_ended_where_there_is_a_factor(client, with_app):
    client.force_login(with_app)
    assert client.get("/admin/")["Location"].startswith("/admin/login/")
    assert "_auth_user_id" not in client.session


def test_a_new_password_by_mail_still_needs_the_factor(client, with_app, type_password):
    client.post("/admin/password_reset/", {"email": with_app.email})
    link = re.search(r"http://127.0.0.1:8000(\S+)", mail.outbox[-1].body)[1]
    form = client.get(link, follow=True)
    words = "another-long-one-77"
    client.post(form.redirect_chain[-1][0], {"password1": words, "password2": words})
    assert not is_signed_in(client)
    assert type_password(words=words)["Location"] == AUTHENTICATE
    assert not is_signed_in(client)


# --- Every address -----------------------------------------------------------------------------

ARGUMENTS = {"int": "1", "str": "home", "slug": "deactivate", "uuid": "0" * 32, "path": "x"}


def addresses(resolver, prefix=""):
    """Every address of the resolver, with something plausible for each of its arguments."""
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from addresses(pattern, route)
            continue
        path = re.sub(r"<(?:(\w+):)?\w+>", lambda found: ARGUMENTS.get(found[1], "1"), route)
        path = re.sub(r"\(\?P<\w+>[^()]*(?:\([^()]*\)[^()]*)*\)", "1", path)
        path = re.sub(r"[\^$?\\]|\(\?:|\\Z", "", path)
        yield "/" + path, pattern.name


def walk():
    return sorted({(path, name or "") for path, name in addresses(get_resolver())})


def seen(answer):
    """What an answer shows, without the marks that differ by themselves."""
    return answer.status_code, answer.get("Location", "")


def test_signed_in_with_a_password_only_there_is_nothing_but_the_way_to_the_factor(
    officer, type_password
):
    officer.is_superuser = officer.is_staff = True
    officer.save()
    walked, led = 0, 0
    for path, name in walk():
        if name in WAY or name == "wagtailadmin_login":
            continue
        half, stranger = (
            Client(raise_request_exception=False),
            Client(raise_request_exception=False),
        )
        half.force_login(officer)
        with_password, without = half.get(path), stranger.get(path)
        walked += 1
        if with_password.get("Location") == INDEX:
            led += 1
            continue
        assert path.startswith("/admin/") is False or name in {
            "",
            "wagtailadmin_sprite",
            "wagtailadmin_javascript_catalog",
        }, (path, name, with_password.status_code)
        assert seen(with_password) == seen(without), path
        assert officer.username not in with_password.content.decode(errors="replace"), path
    assert led > 200
    assert walked > led


def test_with_the_factor_used_the_same_addresses_open(client, with_app, type_password, code):
    """The walk above would also pass if nothing ever opened."""
    with_app.is_superuser = with_app.is_staff = True
    with_app.save()
    type_password()
    client.post(AUTHENTICATE, {"code": code()})
    for path in ("/admin/", "/admin/pages/", "/admin/users/", "/admin/accounts/", INDEX):
        assert client.get(path).status_code == 200, path


@pytest.mark.parametrize("method", ["post", "put", "delete", "head", "options"])
def test_no_method_goes_round_it(client, officer, type_password, method):
    type_password()
    answer = getattr(client, method)("/admin/account/")
    assert (answer.status_code, answer["Location"]) == (302, INDEX)


def test_public_pages_serve_half_a_session_as_a_stranger_and_keep_no_cookie(client, officer):
    client.force_login(officer)
    assert client.get("/healthz").status_code == 200
    assert not client.get("/healthz").wsgi_request.user.is_authenticated
    stranger = Client().get("/healthz")
    assert "Cookie" not in stranger.get("Vary", "")


# --- Changing it -------------------------------------------------------------------------------


def test_setting_one_up_ends_the_other_sessions_is_told_and_logged(
    client, officer, type_password, set_up_app, settings
):
    settings.SECOND_FACTOR_REQUIRED = False
    elsewhere = Client()
    type_password(browser=elsewhere)
    settings.SECOND_FACTOR_REQUIRED = True
    type_password()
    set_up_app()
    settings.SECOND_FACTOR_REQUIRED = False
    assert not is_signed_in(elsewhere)
    assert is_signed_in(client)
    assert thai("A second factor was set up for your account just now.") in mail.outbox[-1].body
    entry = AccountLog.objects.get(action="add_factor")
    assert (entry.person, entry.actor) == (officer, officer)


def test_the_last_factor_stays_where_one_is_demanded(client, with_app, type_password, code):
    type_password()
    client.post(AUTHENTICATE, {"code": code()})
    remove = "/admin/account/factor/totp/deactivate/"
    first = client.post(remove)
    assert first.status_code == 302
    assert "reauthenticate" in first["Location"], "a password is not enough to change a factor"
    session = client.session
    records = session["account_authentication_methods"]
    session["account_authentication_methods"] = [
        {**record, "reauthenticated": True} for record in records
    ]
    session.save()
    assert client.post(remove).status_code == 200
    assert Authenticator.objects.filter(user=with_app, type="totp").exists()


def test_a_password_alone_confirms_no_change_of_a_factor(client, with_app, type_password, code):
    type_password()
    client.post(AUTHENTICATE, {"code": code()})
    answer = client.get("/admin/account/confirm/?next=/admin/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/account/factor/reauthenticate/")


def test_a_first_factor_needs_the_password_again_later_on(client, officer, type_password):
    type_password()
    assert client.get(ACTIVATE).status_code == 200
    session = client.session
    records = session["account_authentication_methods"]
    session["account_authentication_methods"] = [
        {**record, "at": record["at"] - 3600} for record in records
    ]
    session.save()
    answer = client.get(ACTIVATE)
    assert answer["Location"].startswith("/admin/account/confirm/")
    assert client.get(answer["Location"]).status_code == 200


# --- What is kept ------------------------------------------------------------------------------


def test_the_database_holds_no_readable_secret(with_app):
    for row in Authenticator.objects.all():
        assert SECRET not in str(row.data)
    codes = Authenticator.objects.get(type="recovery_codes")
    assert not re.fullmatch("[0-9a-f]{80}", codes.data["seed"])


def test_a_factor_stays_readable_after_a_change_of_the_secret_key(with_app, settings, code):
    app = Authenticator.objects.get(type="totp")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-of-more-than-fifty-characters-for-this-one-test"
    assert app.wrap().validate_code(code())
    settings.SECRET_KEY_FALLBACKS = []
    assert not app.wrap().validate_code(code()), "without the old key no code fits, and no crash"


def test_production_refuses_to_be_without_it(settings):
    from accounts.checks import second_factor_is_demanded

    assert second_factor_is_demanded(None) == []
    settings.SECOND_FACTOR_REQUIRED = False
    assert second_factor_is_demanded(None) == []  # the suite is a demo
    settings.DEMO = False
    assert [found.id for found in second_factor_is_demanded(None)] == ["accounts.E001"]


def test_the_way_is_of_addresses_that_exist():
    assert {name for _, name in walk()} >= WAY
