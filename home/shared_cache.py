"""The cache that all processes share, in Redis; while Redis is away, each process has its own.

What stands in the cache is remembered (Wagtail's addresses of sites) or counted (wrong passwords,
wrong codes, letters, codes that were used). To fail with Redis would close the report form; to
take it for empty would let a guesser try without end. So while it does not answer, each process
remembers and counts in its own memory, as it always does without REDIS_URL. A guesser then has as
many tries as there are processes, a code that was used before Redis went can be used once more in
each until it expires, and nothing is left uncounted. What processes counted alone is not carried
over when Redis is back; what Redis counted before is there again, unless it forgot.

A Redis that is full, or a copy that takes nothing down, still answers what is read. Believed, it
would say of every count that there is none; so Redis is away until it has written something.

Nothing that comes out of Redis is run. Whoever takes over a public process can write there, and
staff processes read it: so they unpack plain values and a few named kinds, and nothing else.
"""

import io
import logging
import pickle
import threading
import time
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient, RedisSerializer
from redis import RedisError
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Broken
from redis.retry import Retry

logger = logging.getLogger(__name__)

# What Wagtail keeps besides plain values: addresses of sites, names of languages.
READABLE = {
    ("wagtail.models.sites", "SiteRootPath"),
    ("django.utils.functional", "_lazy_proxy_unpickle"),
    ("django.utils.translation", "gettext"),
    ("builtins", "str"),
}
WRITTEN = "shared-cache-written"  # what is written to see whether Redis writes
WRITTEN_FOR = 60  # seconds


class Outage:
    """Whether Redis answers, as all threads of this process know it."""

    pause = 5.0  # seconds until it is asked again

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        self.is_on = False
        self._ask_at = 0.0

    def may_ask(self) -> bool:
        """One request in a while finds out; the others do not wait for a server that is silent."""
        if not self.is_on:
            return True
        with self._lock:
            now = time.monotonic()
            if now < self._ask_at:
                return False
            self._ask_at = now + self.pause
            return True

    def note_failure(self, error: RedisError) -> None:
        with self._lock:
            if not self.is_on:
                logger.warning("Redis does not answer (%s).", type(error).__name__)
            self.is_on, self._ask_at = True, time.monotonic() + self.pause

    def note_answer(self) -> None:
        if self.is_on:
            logger.info("Redis answers again.")
            self.is_on = False


outage = Outage()


UNREADABLE = object()


class PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in READABLE:
            raise pickle.UnpicklingError("Not a plain value.")
        return _stand_in(super().find_class(module, name))


def _stand_in(found: Any) -> Any:
    """What does the same. A pickle may set attributes of whatever it names: of ours it must not."""
    if found is str:
        return found  # Python lets nobody change it
    if isinstance(found, type):
        return type(found.__name__, (found,), {"__slots__": ()})
    return lambda *args, **kwargs: found(*args, **kwargs)


class PlainSerializer(RedisSerializer):
    """Reads back plain values, and UNREADABLE for anything else."""

    def loads(self, data: Any) -> Any:
        try:
            return int(data)
        except ValueError:
            pass
        try:
            return PlainUnpickler(io.BytesIO(data)).load()
        except Exception:  # noqa: BLE001 - bytes of anybody's making fail in any way
            logger.warning("The cache held something that is not read.")
            return UNREADABLE


class PlainClient(RedisCacheClient):
    """What is not read is as good as not there."""

    def get(self, key: Any, default: Any) -> Any:
        found = super().get(key, default)
        return default if found is UNREADABLE else found

    def get_many(self, keys: Iterable[Any]) -> dict[Any, Any]:
        found = super().get_many(keys)
        return {key: value for key, value in found.items() if value is not UNREADABLE}


class OwnMemory(LocMemCache):
    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Counts on, from nothing where Redis had the count and went."""
        self.add(key, 0, version=version)
        return super().incr(key, delta, version=version)


def or_alone(name: str) -> Callable:
    """The method of that name, asked of Redis or, while it is away, of this process's memory."""
    ask = getattr(RedisCache, name)

    @wraps(ask)
    def answer(self: "SharedCache", *args: Any, **kwargs: Any) -> Any:
        is_trial = outage.is_on
        if outage.may_ask():
            try:
                if is_trial:
                    RedisCache.set(self, WRITTEN, 1, WRITTEN_FOR)
                found = ask(self, *args, **kwargs)
            except RedisError as error:
                outage.note_failure(error)
            else:
                if is_trial:
                    outage.note_answer()
                return found
        return getattr(self.alone, name)(*args, **kwargs)

    return answer


class SharedCache(RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        options = {
            "serializer": PlainSerializer,
            # A server that says nothing must not keep a reporter waiting.
            "socket_connect_timeout": 1,
            "socket_timeout": 1,
            # Once: Redis was started anew, and the connection was of before. Never after a silence.
            "retry": Retry(NoBackoff(), 1, supported_errors=(Broken,)),
        }
        super().__init__(server, {**params, "OPTIONS": options})
        self._class = PlainClient
        self.alone = OwnMemory("alone", params)  # one for all threads, by its name

    @property
    def is_away(self) -> bool:
        return outage.is_on

    add = or_alone("add")
    get = or_alone("get")
    set = or_alone("set")
    touch = or_alone("touch")
    delete = or_alone("delete")
    get_many = or_alone("get_many")
    has_key = or_alone("has_key")
    incr = or_alone("incr")
    set_many = or_alone("set_many")
    delete_many = or_alone("delete_many")
    clear = or_alone("clear")
