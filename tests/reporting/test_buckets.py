"""What is counted of a network: for minutes, apart from every other, and nothing of its address."""

import hashlib
import ipaddress
import time
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from reporting import buckets
from reporting.buckets import EVERYBODY, HOUR, WINDOW, Kind, count, recent

NOON = 1_800_000_000 // HOUR * HOUR  # the turn of an hour
ADDRESSES = st.ip_addresses().map(str)
KINDS = st.sampled_from(Kind)


def at(moment: float):
    """Buckets take this for the time."""
    return patch.object(buckets, "time", SimpleNamespace(time=lambda: moment))


def network(address: str) -> str:
    return buckets.network(RequestFactory().get("/", REMOTE_ADDR=address))


def kept() -> str:
    """Everything that the process's cache holds, keys and values."""
    return str(dict(cache._cache))


@given(kind=KINDS, number=st.integers(1, 20), second=st.integers(0, HOUR - 1), address=ADDRESSES)
def test_what_was_counted_is_known_for_ten_minutes_unless_the_hour_turns(
    kind, number, second, address
):
    cache.clear()
    with at(NOON + second):
        for _ in range(number):
            count(kind, network(address))
        assert recent(kind, network(address)) == number
    if second + WINDOW < HOUR:
        with at(NOON + second + WINDOW):
            assert recent(kind, network(address)) == number
    with at(NOON + HOUR):
        assert recent(kind, network(address)) == 0


@given(kind=KINDS, second=st.floats(0, HOUR - 1), address=ADDRESSES)
def test_neither_a_count_nor_the_key_outlives_the_hour(kind, second, address):
    cache.clear()
    with at(NOON + second):
        count(kind, network(address))
    assert len(cache._expire_info) == 2
    for until in cache._expire_info.values():
        assert 0 < until - time.time() <= HOUR


@given(st.lists(ADDRESSES, min_size=2, max_size=8, unique_by=network))
def test_two_networks_never_share_a_count(addresses):
    cache.clear()
    with at(NOON):
        for number, address in enumerate(addresses):
            for _ in range(number):
                count(Kind.REPORT, network(address))
        numbers = [recent(Kind.REPORT, network(address)) for address in addresses]
        assert numbers == list(range(len(addresses)))
        assert recent(Kind.GUESS, network(addresses[-1])) == 0
        assert recent(Kind.REPORT, EVERYBODY) == 0


@given(ADDRESSES)
def test_nothing_of_an_address_stands_in_the_cache(address):
    cache.clear()
    with at(NOON):
        count(Kind.REPORT, network(address))
    packed = ipaddress.ip_address(address).packed
    told = {address, network(address), packed.hex(), network(address).partition("/")[0]}
    for fact in told:
        assert len(fact) < 4 or fact not in kept()  # "::" may stand anywhere
        for plain in (hashlib.sha256, hashlib.sha1, hashlib.md5):
            assert plain(fact.encode()).hexdigest() not in kept()


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("203.0.113.7", "203.0.113.200", True),
        ("203.0.113.7", "203.0.114.7", False),
        ("::ffff:203.0.113.7", "203.0.113.9", True),
        ("2001:db8:1:2::5", "2001:db8:1:ffff::9", True),
        ("2001:db8:1::5", "2001:db8:2::5", False),
        ("203.0.113.0", "203.0.113.7", True),  # the proxy cuts the end off itself
        ("2001:db8:1::", "2001:db8:1:2::5", True),
    ],
)
def test_a_network_is_as_coarse_as_a_village(one, other, is_same):
    assert (network(one) == network(other)) is is_same


def test_the_next_hour_has_another_key_and_the_former_is_gone():
    with at(NOON):
        count(Kind.REPORT, "a")
        first, key = set(cache._cache), buckets._key(NOON // HOUR)
    with at(NOON + HOUR):
        count(Kind.REPORT, "a")
        assert buckets._key(NOON // HOUR + 1) != key
    assert key not in kept()
    assert len(first & set(cache._cache)) == 1  # the count alone, which nobody can read any more


def test_secret_key_does_not_tell_which_network_was_counted(settings):
    """The same network under the same SECRET_KEY is another count in another hour's cache."""
    with at(NOON):
        count(Kind.REPORT, "a")
        before = set(cache._cache)
        cache.clear()
        count(Kind.REPORT, "a")
    assert len(before & set(cache._cache)) == 1  # the name of the hour's key


@pytest.mark.parametrize("planted", ["words", None, [1], {"a": 1}])
def test_what_somebody_else_put_there_counts_for_nothing(planted):
    with at(NOON):
        for window in (0, 1):
            cache.set(buckets._bucket(Kind.REPORT, "a", NOON, window=window), planted)
        assert recent(Kind.REPORT, "a") == 0


def test_a_cache_that_fails_counts_nothing_and_says_so_without_an_address(monkeypatch, every_log):
    def fail(*args, **kwargs):
        raise RuntimeError("203.0.113.0")

    for name in ("get", "get_many", "add", "incr"):
        monkeypatch.setattr(cache, name, fail, raising=False)
    count(Kind.REPORT, "203.0.113.0/24")
    assert recent(Kind.REPORT, "203.0.113.0/24") == 0
    assert "RuntimeError" in every_log.text
    assert "203.0.113" not in every_log.text
