"""What the index holds (search/tokens.py)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import tokens
from search.backends.queries import needle

ANY_TEXT = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.characters(min_codepoint=0x0E00, max_codepoint=0x0EFF),
        st.characters(min_codepoint=0x1780, max_codepoint=0x17FF),
    )
)


@given(ANY_TEXT)
def test_tokens_are_letters_and_digits_so_that_every_database_cuts_them_alike(text):
    assert re.fullmatch(r"([a-z][a-z0-9]*( [a-z][a-z0-9]*)*)?", tokens.indexed(text))


@given(ANY_TEXT)
def test_a_text_is_found_by_itself(text):
    held = tokens.indexed(text[: tokens.MAX_QUERY])
    if term := tokens.phrase(text):
        assert needle(term) in held


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("เกาะ", "เดินทางไปเกาะกลางแม่น้ำ"),
        ("เชียงราย", "ตำรวจภูธรจังหวัดเชียงรายแถลงข่าว"),
        ("ຄ້າມະນຸດ", "ຕ້ານການຄ້າມະນຸດຢູ່ຊາຍແດນ"),
        ("ជួញដូរមនុស្ស", "ប្រឆាំងការជួញដូរមនុស្សនៅព្រំដែន"),
    ],
)
def test_a_word_has_the_same_units_alone_and_inside_a_sentence(word, sentence):
    (term,) = tokens.terms(word)
    assert needle(term) in tokens.indexed(sentence)


def test_the_length_of_tokens_queries_and_texts_is_bounded():
    assert len(tokens.terms("คำ " * 5000)) <= tokens.MAX_TERMS
    assert len(tokens.indexed("x" * 500_000)) <= tokens.MAX_WORD + 10
    assert len(tokens.indexed("ก้้้้้้้้้้" * 50_000)) < 20 * tokens.MAX_INDEXED


@pytest.mark.parametrize(
    ("plural", "singular"),
    [("borders", "border"), ("agencies", "agency"), ("villages", "village")],
)
def test_an_english_plural_and_its_singular_are_one_word(plural, singular):
    assert tokens.indexed(plural) == tokens.indexed(singular)


@pytest.mark.parametrize("word", ["laos", "bus", "across", "is", "1999s"])
def test_a_word_that_only_ends_like_a_plural_is_still_found_by_itself(word):
    (term,) = tokens.terms(word)
    assert needle(term) in tokens.indexed(word)
