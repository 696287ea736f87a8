import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting import bech32, sealing

# The valid strings of BIP 173 whose data is a whole number of bytes.
VECTORS = [
    "a12uel5l",
    "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
    "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
    "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
]


@pytest.mark.parametrize("text", VECTORS)
def test_the_examples_of_the_standard_are_written_alike(text):
    prefix, _, rest = text.rpartition("1")
    assert bech32.encode(prefix, data_of(rest)) == text


@given(st.binary(min_size=32, max_size=32))
def test_any_32_bytes_are_a_private_key_that_age_reads(raw):
    private = bech32.encode("age-secret-key-", raw).upper()
    public = sealing.public_key(private)
    assert public.startswith("age1")
    sealed, _ = sealing.seal(b"text", to=[], receipt_key=public)
    assert sealing.open_with(sealed, [private]) == b"text"


def data_of(letters: str) -> bytes:
    """The bytes before the checksum of six letters."""
    values = [bech32.LETTERS.index(letter) for letter in letters[:-6]]
    bits = "".join(f"{value:05b}" for value in values)
    assert len(bits) % 8 == 0
    return bytes(int(bits[start : start + 8], 2) for start in range(0, len(bits), 8))
