"""Sessions end: with the day, with idleness, with the browser, by signing out, and by HQ."""

import time

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from accounts import sessions
from tests.accounts.conftest import is_signed_in


@pytest.fixture
def signed_in(client, officer, type_password):
    type_password()
    return client


def shift(client, key: str, seconds: int) -> None:
    session = client.session
    session[key] -= seconds
    session.save()


def test_a_session_lasts_a_working_day_and_no_longer(signed_in, settings):
    shift(signed_in, sessions.SIGNED_IN, settings.SESSION_COOKIE_AGE - 60)
    assert is_signed_in(signed_in)
    shift(signed_in, sessions.SIGNED_IN, 120)
    assert not is_signed_in(signed_in)
    assert not Session.objects.exists()


def test_a_session_left_alone_ends(signed_in, settings):
    shift(signed_in, sessions.SEEN, settings.SESSION_IDLE_AGE - 60)
    assert is_signed_in(signed_in)
    assert time.time() - signed_in.session[sessions.SEEN] < 60, "the request was noted"
    shift(signed_in, sessions.SEEN, settings.SESSION_IDLE_AGE + 60)
    assert not is_signed_in(signed_in)


def test_an_open_editor_that_asks_by_itself_keeps_no_session_alive(signed_in):
    shift(signed_in, sessions.SEEN, 600)
    before = signed_in.session[sessions.SEEN]
    signed_in.get("/admin/editing-sessions/ping/home/homepage/1/1/")
    assert signed_in.session[sessions.SEEN] == before


def test_a_session_without_times_is_over(signed_in):
    session = signed_in.session
    del session[sessions.SIGNED_IN]
    session.save()
    assert not is_signed_in(signed_in)


def test_the_cookie_ends_with_the_browser(signed_in, settings):
    cookie = signed_in.cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["max-age"], cookie["expires"]) == ("", "")
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")


def test_signing_out_ends_the_session_itself_not_only_the_cookie(signed_in, settings):
    stolen = Client()
    stolen.cookies[settings.SESSION_COOKIE_NAME] = signed_in.cookies[
        settings.SESSION_COOKIE_NAME
    ].value
    assert is_signed_in(stolen)
    signed_in.post("/admin/logout/")
    assert not is_signed_in(stolen)


def test_a_link_cannot_sign_anybody_out(signed_in):
    assert signed_in.get("/admin/logout/").status_code == 405
    assert is_signed_in(signed_in)


def test_all_sessions_of_one_person_end_and_nobody_elses(signed_in, officer, hq):
    other, second = Client(), Client()
    other.force_login(hq)
    second.force_login(officer)
    sessions.end_all(officer)
    assert not is_signed_in(signed_in)
    assert not is_signed_in(second)
    assert is_signed_in(other)


def test_being_signed_in_costs_no_write_a_request(signed_in, django_assert_num_queries):
    signed_in.get("/admin/account/")
    with django_assert_num_queries(2):  # the session and the person
        signed_in.get("/admin/sprite/")
