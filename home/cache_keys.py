"""What keys of the cache look like in Redis: nobody who reads them learns what they stand for."""

from django.utils.crypto import salted_hmac


def keyed(key: str, key_prefix: str, version: int) -> str:
    """A hash that takes SECRET_KEY to make.

    Packages put names, mail addresses and networks into their keys, allauth as plain hashes: with
    a list of all addresses of a country those are undone in minutes.
    """
    name = f"{key_prefix}:{version}:{key}"
    return f"{key_prefix}:{salted_hmac('home.cache_keys', name, algorithm='sha256').hexdigest()}"
