"""Settings, health, addresses and the shape of the tree."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def python(code: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}:{ROOT / 'site'}", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_site_and_locale_never_become_packages():
    assert not (ROOT / "site" / "__init__.py").exists()
    assert not (ROOT / "locale" / "__init__.py").exists()


def test_a_public_process_refuses_to_start_with_private_keys():
    refused = python(
        "import config.settings.production",
        ROLE="public",
        REPORT_PRIVATE_KEYS="/somewhere",
        SECRET_KEY="x",
    )
    assert refused.returncode != 0
    assert "never be able to open one" in refused.stderr
    started = python("import config.settings.production", ROLE="public", SECRET_KEY="x")
    assert started.returncode == 0


@pytest.mark.parametrize(
    ("environment", "words"),
    [({"ROLE": "everything", "SECRET_KEY": "x"}, "ROLE must be one of"), ({}, "SECRET_KEY")],
)
def test_a_wrong_environment_is_said_plainly(environment, words):
    refused = python("import config.settings.production", **environment)
    assert refused.returncode != 0
    assert words in refused.stderr


def test_only_the_demo_listens_to_the_captchas_test_mode():
    asked = python(
        "import config.settings.production as s; print(s.CAPTCHA_TEST_MODE)",
        SECRET_KEY="x",
        CAPTCHA_TEST_MODE="1",
    )
    assert asked.stdout.strip() == "False"
    demo = python(
        "import config.settings.demo as s; print(s.CAPTCHA_TEST_MODE)",
        SECRET_KEY="x",
        CAPTCHA_TEST_MODE="1",
    )
    assert demo.stdout.strip() == "True"


def test_demo_people_are_refused_outside_the_demo(settings, db):
    from django.core.management import call_command
    from django.core.management.base import CommandError

    settings.DEMO = False
    with pytest.raises(CommandError):
        call_command("load_demo")


def test_the_root_is_thai_whatever_the_phone_says(client):
    answer = client.get("/", headers={"accept-language": "en"})
    assert (answer.status_code, answer["Location"]) == (302, "/th/")


def test_the_process_says_it_is_up_without_a_database(client, django_db_blocker):
    assert client.get("/healthz").content == b"ok"


@pytest.mark.django_db
def test_readiness_names_each_part(client, settings):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert {"database", "cache", "queue", "keys"} <= answer.json().keys()
    settings.REPORT_PUBLIC_KEYS = ""
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["keys"] is False


def test_searchers_are_kept_from_staff_and_status(client):
    text = client.get("/robots.txt").content.decode()
    assert "Disallow: /admin/" in text
    assert "Disallow: /*/report/status/" in text


def test_who_finds_a_weakness_learns_whom_to_tell(client):
    text = client.get("/.well-known/security.txt").content.decode()
    assert text.startswith("Contact: ")
    assert "Expires: " in text


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/nothing/", "/admin/nothing/", "/th/nothing/"])
def test_what_is_not_there_is_a_404_and_no_redirect(admin_client, path):
    assert admin_client.get(path).status_code == 404


@pytest.mark.parametrize(("address", "is_loaded"), [("", False), ("http://127.0.0.1:9", True)])
def test_opensearchs_client_is_loaded_only_where_it_is_used(address, is_loaded):
    said = python(
        "import django, sys; django.setup()\n"
        "from wagtail.search.backends import get_search_backend\n"
        "get_search_backend(); print('opensearchpy' in sys.modules)",
        DJANGO_SETTINGS_MODULE="config.settings.production",
        SECRET_KEY="x" * 60,
        SEARCH_URL=address,
    )
    assert said.stdout.split()[-1:] == [str(is_loaded)], said.stderr
