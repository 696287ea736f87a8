"""What a sketch tells of a text, to whom, and how well."""

from itertools import combinations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reporting import sealing
from reporting.duplicates import RATHER_THE_SAME, SAME_WORDS
from reporting.sealing import SealingUnavailable
from reporting.sketches import BANDS, FEWEST_WORDS, PLACES, likeness, sketch
from search.words import segment
from tests.reporting import matters

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
WORDS = st.sets(st.text(alphabet="abcdefgh", min_size=3, max_size=6), min_size=8, max_size=60)
PAIRS = [pair for matter in matters.SAME for pair in combinations(matter, 2)]
FIRSTS = [*(matter[0] for matter in matters.SAME), *matters.OTHERS]


def shared(one: str, other: str) -> float:
    a, b = set(segment(one)), set(segment(other))
    return len(a & b) / len(a | b)


def told(one: str, other: str, *, key: bytes = KEY) -> float:
    return likeness(sketch(one, key=key).places, sketch(other, key=key).places)


@given(WORDS)
def test_equal_texts_have_equal_sketches_under_one_key_whatever_the_order(words):
    one, other = (sketch(" ".join(order), key=KEY) for order in (sorted(words), list(words)))
    assert one == other
    assert likeness(one.places, other.places) == 1
    assert len(one.places) == PLACES
    assert len(set(one.bands)) == BANDS
    assert all(0 <= number < 2**63 for number in one.bands)


@given(WORDS)
def test_sketches_under_two_keys_cannot_be_compared(words):
    text = " ".join(words)
    one, other = sketch(text, key=KEY), sketch(text, key=OTHER_KEY)
    assert not set(one.bands) & set(other.bands)
    assert likeness(one.places, other.places) < 0.1


@given(WORDS, WORDS, st.floats(0, 1))
def test_the_likeness_is_told_within_bounds(left, right, part):
    common = sorted(left)[: int(len(left) * part)]
    one, other = " ".join(left), " ".join(sorted(right | set(common)))
    assert abs(told(one, other) - shared(one, other)) < 0.25  # five standard errors
    assert told(one, other) == told(other, one)


@given(st.text(max_size=12))
def test_a_short_text_has_no_sketch(text):
    assume(len(set(segment(text))) < FEWEST_WORDS)
    assert sketch(text, key=KEY) is None


def test_many_times_the_same_word_is_a_short_text():
    assert sketch("เรือ " * 50, key=KEY) is None


def test_a_text_of_thousands_of_words_is_sketched():
    long = sketch(" ".join(f"word{number}" for number in range(5000)), key=KEY)
    assert len(long.places) == PLACES


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_what_says_the_same_in_other_words_is_found(one, other):
    assert told(one, other) >= RATHER_THE_SAME
    assert set(sketch(one, key=KEY).bands) & set(sketch(other, key=KEY).bands)


@pytest.mark.parametrize(("one", "other"), list(combinations(FIRSTS, 2)))
def test_what_says_something_else_is_not(one, other):
    assert told(one, other) < RATHER_THE_SAME


def test_two_spellings_that_look_alike_are_the_same_words():
    text = matters.BOATS[0]
    typed_otherwise = text.replace("น้ำ", "นํ้า")
    assert typed_otherwise != text
    assert told(text, typed_otherwise) == 1 > SAME_WORDS


def test_an_empty_sketch_is_like_nothing():
    assert likeness(b"", b"") == likeness(b"", b"x") == 0


# --- The key ------------------------------------------------------------------------------------


def test_each_queue_and_each_purpose_has_a_secret_of_its_own():
    secrets = {
        sealing.derived(purpose, of=queue)
        for purpose in ("sketches of words", "something else")
        for queue in (sealing.HQ, "4301", "3801", "no key of its own", "nor this")
    }
    assert len(secrets) == 10
    assert {len(secret) for secret in secrets} == {32}
    assert sealing.derived("a", of="4301") == sealing.derived("a", of="4301")


def test_a_process_without_private_keys_derives_nothing(settings):
    settings.REPORT_PRIVATE_KEYS = ""
    with pytest.raises(SealingUnavailable):
        sealing.derived("sketches of words", of="4301")
