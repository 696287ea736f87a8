"""The captcha: who may pass, how often, and what somebody sees who cannot see the picture."""

from datetime import timedelta
from io import BytesIO

import pytest
from captcha.models import CaptchaStore
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from PIL import Image

from reporting import captcha
from reporting.captcha import Verdict
from reporting.models import Report
from tests.reporting.report_site import (
    FORM,
    SEEN,
    errors,
    filled,
    make_report_site,
    shown_number,
    solved,
    typed,
)


@pytest.fixture
def site(db):
    make_report_site()


def answer_to(challenge: captcha.Captcha) -> str:
    return CaptchaStore.objects.get(hashkey=challenge.key).response


def expire() -> None:
    CaptchaStore.objects.update(expiration=timezone.now() - timedelta(minutes=1))


# --- Answers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("digits", ["0123456789", "๐๑๒๓๔๕๖๗๘๙", "໐໑໒໓໔໕໖໗໘໙", "០១២៣៤៥៦៧៨៩"])
def test_digits_of_every_script_are_understood(db, digits):
    challenge = captcha.new(captcha.PICTURE)
    typed_answer = " ".join(digits[int(digit)] for digit in answer_to(challenge))
    assert captcha.check(challenge.key, typed_answer) is Verdict.RIGHT


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_question_takes_its_answer_as_a_number_or_a_word(db, language):
    with translation.override(language):
        for _ in range(20):
            challenge = captcha.new(captcha.QUESTION)
            number = answer_to(challenge)
            word = str(captcha.NUMBER_WORDS[int(number)])
            assert captcha.check(challenge.key, number) is Verdict.RIGHT
            assert captcha.check(challenge.key, f" {word.upper()} ") is Verdict.RIGHT


def test_the_question_is_a_sum_in_words_that_adds_up():
    for _ in range(200):
        challenge, answer = captcha.sum_challenge()
        first, second = map(int, challenge.split("+"))
        assert 1 <= first <= 9
        assert 1 <= second <= 9
        assert first + second == int(answer)


def test_the_question_stands_in_words(db):
    with translation.override("en"):
        challenge = captcha.new(captcha.QUESTION)
    assert not any(character.isdigit() for character in challenge.question)


@pytest.mark.both_databases
def test_a_wrong_answer_spends_the_challenge(db):
    challenge = captcha.new(captcha.PICTURE)
    right = answer_to(challenge)
    assert captcha.check(challenge.key, "no") is Verdict.WRONG
    assert captcha.check(challenge.key, right) is Verdict.EXPIRED


def test_no_answer_leaves_the_challenge_as_it_is(db):
    challenge = captcha.new(captcha.PICTURE)
    assert captcha.check(challenge.key, "  ") is Verdict.MISSING
    assert captcha.check(challenge.key, answer_to(challenge)) is Verdict.RIGHT


def test_a_right_answer_is_good_for_one_report(client, site):
    answer = solved()
    assert shown_number(client.post(FORM, filled(**answer)))
    again = client.post(FORM, filled(**answer))
    assert set(errors(again)) == {"captcha_1"}
    assert Report.objects.count() == 1


def test_an_expired_challenge_is_replaced_and_the_text_stays(client, site):
    sent = filled()
    expire()
    answer = client.post(FORM, sent)
    assert set(errors(answer)) == {"captcha_1"}
    assert typed(answer, "narrative") == SEEN
    assert typed(answer, "captcha_0") != sent["captcha_0"]


def test_a_wrong_answer_brings_a_new_challenge_of_the_same_kind(client, site):
    question = captcha.new(captcha.QUESTION).key
    answer = client.post(FORM, filled(captcha_0=question, captcha_1="no"))
    key = typed(answer, "captcha_0")
    assert key != question
    assert captcha.kind_of(key) == captcha.QUESTION


def test_an_unanswered_challenge_is_shown_again(client, site):
    sent = filled(captcha_1="")
    assert typed(client.post(FORM, sent), "captcha_0") == sent["captcha_0"]


def test_a_key_that_never_was_is_replaced(client, site):
    for key in ("", "x" * 5_000, "q", "../"):
        answer = client.post(FORM, filled(captcha_0=key, captcha_1="12345"))
        assert set(errors(answer)) == {"captcha_1"}


def test_another_mistake_keeps_the_solved_challenge_alive(client, site):
    sent = filled(narrative="")
    CaptchaStore.objects.update(expiration=timezone.now() + timedelta(seconds=30))
    client.post(FORM, sent)
    left = CaptchaStore.objects.get(hashkey=sent["captcha_0"]).expiration - timezone.now()
    assert left > timedelta(minutes=20)


# --- Asking for another -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [captcha.PICTURE, captcha.QUESTION])
def test_another_challenge_keeps_everything_typed_and_complains_of_nothing(client, site, kind):
    sent = filled(danger_now="on", when="today", captcha_action=kind)
    answer = client.post(FORM, sent)
    assert errors(answer) == {}
    assert b"error-summary" not in answer.content
    for name in ("narrative", "danger_now", "when"):
        assert typed(answer, name) == sent[name]
    key = typed(answer, "captcha_0")
    assert key != sent["captcha_0"]
    assert captcha.kind_of(key) == kind
    assert not Report.objects.exists()


def test_a_report_can_be_filed_with_the_question(client, site):
    page = client.post(FORM, filled(captcha_action="question"))
    key = typed(page, "captcha_0")
    answer = CaptchaStore.objects.get(hashkey=key).response
    assert shown_number(client.post(FORM, filled(captcha_0=key, captcha_1=answer)))


# --- The word for programs ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("demo", "mode", "is_filed"),
    [(True, True, True), (True, False, False), (False, True, False)],
)
def test_passed_is_an_answer_in_the_demos_test_mode_only(
    client, site, settings, demo, mode, is_filed
):
    settings.DEMO, settings.CAPTCHA_TEST_MODE = demo, mode
    answer = client.post(FORM, filled(captcha_0="none", captcha_1="PASSED"))
    assert bool(shown_number(answer)) is is_filed


# --- The picture --------------------------------------------------------------------------------


def picture(client, key: str):
    return client.get(reverse("report_captcha:picture", args=[key]))


def test_the_picture_is_small_and_kept_nowhere(client, db):
    answer = picture(client, captcha.new(captcha.PICTURE).key)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/png"
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies
    assert len(answer.content) < 8_000
    assert Image.open(BytesIO(answer.content)).width > 150


def test_a_question_has_no_picture_and_neither_has_a_key_that_never_was(client, db):
    assert picture(client, captcha.new(captcha.QUESTION).key).status_code == 410
    assert picture(client, "0" * 40).status_code == 410


def test_the_picture_has_words_for_who_cannot_see_it(client, site):
    html = client.get("/en/report/").content.decode()
    assert 'alt="A picture of five digits.' in html
    assert '<label class="field-label" for="id_captcha_1">Type the five digits' in html


@pytest.mark.parametrize("name", ["captcha-audio", "captcha-refresh", "captcha-image"])
def test_the_librarys_own_addresses_are_not_there(name):
    with pytest.raises(NoReverseMatch):
        reverse(name, args=[] if name == "captcha-refresh" else ["key"])
