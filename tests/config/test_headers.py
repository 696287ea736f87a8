"""The headers of every answer, and what production sets."""

import json
import re

import pytest

from tests.config.test_wiring import python
from tests.reporting.report_site import FORM, make_report_site

pytestmark = pytest.mark.django_db
PUBLIC = ["/th/", FORM, "/th/report/status/", "/th/nothing/", "/th/search/"]
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
PRODUCTION = """
import json, config.settings.production as s
names = [name for name in dir(s) if name.startswith(("SECURE_", "SESSION_", "CSRF_"))]
print(json.dumps({name: getattr(s, name) for name in names}, default=str))
"""


@pytest.fixture
def site(db):
    make_report_site()


@pytest.mark.parametrize("path", [*PUBLIC, "/admin/login/"])
def test_every_answer_has_the_usual_headers(client, site, path):
    answer = client.get(path)
    for name, value in EVERYWHERE.items():
        assert answer[name] == value
    assert "camera=()" in answer["Permissions-Policy"]
    assert answer["Referrer-Policy"] in {"same-origin", "no-referrer"}


def test_an_answer_to_too_large_a_form_has_them_too(client, site, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = client.post(FORM, {"narrative": "x" * 1000})
    assert answer.status_code == 413
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'self'" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages_allow_no_script_or_style_inside_and_none_from_outside(client, site, path):
    answer = client.get(path)
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "frame-ancestors 'none'" in policy
    html = answer.content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", html)
    assert not re.search(r"<(?:script|img)[^>]+src=\W?(?:https?:)?//", html)


def test_the_admin_has_a_looser_policy_that_still_asks_nobody_outside(client, site):
    policy = client.get("/admin/login/")["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-inline'" in policy
    assert "unsafe-eval" not in policy
    assert "http" not in policy
    assert "frame-ancestors 'self'" in policy
    assert "object-src 'none'" in policy


def test_production_demands_tls_and_guards_its_cookies():
    said = python(PRODUCTION, SECRET_KEY="x", ALLOWED_HOSTS="watch.example,.other.example")
    found = json.loads(said.stdout)
    assert found["SECURE_SSL_REDIRECT"] is True
    assert found["SECURE_HSTS_SECONDS"] >= 365 * 24 * 60 * 60
    assert found["SESSION_COOKIE_SECURE"] is found["CSRF_COOKIE_SECURE"] is True
    assert found["SESSION_COOKIE_SAMESITE"] == found["CSRF_COOKIE_SAMESITE"] == "Strict"
    assert found["CSRF_TRUSTED_ORIGINS"] == ["https://watch.example", "https://other.example"]


def test_cookies_are_out_of_reach_of_scripts(client, django_user_model, site):
    django_user_model.objects.create_superuser("someone", password="a long password")
    page = client.get("/admin/login/")
    answer = client.post(
        "/admin/login/",
        {
            "username": "someone",
            "password": "a long password",
            "csrfmiddlewaretoken": page.context["csrf_token"] if page.context else "",
        },
    )
    cookie = answer.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
