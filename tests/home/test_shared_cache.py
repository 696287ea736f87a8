"""What happens while Redis is away, and what is taken out of it when it is there."""

import pickle
import shutil
import socket
import struct
from collections.abc import Iterator
from contextlib import ExitStack
from importlib import import_module

import pytest
from axes.handlers.proxy import AxesProxyHandler
from django.core.cache import cache
from django.test import Client
from django.utils.translation import gettext_lazy
from wagtail.models import Site

from home import shared_cache
from reporting.models import Report
from services import free_port, redis
from tests.factories import CategoryFactory, UserFactory
from tests.reporting.report_site import FORM, STATUS, filled, make_report_site, shown_number

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not shutil.which("redis-server"), reason="make test installs Redis"),
]


class Server:
    """A Redis that a test can stop, and start again where it was, without what it held."""

    def __init__(self) -> None:
        self.port = free_port()
        self._running = ExitStack()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self._running.enter_context(redis(self.port))

    def stop(self) -> None:
        self._running.close()

    def fill_up(self) -> None:
        """From now on it answers what is read, and writes nothing."""
        import redis

        redis.Redis(port=self.port).config_set("maxmemory", 1)

    def keys(self) -> list[str]:
        import redis

        return [key.decode() for key in redis.Redis(port=self.port).scan_iter()]

    def put(self, key: str, value: bytes) -> None:
        import redis

        redis.Redis(port=self.port).set(cache.make_key(key), value)


@pytest.fixture
def server(settings, monkeypatch) -> Iterator[Server]:
    """A Redis of this test alone, which this process uses."""
    server = Server()
    default = settings.CACHES["default"]
    shared = {"BACKEND": "home.shared_cache.SharedCache", "LOCATION": server.url}
    monkeypatch.setattr(shared_cache.outage, "pause", 0.0)
    shared_cache.outage.forget()
    settings.CACHES = settings.CACHES | {"default": default | shared}
    AxesProxyHandler.get_implementation(force=True)
    cache.alone.clear()
    server.start()
    yield server
    server.stop()
    settings.CACHES = settings.CACHES | {"default": default}
    AxesProxyHandler.get_implementation(force=True)
    shared_cache.outage.forget()


@pytest.fixture
def site() -> None:
    make_report_site()
    CategoryFactory()


def answers() -> bool:
    """Whether a reporter can read, report, and read the answer."""
    client = Client()
    shown = [client.get(path).status_code for path in ("/th/", "/en/", FORM, STATUS)]
    number = shown_number(client.post(FORM, filled()))
    asked = client.post(STATUS, {"receipt": number})
    return shown == [200] * 4 and number is not None and asked.status_code == 200


def test_a_reporter_notices_nothing_when_redis_goes_and_comes_back(server, site):
    assert answers()
    server.stop()
    assert answers()
    assert answers()
    server.start()
    assert answers()
    assert Report.objects.count() == 4
    assert not cache.is_away


def test_a_server_that_is_silent_is_waited_for_once(server, site, monkeypatch):
    monkeypatch.setattr(shared_cache.outage, "pause", 600.0)
    server.stop()
    asked = []
    with socket.create_server(("127.0.0.1", server.port)) as silent:
        silent.settimeout(0)
        assert answers()
        while True:
            try:
                asked.append(silent.accept())
            except BlockingIOError:
                break
    assert len(asked) == 1


def test_readyz_says_that_redis_is_away_and_the_form_stays_open(server, client, site):
    assert client.get("/readyz").json()["cache"] is True
    server.stop()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["cache"]) == (200, False)
    server.start()
    assert client.get("/readyz").json()["cache"] is True


def test_an_outage_is_told_once_and_without_addresses(server, every_log):
    server.stop()
    for number in range(3):
        cache.set(f"planted-{number}", "planted")
    server.start()
    cache.get("planted")
    said = [record.getMessage() for record in every_log.records if "Redis" in record.getMessage()]
    assert said == ["Redis does not answer (ConnectionError).", "Redis answers again."]
    assert str(server.port) not in every_log.text


# --- What is counted stays counted ----------------------------------------------------------------


def guess(times: int, username: str) -> list[int]:
    form = {"username": username, "password": "wrong"}
    browser = Client()
    return [browser.post("/admin/login/", form).status_code for _ in range(times)]


