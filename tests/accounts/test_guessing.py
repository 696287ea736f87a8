"""Guessing is slow, nobody is shut out for long, and nothing of it is written down."""

from hashlib import md5, sha1, sha256

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.core.cache import cache
from django.test import Client, RequestFactory

from accounts import guessing
from tests.accounts.conftest import PASSWORD, is_signed_in, thai
from tests.factories import UserFactory

OFFICE, AWAY = "203.0.113.7", "198.51.100.9"
AUTHENTICATE = "/admin/account/factor/authenticate/"


def guess(times: int, *, at: str, username: str = "officer-a", browser: Client | None = None):
    browser = browser or Client()
    for _ in range(times):
        answer = browser.post(
            "/admin/login/", {"username": username, "password": "wrong"}, REMOTE_ADDR=at
        )
    return answer


def sign_in(*, at: str, username: str = "officer-a", browser: Client | None = None):
    browser = browser or Client()
    browser.post("/admin/login/", {"username": username, "password": PASSWORD}, REMOTE_ADDR=at)
    return is_signed_in(browser)


def test_the_fifth_wrong_password_is_answered_429_and_the_right_one_waits(officer):
    assert guess(4, at=OFFICE).status_code == 200
    refused = guess(1, at=OFFICE)
    assert refused.status_code == 429
    assert thai("Too many tries") in refused.content.decode()
    assert not sign_in(at=OFFICE)


def test_four_wrong_passwords_do_no_harm(officer):
    guess(4, at=OFFICE)
    assert sign_in(at=OFFICE)
    guess(4, at=OFFICE)
    assert sign_in(at=OFFICE), "a right password forgets the wrong ones before it"


def test_a_guesser_elsewhere_does_not_shut_the_officer_out(officer):
    assert guess(5, at=AWAY).status_code == 429
    assert sign_in(at=OFFICE)


def test_a_colleague_in_the_same_office_does_not_shut_the_officer_out(officer):
    UserFactory(username="officer-b")
    assert guess(5, at=OFFICE, username="officer-b").status_code == 429
    assert sign_in(at=OFFICE)


def test_guesses_from_everywhere_are_bounded_but_spare_a_known_browser(officer):
    known = Client()
    assert sign_in(at=OFFICE, browser=known)
    known.post("/admin/logout/")
    answers = [guess(1, at=f"198.51.{number}.1").status_code for number in range(21)]
    assert answers == [200] * 20 + [429]
    assert not sign_in(at="192.0.2.1"), "a browser nobody knows waits with the guessers"
    assert sign_in(at="192.0.2.1", browser=known)


def test_guessed_codes_are_bounded(with_app, settings, code, type_password):
    browser = Client()
    type_password(browser=browser)
    answers = [browser.post(AUTHENTICATE, {"code": "000000"}).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]
    assert browser.post(AUTHENTICATE, {"code": code()}).status_code == 429
    cache.clear()  # five minutes later
    browser.post(AUTHENTICATE, {"code": code()})
    assert is_signed_in(browser)


def test_letters_for_a_new_password_are_bounded(officer, client):
    answers = [
        client.post("/admin/password_reset/", {"email": officer.email}).status_code
        for _ in range(4)
    ]
    assert answers == [302] * 3 + [429]


def test_the_refusal_speaks_thai(officer):
    browser = Client(headers={"accept-language": "th"})
    answer = guess(5, at=OFFICE, browser=browser)
    assert (answer.status_code, answer["Content-Language"]) == (429, "th")


# --- Nothing is written down -------------------------------------------------------------------


def test_no_address_and_no_browser_is_stored_or_logged(officer, every_log, db):
    browser = Client(headers={"user-agent": "Spyglass/9"})
    guess(5, at=OFFICE, browser=browser)
    sign_in(at=AWAY, browser=Client(headers={"user-agent": "Spyglass/9"}))
    for model in (AccessAttempt, AccessFailureLog, AccessLog):
        assert not model.objects.exists()
    for fact in (OFFICE, AWAY, "Spyglass", "officer-a"):
        assert fact not in every_log.text


def test_the_cache_holds_no_address_and_no_name(officer):
    guess(3, at=OFFICE)
    guess(1, at=AWAY, username=officer.email)
    Client().post("/admin/password_reset/", {"email": officer.email}, REMOTE_ADDR=OFFICE)
    kept = str(dict(cache._cache))
    assert len(cache._cache) > 5
    for fact in (OFFICE, AWAY, "officer-a", officer.email):
        assert fact not in kept
        # Whoever has a list of names, or of all addresses of a country, can make these.
        for plain in (sha256, sha1, md5):
            assert plain(fact.encode()).hexdigest() not in kept
            assert plain(fact.lower().encode()).hexdigest() not in kept


def test_keys_of_the_cache_take_the_secret_key_to_make(settings):
    before = cache.make_key("officer-a")
    assert cache.make_key("officer-a") == before
    assert "officer-a" not in before
    assert cache.make_key("officer-b") != before
    assert cache.make_key("officer-a", version=2) != before
    settings.SECRET_KEY = "another"
    assert cache.make_key("officer-a") != before


# --- Where somebody comes from -----------------------------------------------------------------


def network(address: str = "10.0.0.1", told: str = "") -> str:
    headers = {"x-forwarded-for": told} if told else {}
    return guessing.network(RequestFactory().get("/", headers=headers, REMOTE_ADDR=address))


def test_one_subscriber_of_ipv6_is_one_network():
    assert network("2001:db8:1:2::5") == network("2001:db8:1:2:ffff::9")
    assert network("2001:db8:1:2::5") != network("2001:db8:1:3::5")


@pytest.mark.parametrize(
    ("proxies", "told", "believed"),
    [
        (0, OFFICE, "10.0.0.1"),  # nobody's word is taken
        (1, OFFICE, OFFICE),
        (1, f"{AWAY}, {OFFICE}", OFFICE),  # what the visitor wrote in front is not believed
        (2, f"{OFFICE}, 10.0.0.9", OFFICE),
        (2, OFFICE, "10.0.0.1"),
        (1, "", "10.0.0.1"),
    ],
)
def test_only_our_own_proxies_are_believed(settings, proxies, told, believed):
    settings.TRUSTED_PROXIES = 0
    expected = network(believed)
    settings.TRUSTED_PROXIES = proxies
    assert network(told=told) == expected


def test_the_hash_of_a_network_changes_with_the_day(monkeypatch):
    today = network()
    assert network() == today
    monkeypatch.setattr("accounts.guessing.timezone.localdate", lambda: "2001-01-01")
    assert network() != today
