"""Abuse costs its sender something, and locks nobody out."""

from types import SimpleNamespace
from unittest.mock import patch

import pytest
from captcha.models import CaptchaStore
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from home.models import User
from reporting import buckets, limits, receipts
from reporting.buckets import EVERYBODY, Kind
from reporting.intake import Arrival, receive
from reporting.models import Report, ReportingSettings
from reporting.models.settings import LEAST_BEFORE_PAUSE, CaptchaMode
from tests.reporting.report_site import (
    FORM,
    SEEN,
    STATUS,
    errors,
    filled,
    make_report_site,
    shown_number,
    solved,
    typed,
)
from tests.reporting.test_buckets import NOON

VILLAGE, AWAY = "203.0.113.7", "198.51.100.9"
NETWORKS = st.sampled_from(["a", "b", "c", "d"])


class Clock:
    """What limits and buckets take for the time; nobody's hour turns in the middle of a test."""

    def __init__(self) -> None:
        self.now = NOON + 60.0

    def time(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch) -> Clock:
    clock = Clock()
    for module in (buckets, limits):
        monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def site(db):
    make_report_site()


def put(**fields) -> None:
    settings = ReportingSettings.load()
    for name, value in fields.items():
        setattr(settings, name, value)
    settings.save()


def unasked(**words: str) -> dict[str, str]:
    """A form as it is sent when it asks no captcha."""
    page = Client().get(FORM)
    return {
        "token": receipts.new_token(),
        "narrative": SEEN,
        "captcha_0": typed(page, "captcha_0"),
        **words,
    }


def flood(number: int, *, at: str = VILLAGE, kind: Kind = Kind.REPORT) -> None:
    network = buckets.network(SimpleNamespace(META={"REMOTE_ADDR": at}, headers={}))
    for _ in range(number):
        buckets.count(kind, network)
        buckets.count(kind, EVERYBODY)


# --- The first report of a network, and a village -------------------------------------------------


@given(
    others=st.lists(st.tuples(NETWORKS, st.integers(1, 200)), max_size=6),
    pause_above=st.integers(LEAST_BEFORE_PAUSE, 100),
    mode=st.sampled_from(CaptchaMode),
    ticket=st.text(max_size=50),
)
def test_the_first_report_of_a_network_is_taken_whatever_came_from_others(
    others, pause_above, mode, ticket
):
    settings = ReportingSettings(pause_above=pause_above, captcha_mode=mode)
    cache.clear()
    with patch.object(limits, "settings_of_late", lambda: settings), fixed_time():
        for network, number in others:
            for _ in range(number):
                limits.note_filed(network)
        assert limits.pause_before("the first", ticket) is None


@given(pressed=st.lists(st.floats(0, limits.PAUSE - 1), max_size=5), more=st.integers(0, 200))
def test_whoever_waited_is_let_through_whatever_else_came(pressed, more):
    settings = ReportingSettings(pause_above=LEAST_BEFORE_PAUSE)
    cache.clear()
    with patch.object(limits, "settings_of_late", lambda: settings), fixed_time() as clock:
        for _ in range(LEAST_BEFORE_PAUSE):
            limits.note_filed("village")
        start, pause = clock.now, limits.pause_before("village", "")
        for seconds in sorted(pressed):  # impatience costs nothing
            clock.now = start + seconds
            assert limits.pause_before("village", pause.ticket).ticket == pause.ticket
        for _ in range(more):
            limits.note_filed("village")
        clock.now = start + pause.minutes * 60
        assert limits.pause_before("village", pause.ticket) is None


class fixed_time:  # noqa: N801 - read as a function
    """A clock for hypothesis, which shares no fixture between its examples."""

    def __enter__(self) -> Clock:
        clock = Clock()
        self._patches = [patch.object(module, "time", clock) for module in (buckets, limits)]
        for each in self._patches:
            each.start()
        return clock

    def __exit__(self, *error) -> None:
        for each in self._patches:
            each.stop()


@pytest.mark.parametrize("mode", CaptchaMode)
def test_thirty_reports_an_hour_from_one_village_are_all_taken(client, site, clock, mode):
    put(captcha_mode=mode)
    for _ in range(30):
        answer = client.post(FORM, filled(), REMOTE_ADDR=VILLAGE)
        assert shown_number(answer), errors(answer)
        clock.now += 10
    assert Report.objects.count() == 30


def test_no_setting_makes_a_village_wait_before_its_thirtieth_report(site):
    with pytest.raises(ValidationError):
        ReportingSettings(pause_above=LEAST_BEFORE_PAUSE - 1).full_clean()


