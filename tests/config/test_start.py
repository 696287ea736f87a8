"""What a process loads before its first request, by role. Nothing here is timed."""

import json
import re
from importlib.util import find_spec

import pytest

from tests.config.test_wiring import ROOT, python

# A start that is quick today becomes slow one import at a time; each of these has its reason.
NEVER = {
    "wagtail.api.v3": "no address serves it (config.wagtail_apps)",
    "ninja": "only that API needs it",
    "boto3": "no STORAGE_URL",
    "storages": "no STORAGE_URL",
    "opensearchpy": "no SEARCH_URL",
    "redis": "no REDIS_URL",
    "requests": "only a test client of REST framework, until an editor embeds a video",
}
PUBLIC_NEVER = {
    "wagtail.admin.urls": "the public role has no admin",
    "wagtail.admin.api": "the public role has no admin",
    "rest_framework": "only the admin's API needs it",
    "pydantic": "only the admin's API needs it",
}
START = """
import config.wsgi, gc, json, sys
from django.urls import get_resolver
print("FOUND", json.dumps({
    "modules": sorted(sys.modules),
    "is_collecting": gc.isenabled(),
    "set_aside": gc.get_freeze_count(),
    "has_addresses": "url_patterns" in vars(get_resolver()),
}))
"""


def started(role: str) -> dict:
    said = python(START, SECRET_KEY="x" * 60, ALLOWED_HOSTS="localhost", ROLE=role)
    assert said.returncode == 0, said.stderr
    return json.loads(said.stdout.split("FOUND ")[1])


@pytest.mark.parametrize("role", ["public", "staff", "all"])
def test_a_process_loads_nothing_that_it_will_not_need(role):
    never = NEVER | PUBLIC_NEVER if role == "public" else NEVER
    modules = set(started(role)["modules"])
    assert {name: why for name, why in never.items() if name in modules} == {}
    assert (PUBLIC_NEVER.keys() <= modules) is (role != "public"), "a name that means nothing"


@pytest.mark.parametrize("name", NEVER)
def test_what_is_left_out_is_installed_all_the_same(name):
    assert find_spec(name), "a name that means nothing"


def test_what_was_put_off_can_be_loaded_later():
    said = python(
        "import config.wsgi; import wagtail.embeds.finders.oembed as it; print(it.requests)",
        SECRET_KEY="x" * 60,
        ALLOWED_HOSTS="localhost",
    )
    assert "<module 'requests'" in said.stdout, said.stderr


def test_what_is_loaded_already_stays_the_same_module():
    said = python(
        "import requests, sys; import config.wsgi; print(sys.modules['requests'] is requests)",
        SECRET_KEY="x" * 60,
        ALLOWED_HOSTS="localhost",
    )
    assert said.stdout.split()[-1:] == ["True"], said.stderr


@pytest.mark.parametrize("role", ["public", "all"])
def test_the_addresses_are_loaded_and_set_aside_before_the_first_request(role):
    process = started(role)
    assert process["has_addresses"]
    assert process["is_collecting"]
    assert process["set_aside"] > 100_000


def test_the_image_compiles_all_that_it_holds():
    """Where the file system is read-only, each start would compile what was forgotten."""
    said = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    _before, _copied, after = said.partition("COPY . .")
    assert re.search(r"-m compileall -q --invalidation-mode unchecked-hash /app\b", after)