def test_guesses_are_bounded_with_redis_without_it_and_after_it(server):
    for name in ("a", "b", "c"):
        UserFactory(username=name)
    assert guess(5, "a") == [200] * 4 + [429]
    server.stop()
    assert guess(5, "b") == [200] * 4 + [429]
    assert guess(5, "b") == [429] * 5
    server.start()
    assert guess(5, "c") == [200] * 4 + [429]


def test_guesses_stay_bounded_when_redis_goes_in_between(server):
    UserFactory(username="a")
    guess(3, "a")
    server.stop()
    assert 429 in guess(5, "a")


def test_guesses_are_bounded_while_redis_reads_and_does_not_write(server):
    UserFactory(username="a")
    server.fill_up()
    assert guess(5, "a") == [200] * 4 + [429]
    assert guess(5, "a") == [429] * 5
    assert cache.is_away


def test_what_was_counted_alone_is_read_while_redis_does_not_write(server):
    server.fill_up()
    for count in range(3):
        assert cache.get("count", 0) == count
        cache.set("count", count + 1)


def test_a_code_is_taken_once_while_redis_is_away(server):
    server.stop()
    assert [cache.add("used-code", 1, 120) for _ in range(2)] == [True, False]


def test_a_count_that_redis_took_with_it_begins_anew(server):
    cache.set("count", 7)
    server.stop()
    assert [cache.incr("count"), cache.incr("count"), cache.get("count")] == [1, 2, 2]


def test_every_way_to_ask_works_without_redis(server):
    server.stop()
    cache.set_many({"a": 1, "b": 2})
    assert cache.get_many(["a", "b", "c"]) == {"a": 1, "b": 2}
    assert "a" in cache
    assert cache.touch("a", 60)
    assert cache.get_or_set("d", lambda: 4) == 4
    assert cache.delete("a")
    cache.delete_many(["b"])
    assert cache.get("b", "default") == "default"
    assert cache.decr("d") == 3
    cache.clear()
    assert cache.get("d") is None


# --- What comes out of Redis ----------------------------------------------------------------------


RAN = []


def planted() -> None:
    RAN.append("somebody else's code")


class Planted:
    def __reduce__(self):
        return planted, ()


def test_a_planted_object_would_run_where_it_is_unpacked():
    pickle.loads(pickle.dumps(Planted()))
    assert RAN
    RAN.clear()


@pytest.mark.parametrize(
    "value", [pickle.dumps(Planted()), pickle.dumps(Site(hostname="planted")), b"nonsense", b""]
)
def test_what_somebody_else_put_into_redis_is_neither_run_nor_believed(server, value):
    server.put("key", value)
    assert cache.get("key", "default") == "default"
    assert cache.get_many(["key"]) == {}
    assert RAN == []
    cache.set("key", "ours")
    assert cache.get("key") == "ours"


NAMED = {
    "a class": (b"wagtail.models.sites", b"SiteRootPath", b"root_url"),
    "a function": (b"django.utils.translation", b"gettext", b"planted"),
}


@pytest.mark.parametrize("named", NAMED)
def test_what_somebody_else_put_into_redis_changes_nothing_of_this_process(server, named):
    """A pickle without any code of its own that sets an attribute of what it names."""
    module, name, attribute = NAMED[named]
    named_here = getattr(import_module(module.decode()), name.decode())
    before = getattr(named_here, attribute.decode(), None)
    word = b"X%s" % struct.pack("<I", len(attribute)) + attribute
    server.put("key", b"\x80\x02c%s\n%s\nN}%sK\x01s\x86b." % (module, name, word))
    cache.get("key")
    assert getattr(named_here, attribute.decode(), None) is before


@pytest.mark.parametrize(
    "value", [1, True, None, "คำ", 1.5, [1.5, 2.5], {1: "a"}, (1, "b"), {"a", "b"}]
)
def test_plain_values_come_back_as_they_were(server, value):
    cache.set("key", value)
    assert cache.get("key", "default") == value


def test_what_wagtail_keeps_is_read_again(server, site, django_assert_num_queries):
    first = Site.get_site_root_paths()
    with django_assert_num_queries(0):
        assert Site.get_site_root_paths() == first
    cache.set("names", {1: gettext_lazy("Thai")})
    assert str(cache.get("names")[1]) == str(gettext_lazy("Thai"))


def test_no_key_in_redis_tells_what_it_stands_for(server):
    cache.set("planted", 1)
    cache.add("planted-too", 1)
    assert len(server.keys()) == 2
    assert "planted" not in str(server.keys())