@pytest.mark.parametrize(("who", "may"), [("superuser", True), ("hq", False), ("officer", False)])
def test_who_may_set_deadlines_may_set_limits_and_nobody_else(
    client, nong_khai, hq, member, who, may
):
    officer = member(nong_khai, "officer")
    superuser = User.objects.create_superuser("root")
    client.force_login({"superuser": superuser, "hq": hq, "officer": officer}[who])
    answer = client.get("/admin/settings/reporting/reportingsettings/", follow=True)
    assert (b'name="captcha_mode"' in answer.content) is may


# --- The pause ------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_flood_makes_its_network_wait_once_with_everything_kept(client, site, clock):
    flood(60)
    first = client.post(FORM, filled(), REMOTE_ADDR=VILLAGE)
    assert first.status_code == 429
    assert int(first["Retry-After"]) == limits.PAUSE
    assert typed(first, "narrative") == SEEN
    assert b'href="tel:191"' in first.content
    assert not Report.objects.exists()
    again = {name: typed(first, name) for name in ("token", "narrative", "captcha_0", "captcha_1")}
    again["ticket"] = typed(first, "ticket")
    early = client.post(FORM, again, REMOTE_ADDR=VILLAGE)
    assert early.status_code == 429
    assert typed(early, "ticket") == again["ticket"], "waiting does not start anew"
    clock.now += limits.PAUSE
    flood(200)
    assert shown_number(client.post(FORM, again, REMOTE_ADDR=VILLAGE))


def test_other_networks_do_not_wait(client, site):
    flood(60)
    assert shown_number(client.post(FORM, filled(), REMOTE_ADDR=AWAY))


def test_a_ticket_lets_one_report_through(client, site, clock):
    flood(60)
    ticket = typed(client.post(FORM, filled(), REMOTE_ADDR=VILLAGE), "ticket")
    clock.now += limits.PAUSE
    assert shown_number(client.post(FORM, filled(ticket=ticket), REMOTE_ADDR=VILLAGE))
    assert client.post(FORM, filled(ticket=ticket), REMOTE_ADDR=VILLAGE).status_code == 429


def test_a_ticket_of_somebodys_making_is_worth_nothing(client, site):
    flood(60)
    for ticket in ("made up", "", "a:b:c", "\u0e01"):
        answer = client.post(FORM, filled(ticket=ticket), REMOTE_ADDR=VILLAGE)
        assert answer.status_code == 429


def test_a_report_that_failed_keeps_its_ticket(client, site, clock, settings):
    flood(60)
    ticket = typed(client.post(FORM, filled(), REMOTE_ADDR=VILLAGE), "ticket")
    clock.now += limits.PAUSE
    keys, settings.REPORT_PUBLIC_KEYS = settings.REPORT_PUBLIC_KEYS, ""
    failed = client.post(FORM, filled(ticket=ticket), REMOTE_ADDR=VILLAGE)
    assert (failed.status_code, typed(failed, "ticket")) == (503, ticket)
    settings.REPORT_PUBLIC_KEYS = keys
    assert shown_number(client.post(FORM, filled(ticket=ticket), REMOTE_ADDR=VILLAGE))


def test_the_same_form_sent_again_shows_its_receipt_in_a_flood_too(client, site):
    sent = filled()
    first = client.post(FORM, sent, REMOTE_ADDR=VILLAGE)
    flood(60)
    again = client.post(FORM, sent, REMOTE_ADDR=VILLAGE)
    assert shown_number(again) == shown_number(first)


# --- The captcha as a setting ---------------------------------------------------------------------


def has_captcha(response) -> bool:
    return b"id_captcha_1" in response.content


@pytest.mark.parametrize(
    ("mode", "is_asked"),
    [(CaptchaMode.ALWAYS, True), (CaptchaMode.UNDER_LOAD, False), (CaptchaMode.NEVER, False)],
)
def test_the_setting_says_whether_the_form_asks(client, site, mode, is_asked):
    put(captcha_mode=mode)
    assert has_captcha(client.get(FORM)) is is_asked
    answer = client.post(FORM, unasked())
    assert (shown_number(answer) is None) is is_asked


@pytest.mark.parametrize(
    ("field", "at"), [("captcha_above_network", VILLAGE), ("captcha_above_all", AWAY)]
)
def test_what_becomes_necessary_meanwhile_is_asked_for_with_everything_kept(
    client, site, field, at
):
    put(captcha_mode=CaptchaMode.UNDER_LOAD, **{field: 20})
    sent = unasked(narrative="<b>ยาว</b>", danger_now="on")
    flood(20)
    assert has_captcha(client.get(FORM, REMOTE_ADDR=at))
    asked = client.post(FORM, sent, REMOTE_ADDR=at)
    assert set(errors(asked)) == {"captcha_1"}
    assert (typed(asked, "narrative"), typed(asked, "danger_now")) == ("<b>ยาว</b>", "on")
    assert shown_number(client.post(FORM, {**sent, **solved()}, REMOTE_ADDR=at))


