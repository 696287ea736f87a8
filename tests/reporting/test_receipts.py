import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting import receipts, sealing

SCRIPTS = ("0123456789", "๐๑๒๓๔๕๖๗๘๙", "໐໑໒໓໔໕໖໗໘໙", "០១២៣៤៥៦៧៨៩")
tokens = st.text(min_size=receipts.TOKEN_LENGTH, max_size=60)


@given(tokens, st.integers(0, 4))
def test_a_receipt_is_read_back_from_how_it_is_shown(token, attempt):
    number = receipts.issue(token, attempt)
    assert len(number) == 16
    assert receipts.parse(receipts.grouped(number)) == number


@given(tokens, st.sampled_from(SCRIPTS))
def test_a_receipt_is_read_back_in_each_script(token, digits):
    number = receipts.issue(token)
    typed = number.translate(str.maketrans("0123456789", digits))
    assert receipts.parse(typed) == number


@given(tokens, st.integers(0, 15), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(token, place, difference):
    number = receipts.issue(token)
    wrong = str((int(number[place]) + difference) % 10)
    assert receipts.parse(number[:place] + wrong + number[place + 1 :]) is None


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_receipt_or_nothing(typed):
    number = receipts.parse(typed)
    assert number is None or (len(number) == 16 and number.isdigit())


@pytest.mark.parametrize("typed", ["", "1234", "1234 5678 9012 345", "12345678901234567", "abcd"])
def test_what_is_not_sixteen_digits_is_no_receipt(typed):
    assert receipts.parse(typed) is None


def test_the_same_token_gives_the_same_receipt_and_another_gives_another():
    token = receipts.new_token()
    assert receipts.issue(token) == receipts.issue(token)
    assert receipts.issue(token) != receipts.issue(token, attempt=1)
    assert receipts.issue(token) != receipts.issue(receipts.new_token())


def test_what_is_stored_tells_nothing_without_the_key(settings):
    number = receipts.issue(receipts.new_token())
    stored = receipts.digest(number)
    assert number not in stored
    settings.SECRET_KEY = "another key of the same length, more or less"
    assert receipts.digest(number) != stored


def test_a_receipt_outlives_a_change_of_key(settings):
    number = receipts.issue(receipts.new_token())
    stored = receipts.digest(number)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of the same length, more or less"
    assert stored in receipts.digests(number)


# --- The keys of a receipt ----------------------------------------------------------------------


@given(tokens, st.binary(max_size=500))
def test_a_receipt_opens_what_was_sealed_to_it(token, plaintext):
    number = receipts.issue(token)
    key = sealing.public_key(receipts.identity(number))
    sealed, names = sealing.seal(plaintext, to=["4301"], receipt_key=key)
    assert names == ["4301", "hq", "receipt"]
    assert sealing.open_with(sealed, receipts.identities(number)) == plaintext


@given(tokens, st.integers(0, 15), st.integers(1, 9))
def test_no_receipt_that_looks_like_it_opens_it(token, place, difference):
    number = receipts.issue(token)
    digit = str((int(number[place]) + difference) % 10)
    neighbour = number[:place] + digit + number[place + 1 :]
    key = sealing.public_key(receipts.identity(number))
    sealed, _ = sealing.seal(b"text", to=[], receipt_key=key)
    with pytest.raises(sealing.SealingUnavailable):
        sealing.open_with(sealed, receipts.identities(neighbour))


def test_the_keys_of_a_receipt_take_the_secret_of_the_site_and_outlive_it(settings):
    number = receipts.issue(receipts.new_token())
    key = sealing.public_key(receipts.identity(number))
    sealed, _ = sealing.seal(b"text", to=[], receipt_key=key)
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another key of the same length, or nearly"
    with pytest.raises(sealing.SealingUnavailable):
        sealing.open_with(sealed, receipts.identities(number))
    settings.SECRET_KEY_FALLBACKS = [former]
    assert sealing.open_with(sealed, receipts.identities(number)) == b"text"
