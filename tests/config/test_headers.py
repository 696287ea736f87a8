"""The headers of every kind of answer, what pages load, and what production sets."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from articles.models import ArticlePage
from articles.starter import ensure_index as ensure_articles
from config.urls import urlpatterns as of_the_site
from events.models import EventPage
from events.starter import ensure_index as ensure_events
from home.models.pages import PublicPage
from home.page_cache import pages
from home.starter import ensure_home
from reporting import captcha
from reporting.starter import ensure_form
from tests.config.test_wiring import python
from tests.factories import DistrictFactory
from tests.reporting.report_site import FORM, STATUS, filled, shown_number

pytestmark = pytest.mark.django_db
Ask = Callable[[Client], HttpResponse]


def fail(request):
    raise RuntimeError("planted")


class Broken:
    """The site with one address that fails."""

    urlpatterns = [path("boom/", fail), *of_the_site]


@pytest.fixture
def site(settings):
    """A page of every type; production's own settings; an address that fails."""
    home = ensure_home()
    articles, events = ensure_articles(home), ensure_events(home)
    ensure_form(home)
    district = DistrictFactory()
    article = ArticlePage(
        title="บทความ",
        slug="one",
        standfirst="-",
        date=date(2024, 6, 1),
        topic="drugs",
        locale=home.locale,
        districts=[district],
        body=[("paragraph", "<p>-</p>")],
    )
    event = EventPage(
        title="กิจกรรม",
        slug="one",
        event_type="meeting",
        summary="-",
        starts_on=date(2024, 1, 1),
        ends_on=date(2024, 1, 2),
        locale=home.locale,
        districts=[district],
    )
    for index, page in ((articles, article), (events, event)):
        index.refresh_from_db()
        index.add_child(instance=page)
    for name, value in production().items():
        setattr(settings, name, value)
    settings.ROOT_URLCONF = Broken
    settings.KEEP_PAGES = True
    pages.clear()


@pytest.fixture
def reader(site) -> Client:
    """Comes through the proxy, by TLS."""
    return Client(
        headers={"host": "watch.example", "x-forwarded-proto": "https"},
        raise_request_exception=False,
    )


@cache
def production() -> dict:
    """What production says of protection, asked of its own settings module."""
    said = python(
        "import json, config.settings.production as s;"
        "starts = ('SECURE_', 'SESSION_', 'CSRF_', 'ALLOWED_HOSTS', 'X_FRAME', 'BASE_URL');"
        "print(json.dumps({name: getattr(s, name) for name in dir(s) if name.startswith(starts)}))",
        SECRET_KEY="x",
        ALLOWED_HOSTS="watch.example,.other.example",
        BASE_URL="https://watch.example",
    )
    found = json.loads(said.stdout)
    found["SECURE_PROXY_SSL_HEADER"] = tuple(found["SECURE_PROXY_SSL_HEADER"])
    return found


def too_much(client: Client):
    return client.post(FORM, "x=" + "x" * (41 * 1024 * 1024), content_type=TYPED)


def filed_twice(client: Client):
    form = filled()
    client.post(FORM, form)
    return client.post(FORM, form)


def answered(client: Client):
    return client.post(STATUS, {"receipt": shown_number(client.post(FORM, filled()))})


def kept(client: Client):
    pages.clear()
    made = client.get("/th/about/")
    answer = client.get("/th/about/")
    assert made.context
    assert not answer.context, "it was made anew"
    return answer


def not_modified(client: Client):
    tag = client.get("/th/about/")["ETag"]
    return client.get("/th/about/", headers={"if-none-match": tag})


def get(path: str) -> Ask:
    return lambda client: client.get(path)


REPORTING = {"form", "receipt", "status"}
TYPED = "application/x-www-form-urlencoded"
PAGES: dict[str, tuple[int, Ask]] = {
    "home": (200, get("/th/")),
    "page": (200, get("/th/about/")),
    "articles": (200, get("/th/articles/")),
    "article": (200, get("/th/articles/one/")),
    "events": (200, get("/th/events/")),
    "event": (200, get("/th/events/one/")),
    "search": (200, get("/th/search/?q=บทความ")),
    "form": (200, get(FORM)),
    "form in English": (200, get("/en/report/")),
    "form with mistakes": (200, lambda client: client.post(FORM, {"narrative": ""})),
    "receipt": (200, lambda client: client.post(FORM, filled())),
    "receipt shown before": (200, filed_twice),
    "form too large": (413, too_much),
    "form unreadable": (
        400,
        lambda client: client.post(FORM, b"?", content_type="multipart/form-data; boundary=ก"),
    ),
    "status": (200, get(STATUS)),
    "status of a report": (200, answered),
    "not there": (404, get("/th/nothing/")),
    "failure": (500, get("/boom/")),
}
OTHERS: dict[str, tuple[int, Ask]] = {
    "kept page": (200, kept),
    "page not modified": (304, not_modified),
    "root": (302, get("/")),
    "wrong method": (405, lambda client: client.put(STATUS)),
    "picture of a captcha": (
        200,
        lambda client: client.get(f"/captcha/{captcha.new(captcha.PICTURE).key}/"),
    ),
    "robots": (200, get("/robots.txt")),
    "map": (200, get("/sitemap.xml")),
    "whom to tell": (200, get("/.well-known/security.txt")),
    "well": (200, get("/healthz")),
    "ready": (200, get("/readyz")),
    "figures": (404, get("/metrics")),
    "sign-in": (200, get("/admin/login/")),
    "staff's page, signed out": (302, get("/admin/")),
    "file": (200, get("/static/img/favicon.svg")),
}