def test_a_network_is_asked_after_its_own_reports_and_another_is_not(client, site):
    put(captcha_mode=CaptchaMode.UNDER_LOAD)
    for _ in range(5):
        assert shown_number(client.post(FORM, unasked(), REMOTE_ADDR=VILLAGE))
    assert has_captcha(client.get(FORM, REMOTE_ADDR=VILLAGE))
    assert not has_captcha(client.get(FORM, REMOTE_ADDR=AWAY))


def test_pressure_that_has_passed_is_forgotten(client, site, clock):
    put(captcha_mode=CaptchaMode.UNDER_LOAD)
    flood(30)
    assert has_captcha(client.get(FORM, REMOTE_ADDR=VILLAGE))
    clock.now += 2 * buckets.WINDOW
    assert not has_captcha(client.get(FORM, REMOTE_ADDR=VILLAGE))


def test_without_a_captcha_no_row_is_made_before_a_report_is_filed(client, site):
    put(captcha_mode=CaptchaMode.NEVER)
    client.get(FORM)
    with CaptureQueriesContext(connection) as queries:
        client.get(FORM)
    assert "captcha" not in str(queries.captured_queries)
    client.post(FORM, unasked(narrative=""))
    assert not CaptchaStore.objects.exists()


@pytest.mark.both_databases
def test_without_a_captcha_the_same_form_sent_again_shows_the_same_receipt(client, site):
    put(captcha_mode=CaptchaMode.NEVER)
    sent = unasked()
    first, second = client.post(FORM, sent), client.post(FORM, sent)
    assert shown_number(first)
    assert shown_number(second) == shown_number(first)
    assert Report.objects.count() == 1
    CaptchaStore.objects.update(expiration=timezone.now())  # as ten minutes do
    assert shown_number(client.post(FORM, sent)) is None
    assert Report.objects.count() == 1


def test_without_a_captcha_who_knows_the_token_alone_sees_no_receipt(client, site):
    put(captcha_mode=CaptchaMode.NEVER)
    sent = unasked()
    client.post(FORM, sent)
    other = {**sent, "captcha_0": typed(client.get(FORM), "captcha_0")}
    assert shown_number(client.post(FORM, other)) is None


def test_without_a_captcha_a_pass_that_somebody_put_into_the_form_is_not_kept(client, site):
    put(captcha_mode=CaptchaMode.NEVER)
    planted = "p" + "0" * 32
    again = client.post(FORM, unasked(narrative="", captcha_0=planted))
    assert "captcha_0" in again.content.decode()
    assert planted not in again.content.decode()


@pytest.mark.parametrize("key", ["", "x" * 500, "p", "' OR 1", "p" + "g" * 32])
def test_without_a_captcha_a_form_without_a_pass_is_filed_and_its_key_is_not_stored(
    client, site, key
):
    put(captcha_mode=CaptchaMode.NEVER)
    assert shown_number(client.post(FORM, unasked(captcha_0=key)))
    assert not CaptchaStore.objects.filter(hashkey=key).exists()


def test_a_form_that_asked_is_filed_unsolved_when_nothing_is_asked_any_more(client, site):
    sent = filled(captcha_1="")
    put(captcha_mode=CaptchaMode.NEVER)
    first = client.post(FORM, sent)
    assert shown_number(first)
    assert shown_number(client.post(FORM, sent)) == shown_number(first)


def test_without_keys_an_unasked_form_can_be_sent_again(client, site, settings):
    put(captcha_mode=CaptchaMode.NEVER)
    keys, settings.REPORT_PUBLIC_KEYS = settings.REPORT_PUBLIC_KEYS, ""
    failed = client.post(FORM, unasked())
    assert failed.status_code == 503
    settings.REPORT_PUBLIC_KEYS = keys
    again = {name: typed(failed, name) for name in ("token", "narrative", "captcha_0")}
    first = client.post(FORM, again)
    assert shown_number(first)
    assert shown_number(client.post(FORM, again)) == shown_number(first)


# --- The field that people do not see -------------------------------------------------------------


@pytest.mark.parametrize("mode", [CaptchaMode.NEVER, CaptchaMode.UNDER_LOAD])
def test_who_fills_the_hidden_field_solves_a_captcha_and_is_filed(client, site, mode):
    put(captcha_mode=mode)
    sent = unasked(website="http://example.test/")
    asked = client.post(FORM, sent)
    assert set(errors(asked)) == {"captcha_1"}
    assert typed(asked, "narrative") == SEEN
    assert typed(asked, "website") == "http://example.test/"
    assert shown_number(client.post(FORM, {**sent, **solved()}))


