"""What each role serves. What it does not serve is a 404 there, and still has its name."""

import json
import re
from collections.abc import Iterator

import pytest
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse
from django.utils import translation

from config.addresses import not_here
from config.urls import addresses
from reporting.models import Report
from tests.config.test_wiring import python
from tests.reporting.report_site import FORM, STATUS, filled, make_report_site

HEALTH = {"healthz", "readyz"}
REPORTERS = {"report", "report_status", "report_captcha:picture"}
READERS = {"root", "robots", "security", "sitemap", "search:search", "wagtail_serve"}
ROLES = ("public", "staff", "worker", "all")


class Map:
    """The addresses of one role as ROOT_URLCONF takes them."""

    def __init__(self, role: str) -> None:
        self.urlpatterns = addresses(role)


def served(role: str) -> set[str]:
    """Names that answer: of two patterns with one name, Django asks the first."""
    answering = {}
    for name, pattern in named(Map(role).urlpatterns):
        answering.setdefault(name, pattern.callback is not not_here)
    return {name for name, answers in answering.items() if answers}


def named(patterns, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}", pattern
        else:
            within = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from named(pattern.url_patterns, namespace + within)


@pytest.fixture
def as_role(settings):
    """as_role("staff"): the test client asks a process of that role."""

    def become(role: str) -> None:
        settings.ROOT_URLCONF = Map(role)

    return become


def test_every_address_belongs_to_the_role_it_is_for():
    everything, public, staff = served("all"), served("public"), served("staff")
    admin = {name for name in everything if name.startswith(("wagtailadmin", "wagtailusers"))}
    assert len(admin) > 50
    assert public >= HEALTH | REPORTERS | READERS
    assert HEALTH | admin <= staff
    assert not public & admin
    assert not staff & (REPORTERS | READERS)
    assert served("worker") == HEALTH
    # Nothing is served by nobody, and nothing appears that the whole does not know.
    assert public | staff == everything
    assert "metrics" not in public


def test_no_role_serves_a_sign_in_but_the_staffs():
    assert "account_login" not in served("public")
    assert "wagtailadmin_login" not in dict(named(addresses("public")))
    assert {"account_login", "metrics"} <= served("staff")


@pytest.mark.parametrize("role", ["staff", "worker"])
def test_a_name_leads_to_the_same_address_in_every_role(role, as_role):
    """Mails and previews link to what another process serves."""
    expected = everything_reversed()
    assert len(expected) > 200
    as_role(role)
    assert everything_reversed() == expected


def everything_reversed() -> dict[str, str]:
    """The address of every name, with whatever its parts accept."""
    found = {}
    with translation.override("th"):
        for name, pattern in named(get_resolver().url_patterns):
            if name in found or name.endswith("None"):
                continue
            for sample in ("1", "abc", "th", "e0b5a1d8-60a1-4a55-9b31-8b6f6f1b2c3d"):
                keys = pattern.pattern.regex.groupindex or {}
                try:
                    kwargs = dict.fromkeys(keys, sample)
                    found[name] = reverse(name, kwargs=kwargs) if keys else reverse(name)
                except NoReverseMatch:
                    continue
                break
    return found


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "path", "code"),
    [
        ("public", "/th/", 200),
        ("public", FORM, 200),
        ("public", STATUS, 200),
        ("public", "/th/search/", 200),
        ("public", "/admin/", 404),
        ("public", "/admin/login/", 404),
        ("public", "/admin/reports/", 404),
        ("public", "/admin/documents/", 404),
        ("public", "/admin/account/password/", 404),
        ("public", "/metrics", 404),
        ("public", "/th/_util/login/", 404),
        ("staff", "/admin/login/", 200),
        ("staff", "/admin/", 302),
        ("staff", "/th/", 404),
        ("staff", FORM, 404),
        ("staff", STATUS, 404),
        ("staff", "/captcha/0123456789/", 404),
        ("staff", "/th/search/", 404),
        ("staff", "/", 404),
        ("staff", "/sitemap.xml", 404),
        ("worker", "/th/", 404),
        ("worker", "/admin/login/", 404),
        ("worker", FORM, 404),
        *((role, "/healthz", 200) for role in ROLES),
        *((role, "/readyz", 200) for role in ROLES),
    ],
)
def test_a_process_answers_for_its_role(client, as_role, role, path, code):
    make_report_site()
    as_role(role)
    assert client.get(path).status_code == code


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "filed"), [("public", 1), ("staff", 0), ("worker", 0)])
def test_only_the_public_role_takes_a_report(client, as_role, role, filed):
    make_report_site()
    as_role(role)
    assert client.post(FORM, filled()).status_code == (200 if filed else 404)
    assert Report.objects.count() == filed


@pytest.mark.django_db
def test_staff_pages_and_their_frames_draw_in_the_staff_role(admin_client, as_role):
    make_report_site()
    as_role("staff")
    assert admin_client.get("/admin/").status_code == 200
    missing = admin_client.get("/admin/nothing/")
    assert missing.status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["staff", "all"])
def test_an_editor_sees_the_form_and_cannot_file_from_it(admin_client, as_role, role):
    from reporting.models import ReportFormPage

    make_report_site()
    as_role(role)
    page = ReportFormPage.objects.get(locale__language_code="th")
    address = reverse("wagtailadmin_pages:view_draft", args=[page.pk])
    seen = admin_client.get(address).content.decode()
    form = re.search(r'<form class="form" id="report-form"[^>]*>', seen)[0]
    assert " inert" in form
    assert "action=" not in form
    # The Enter key and every button that would send.
    sending = re.findall(r'<button [^>]*type="submit"[^>]*>', seen.partition(form)[2])
    assert len(sending) == 2
    assert all(" disabled" in button for button in sending)
    admin_client.post(address, filled())
    assert Report.objects.count() == 0


@pytest.mark.django_db
def test_the_form_outside_a_preview_can_be_sent(client):
    make_report_site()
    seen = client.get(FORM).content.decode()
    assert " inert" not in seen
    assert " disabled" not in seen
    assert f'action="{FORM}"' in seen


@pytest.mark.parametrize("role", ["public", "staff", "worker"])
def test_a_process_started_in_a_role_serves_that_role(role):
    """Not by the function above: by the environment, as in production."""
    asked = python(
        "import django, json; django.setup();"
        "from django.urls import resolve, Resolver404\n"
        "import sys, config.urls\n"
        "from config.addresses import not_here\n"
        "def is_served(path):\n"
        "    try: return resolve(path).func is not not_here\n"
        "    except Resolver404: return False\n"
        "paths = ['/healthz', '/admin/', '/th/report/']\n"
        "print(json.dumps([[is_served(path) for path in paths],"
        " 'wagtail.admin.urls' in sys.modules]))",
        DJANGO_SETTINGS_MODULE="config.settings.production",
        SECRET_KEY="x",
        ROLE=role,
    )
    assert asked.returncode == 0, asked.stderr
    answers, has_admin = json.loads(asked.stdout)
    assert (
        answers
        == {
            "public": [True, False, True],
            "staff": [True, True, False],
            "worker": [True, False, False],
        }[role]
    )
    if role == "public":
        assert not has_admin  # what is not loaded cannot be reached, and takes no memory