def asked(client: Client, kinds: dict[str, tuple[int, Ask]]) -> Iterator[tuple[str, HttpResponse]]:
    """Each kind of answer by its name; one site for all, because it takes long to make."""
    for name, (status, ask) in kinds.items():
        answer = ask(client)
        assert answer.status_code == status, name
        yield name, answer


def test_every_kind_of_answer_has_the_usual_headers(reader):
    for name, answer in asked(reader, PAGES | OTHERS):
        expected = {
            "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Opener-Policy": "same-origin",
        }
        assert expected.items() <= dict(answer.items()).items(), name
        assert answer["Referrer-Policy"] in {"same-origin", "no-referrer"}, name
        assert not {"Server", "X-Powered-By"} & set(answer.headers), name


def test_every_answer_of_ours_has_a_policy_and_stands_in_no_frame(reader):
    for name, answer in asked(reader, PAGES | OTHERS):
        if name == "file":
            continue
        policy = answer["Content-Security-Policy"]
        assert "default-src 'self'" in policy, name
        assert "frame-ancestors 'none'" in policy, name
        assert "unsafe" not in policy, name
        assert "//" not in policy, name
        assert answer["X-Frame-Options"] == "DENY", name
        for feature in ("camera", "geolocation", "microphone"):
            assert f"{feature}=()" in answer["Permissions-Policy"], name


def test_the_report_path_tells_no_other_page_where_somebody_came_from(reader):
    path = {name: each for name, each in PAGES.items() if REPORTING & set(name.split())}
    assert len(path) == 9
    for name, answer in asked(reader, path):
        assert answer["Referrer-Policy"] == "no-referrer", name
        assert answer["Cache-Control"] == "no-store", name


# --- What pages load ------------------------------------------------------------------------------