def test_the_hidden_field_is_out_of_the_way_and_says_what_to_do(client, site):
    html = client.get("/en/report/").content.decode()
    field = html[html.index('<div class="visually-hidden" aria-hidden="true"><label') :]
    field = field[: field.index("</div>")]
    assert "Leave this field empty" in field
    assert 'tabindex="-1"' in field
    assert 'autocomplete="off"' in field


# --- Guesses of receipts --------------------------------------------------------------------------


@pytest.fixture
def receipt(db):
    return receive(Arrival(narrative=SEEN), token=receipts.new_token())


def unknown() -> str:
    return receipts.issue(receipts.new_token())


def ask(client, number: str, at: str = VILLAGE, **more: str):
    return client.post(STATUS, {"receipt": number, **more}, REMOTE_ADDR=at)


def is_opened(response) -> bool:
    return b"timeline" in response.content


@pytest.mark.both_databases
def test_many_guesses_cost_a_captcha_each_and_lock_nobody_out(client, receipt):
    for _ in range(9):
        assert not has_captcha(ask(client, unknown()))
    tenth = ask(client, unknown())
    assert has_captcha(tenth)
    assert has_captcha(client.get(STATUS, REMOTE_ADDR=VILLAGE))
    unsolved = ask(client, receipt.number)
    assert not is_opened(unsolved)
    assert typed(unsolved, "receipt") == receipt.number
    assert set(errors(unsolved)) == {"captcha_1"}
    assert not is_opened(ask(client, receipt.number, **{**solved(), "captcha_1": "wrong"}))
    assert is_opened(ask(client, receipt.number, **solved()))
    assert is_opened(ask(client, receipt.number, at=AWAY))


def test_a_captcha_is_good_for_one_guess(client, receipt):
    flood(10, kind=Kind.GUESS)
    answer = solved()
    assert not is_opened(ask(client, unknown(), **answer))
    assert not is_opened(ask(client, receipt.number, **answer))


def test_slips_of_the_pen_do_not_count(client, receipt):
    number = unknown()
    slip = number[:-1] + str((int(number[-1]) + 1) % 10)
    for _ in range(12):
        ask(client, slip)
        ask(client, number[:-1])
    assert is_opened(ask(client, receipt.number))


def test_right_receipts_do_not_count(client, receipt):
    for _ in range(12):
        assert is_opened(ask(client, receipt.number))
    assert not has_captcha(client.get(STATUS, REMOTE_ADDR=VILLAGE))


def test_who_was_shown_the_answer_is_asked_nothing_for_the_same_receipt(client, receipt):
    proof = receipts.proof(receipt.number)
    flood(10, kind=Kind.GUESS)
    assert is_opened(ask(client, receipt.number, proof=proof))
    other = receive(Arrival(narrative=SEEN), token=receipts.new_token())
    for wrong in ("", "x", "\u0e01", receipts.proof(other.number)):
        assert not is_opened(ask(client, receipt.number, proof=wrong))


def test_another_kind_of_captcha_can_be_had_with_the_receipt_kept(client, receipt):
    flood(10, kind=Kind.GUESS)
    answer = ask(client, receipt.number, captcha_action="question")
    assert typed(answer, "receipt") == receipt.number
    assert has_captcha(answer)
    assert b"captcha-image" not in answer.content


# --- What it costs us, and what is left of it -----------------------------------------------------


@pytest.mark.parametrize("mode", CaptchaMode)
def test_limits_ask_the_database_nothing(client, site, mode, django_assert_max_num_queries):
    put(captcha_mode=mode)
    limits.demands_captcha("a")
    with django_assert_max_num_queries(0):
        limits.demands_captcha("a")
        limits.pause_before("a", "")
        limits.note_filed("a")
        limits.demands_captcha_to_look_up("a")
        limits.note_guess("a")


def test_no_address_is_stored_or_logged(client, site, settings, every_log):
    settings.TRUSTED_PROXIES = 1
    put(captcha_mode=CaptchaMode.UNDER_LOAD)
    who = {"x-forwarded-for": f"{AWAY}, {VILLAGE}", "user-agent": "Spyglass/9"}
    flood(60)
    for _ in range(2):
        client.get(FORM, headers=who, REMOTE_ADDR="192.0.2.1")
        client.post(FORM, filled(), headers=who, REMOTE_ADDR="192.0.2.1")
        client.post(STATUS, {"receipt": unknown()}, headers=who, REMOTE_ADDR="192.0.2.1")
    kept = str(dict(cache._cache))
    for fact in ("203.0.113", "198.51.100", "192.0.2", "Spyglass", "cb0071"):
        assert fact not in every_log.text
        assert fact not in kept
