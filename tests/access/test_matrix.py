"""Who meets what at every address there is: asked of the running URL table, role by role.

`matrix.json` holds the answers. It is written by this test, read by people, and changing it is
changing a promise in plain view:

    ACCESS=write .venv/bin/python -m pytest tests/access

A new address fails the suite until it stands in it.
"""

import json
import os
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from wagtail.admin.viewsets import viewsets
from wagtail.admin.viewsets.base import ViewSet

from tests.access import world

MATRIX = Path(__file__).with_name("matrix.json")
# Our own screens are also sent an empty form: a step that asks for nothing is taken by a POST.
IS_WRITTEN = os.environ.get("ACCESS") == "write"
# The roles are asked in two tests, for two workers; when the matrix is written, in one.
PARTS = 1 if IS_WRITTEN else 2
APPS = {"accounts", "reporting"}
INSIDERS = {"hq", "chief", "secretary", "officer"}
Answers = dict[str, dict[str, str]]


def outcome(answer) -> str:
    """What an answer comes to, in a word."""
    code = answer.status_code
    if code in (301, 302):
        where = answer["Location"]
        if "/admin/login/" in where or "_util/login" in where:
            return "sign in"
        if where.split("?")[0] == reverse("wagtailadmin_home"):
            return "refused"
        return "sent on"
    return {200: "open", 403: "refused", 404: "hidden"}.get(code, str(code))


@pytest.fixture
def people_and_screens(db, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    settings.DEBUG_PROPAGATE_EXCEPTIONS = False
    settings.LINE_CHANNEL_SECRET = "so-that-there-is-such-a-channel"
    return world.make()


@pytest.mark.parametrize("part", range(PARTS))
def test_every_address_answers_each_role_as_the_matrix_says(people_and_screens, part):
    people, screens = people_and_screens
    roles = list(people.by_role)
    answers = ask_everything(people, screens, roles[part::PARTS])
    assert_nobody_looks_into_a_report_from_outside(answers)
    assert_nobody_enters_without_signing_in(answers)
    assert_nothing_breaks(answers)
    if IS_WRITTEN:
        MATRIX.write_text(json.dumps(by_outcome(answers), indent=1, ensure_ascii=False) + "\n")
    promised = by_role(json.loads(MATRIX.read_text()), roles)
    assert answers.keys() == promised.keys()
    others = {
        (address, role): (code, promised[address][role])
        for address, met in answers.items()
        for role, code in met.items()
        if code != promised[address][role]
    }
    assert others == {}


def ask_everything(people: world.People, screens: list[world.Screen], roles: list[str]) -> Answers:
    answers: Answers = defaultdict(dict)
    for role in roles:
        person = people.by_role[role]
        client = Client(raise_request_exception=False)
        if person:
            client.force_login(person)
        for screen in screens:
            for method in methods_of(screen):
                with transaction.atomic():  # so that no answer depends on the one before
                    answer = getattr(client, method)(screen.path)
                    transaction.set_rollback(True)
                code = outcome(answer)
                answers[f"{method} {screen.route}"][role] = code
    return answers


def assert_nobody_looks_into_a_report_from_outside(answers: Answers) -> None:
    asked = 0
    for address, met in answers.items():
        if "<reference" not in address:
            continue
        allowed = {"hq"} if address.endswith("of an official") else INSIDERS
        for role in met.keys() - allowed - {"nobody"}:
            assert (address, role, met[role]) == (address, role, "hidden")
            asked += 1
    assert asked


def assert_nobody_enters_without_signing_in(answers: Answers) -> None:
    for address, met in answers.items():
        if " admin/" in address:
            assert met.get("nobody") != "open" or address in OPEN_TO_ALL, address


def assert_nothing_breaks(answers: Answers) -> None:
    broken = {
        (address, role, code)
        for address, met in answers.items()
        for role, code in met.items()
        if code.startswith("5") and "failwhale" not in address  # Wagtail's own rehearsal
    }
    assert broken == set()


# What has to open before anybody is signed in, and two things that tell nothing.
OPEN_TO_ALL = {
    "get admin/login/",
    "get admin/login/inactive/",
    "get admin/password_reset/",
    "get admin/password_reset/sent/",
    "get admin/password_reset/done/",
    "get admin/^password_reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
    "get admin/sprite/",
    "get admin/jsi18n/",
}


def methods_of(screen: world.Screen) -> list[str]:
    is_ours = screen.name.split(":")[0] in our_namespaces()
    return ["get", "post"] if is_ours else ["get"]


@cache
def our_namespaces() -> set[str]:
    """Of every viewset that an app of ours registered, and of LINE's address, which has none."""
    found = {one.url_namespace for one in viewsets.viewsets if _is_ours(one)}
    assert {"reports", "accounts", "memberships", "agencies"} <= found
    return {*found, "line"}


def _is_ours(viewset: ViewSet) -> bool:
    return type(viewset).__module__.split(".")[0] in APPS


def by_outcome(answers: Answers) -> dict[str, str]:
    """For people to read: under each address, who meets what; the most are the others."""
    table = {}
    for address, met in answers.items():
        groups: dict[str, list[str]] = defaultdict(list)
        for role, code in met.items():
            groups[code].append(role)
        *few, (code, _roles) = sorted(groups.items(), key=lambda group: (len(group[1]), group[0]))
        lines = [f"{code}: {', '.join(roles)}" for code, roles in few]
        table[address] = " | ".join([*lines, f"{code}: {'others' if few else 'everybody'}"])
    return table


def by_role(table: dict[str, str], roles: list[str]) -> Answers:
    """The same, taken apart again."""
    answers = {}
    for address, words in table.items():
        *few, rest = (part.rsplit(": ", 1) for part in words.split(" | "))
        named = {role: code for code, names in few for role in names.split(", ")}
        answers[address] = {role: named.get(role, rest[0]) for role in roles}
    return answers


def test_an_address_without_an_example_fails(people_and_screens):
    class Pattern:
        converters = {"something_new": None}

    class Unknown:
        pattern = Pattern()

    route = world.Route("admin/new/<int:something_new>/", "new", "new", Unknown())  # type: ignore[arg-type]
    with pytest.raises(world.NoExample):
        world.Examples().screens(route)