class Loads(HTMLParser):
    """What a browser would run, style or fetch because of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.inside: list[str] = []
        self.from_outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        words = {name: value or "" for name, value in attrs}
        is_data = words.get("type", "").endswith("json")
        if (tag == "script" and "src" not in words and not is_data) or tag == "style":
            self.inside.append(f"<{tag}>")
        self.inside += [name for name in words if name == "style" or name.startswith("on")]
        self.inside += [value for value in words.values() if value.startswith("javascript:")]
        fetched = [words.get(name, "") for name in ("src", "srcset", "poster", "data", "action")]
        if tag == "link" and words.get("rel") not in {"canonical", "alternate"}:
            fetched.append(words.get("href", ""))
        self.from_outside += [url for url in fetched if urlsplit(url).netloc]

    handle_startendtag = handle_starttag


def loads(html: str) -> Loads:
    parser = Loads()
    parser.feed(html)
    return parser


def test_a_page_has_nothing_inside_that_the_policy_refuses_and_asks_nobody_else(reader):
    for name, answer in asked(reader, PAGES):
        html = answer.content.decode()
        assert "<html" in html, name
        found = loads(html)
        assert (name, found.inside, found.from_outside) == (name, [], [])


@pytest.mark.parametrize(
    ("html", "inside", "from_outside"),
    [
        ("<script>x()</script>", ["<script>"], []),
        ("<style>x</style><p style='x'>", ["<style>", "style"], []),
        ("<a href='javascript:x()' onclick='x()'>", ["onclick", "javascript:x()"], []),
        ("<script src='//cdn.example/x.js'></script>", [], ["//cdn.example/x.js"]),
        ("<link rel=stylesheet href='https://a.example/x'>", [], ["https://a.example/x"]),
        ("<img srcset='https://a.example/x 2x' src='/x'/>", [], ["https://a.example/x 2x"]),
        ("<a href='https://a.example/'>a link is no load</a>", [], []),
        ("<script src='/x.js'></script><script type='application/json'>1</script>", [], []),
    ],
)
def test_what_pages_load_is_found(html, inside, from_outside):
    found = loads(html)
    assert (found.inside, found.from_outside) == (inside, from_outside)


def test_every_type_of_public_page_is_looked_at(reader):
    contexts = [getattr(answer, "context", None) or {} for _, answer in asked(reader, PAGES)]
    shown = {type(context["page"]) for context in contexts if context.get("page")}
    assert {kind for kind in PublicPage.__subclasses__() if not kind._meta.abstract} <= shown


# --- Staff's screens ------------------------------------------------------------------------------


STRICT = [
    "/admin/",
    "/admin/login/",
    "/admin/account/password/",
    "/admin/account/factor/",
    "/admin/reports/",
    "/admin/reports/log/",
    "/admin/reports/ABCD2345/",
]
LOOSE = ["/admin/reports/site-history/", "/admin/pages/", "/admin/images/", "/admin/users/"]


def test_scripts_inside_are_for_wagtails_screens_alone(admin_client, site):
    for screen in STRICT + LOOSE:
        answer = admin_client.get(screen, secure=True, headers={"host": "watch.example"})
        policy = answer["Content-Security-Policy"]
        assert ("'unsafe-inline'" in policy) is (screen in LOOSE), screen
        assert ("frame-ancestors 'self'" in policy) is (screen in LOOSE), screen
        assert "unsafe-eval" not in policy, screen
        assert "//" not in policy, screen
        assert "object-src 'none'" in policy, screen


# --- What production sets -------------------------------------------------------------------------


def test_production_demands_tls_and_guards_its_cookies():
    found = production()
    assert found["SECURE_SSL_REDIRECT"] is True
    assert found["SECURE_HSTS_SECONDS"] >= 365 * 24 * 60 * 60
    assert found["SESSION_COOKIE_SECURE"] is found["CSRF_COOKIE_SECURE"] is True
    assert found["SESSION_COOKIE_SAMESITE"] == found["CSRF_COOKIE_SAMESITE"] == "Strict"
    assert found["CSRF_TRUSTED_ORIGINS"] == ["https://watch.example", "https://other.example"]


@pytest.mark.parametrize(
    ("proto", "path", "status"),
    [("http", "/th/", 301), ("https", "/th/", 200), ("http", "/healthz", 200)],
)
def test_who_comes_without_tls_is_sent_on_to_it(site, proto, path, status):
    client = Client(headers={"host": "watch.example", "x-forwarded-proto": proto})
    answer = client.get(path)
    assert answer.status_code == status
    if status == 301:
        assert answer["Location"] == f"https://watch.example{path}"


@pytest.mark.parametrize(("host", "status"), [("watch.example", 200), ("evil.example", 400)])
def test_only_our_own_names_are_answered(site, host, status):
    client = Client(headers={"host": host, "x-forwarded-proto": "https"})
    assert client.get("/th/").status_code == status


def test_cookies_of_staff_are_for_tls_and_out_of_reach_of_scripts(reader, django_user_model):
    django_user_model.objects.create_superuser("someone", password="a long password")
    sign_in = {"username": "someone", "password": "a long password"}
    answer = reader.post("/admin/login/", sign_in)
    cookie = answer.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["secure"]
    assert cookie["samesite"] == "Strict"


@pytest.mark.parametrize(
    ("origin", "status"), [("https://watch.example", 200), ("https://evil.example", 403)]
)
def test_no_other_site_can_send_a_form_of_staff(site, origin, status):
    client = Client(
        enforce_csrf_checks=True,
        headers={"host": "watch.example", "x-forwarded-proto": "https"},
    )
    client.get("/admin/login/")
    token = client.cookies["csrftoken"].value
    form = {"username": "nobody", "password": "wrong", "csrfmiddlewaretoken": token}
    answer = client.post("/admin/login/", form, headers={"origin": origin})
    assert answer.status_code == status


# --- Deployment checks ----------------------------------------------------------------------------

REALISTIC = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "SECRET_KEY": "only-for-this-test-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
    "ALLOWED_HOSTS": "watch.example",
    "BASE_URL": "https://watch.example",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "STORAGE_URL": "s3://key:secret@storage.example/bucket",
    "EMAIL_URL": "smtp://user:password@mail.example:587",
    "METRICS_TOKEN": "for-this-test",
}
CHECK = (
    "from django.core.management import execute_from_command_line as run;"
    "run(['manage.py', 'check', '--deploy', '--fail-level', 'WARNING'])"
)


@pytest.mark.parametrize("role", ["public", "staff", "worker"])
@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({}, ""),
        ({"REPORT_PUBLIC_KEYS": ""}, "reporting.W001"),
        ({"SECRET_KEY": "short"}, "security.W009"),
    ],
    ids=["as it should be", "no keys", "a weak secret"],
)
def test_a_deployment_passes_all_checks_and_fails_for_what_is_missing(
    keyrings, role, wrong, complaint
):
    public, private = map(json.dumps, keyrings)
    keys = {"REPORT_PUBLIC_KEYS": public}
    if role != "public":
        keys["REPORT_PRIVATE_KEYS"] = private
    said = python(CHECK, **REALISTIC | keys | {"ROLE": role} | wrong)
    assert (said.returncode == 0) is not bool(complaint), said.stderr
    assert complaint in said.stderr
