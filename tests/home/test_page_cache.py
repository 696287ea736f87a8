"""Whole pages are kept, forgotten with every change, and never with anything about a reader."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Locale, Page, PageViewRestriction, Site

from articles.models import ArticlePage
from events.models import EventPage
from home import changes
from home.models import District, HomePage, PublicChange, SiteSettings, StandardPage, User
from home.page_cache import KeptPages, pages
from home.starter import ensure_home
from tests.factories import DistrictFactory

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db


def section(home: HomePage, slug: str) -> Page:
    return home.get_children().get(slug=slug).specific


def add_article(home: HomePage, slug: str = "one", **words) -> ArticlePage:
    page = ArticlePage(
        title=words.pop("title", f"บทความ {slug}"),
        slug=slug,
        standfirst="-",
        date=date(2024, 6, 1),
        topic="drugs",
        locale=home.locale,
        body=[("paragraph", "<p>-</p>")],
        **words,
    )
    section(home, "articles").add_child(instance=page)
    return page


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        client.get(path)
    return len(asked)


# --- Kept ---------------------------------------------------------------------------------------


def test_a_page_with_a_thai_address_is_kept(home, clock, reader):
    path = add_article(home, slug="ตาก").url
    assert reader.get(path).status_code == 200
    assert queries(reader, path) == 0


def test_who_names_no_host_is_answered_and_nothing_is_kept(home, clock, settings):
    settings.BASE_URL = ""
    assert Client().get("/th/").status_code == 200
    assert not pages._made


def test_a_page_asked_for_again_costs_no_query(home, clock, reader):
    first = reader.get("/th/")
    assert queries(reader, "/th/") == 0
    again = reader.get("/th/")
    assert again.content == first.content
    assert dict(again.items()) == dict(first.items())


def test_the_proxy_may_keep_a_page_to_the_end_of_this_second_and_browsers_ask(home, clock, reader):
    answer = reader.get("/th/")
    assert answer["X-Accel-Expires"] == f"@{clock.now}"
    assert next(iter(answer.headers)) == "X-Accel-Expires"  # nginx obeys what comes first
    assert answer["Cache-Control"] == "no-cache"
    clock.tick()
    assert reader.get("/th/")["X-Accel-Expires"] == f"@{clock.now}"


def test_whoever_has_the_page_is_told_so_gzipped_or_not(home, clock, reader):
    tag = reader.get("/th/", headers={"accept-encoding": "gzip"})["ETag"]
    assert tag.startswith("W/")
    for asked in (tag, tag.removeprefix("W/"), f'"other", {tag}'):
        answer = reader.get("/th/", headers={"if-none-match": asked})
        assert (answer.status_code, answer.content) == (304, b"")
        assert not {"Content-Length", "Content-Type"} & set(answer.headers)
        assert next(iter(answer.headers)) == "X-Accel-Expires"
        assert answer["Vary"] == "Accept-Encoding"
    assert reader.get("/th/", headers={"if-none-match": '"other"'}).status_code == 200


def test_gzip_is_given_to_those_who_asked_for_it_and_to_nobody_else(home, clock, reader):
    packed = reader.get("/th/", headers={"accept-encoding": "gzip"})
    plain = reader.get("/th/")
    assert packed["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain
    assert plain.content.startswith(b"<!doctype html>")
    assert reader.get("/th/", headers={"accept-encoding": "br"}).content == plain.content


def test_a_kept_page_has_the_headers_that_protect_it(home, clock, reader):
    reader.get("/th/")
    kept = reader.get("/th/")
    assert "default-src 'self'" in kept["Content-Security-Policy"]
    assert kept["X-Content-Type-Options"] == "nosniff"
    assert kept["X-Frame-Options"] == "DENY"


# --- Forgotten ----------------------------------------------------------------------------------


def publish(home):
    page = section(home, "articles").get_children().get(slug="one").specific
    page.title = "ชื่อใหม่"
    page.save_revision().publish()


def unpublish(home):
    Page.objects.get(slug="one", locale=home.locale).specific.unpublish()


def delete(home):
    Page.objects.get(slug="one", locale=home.locale).delete()


def change_slug(home):
    page = ArticlePage.objects.get(slug="one")
    page.slug = "another"
    page.save()


def move(home):
    page = ArticlePage.objects.get(slug="one")
    page.move(section(home, "events"), pos="last-child")


def add(home):
    add_article(home, "two")


def translate(home):
    english = Locale.objects.get(language_code="en")
    page = ArticlePage.objects.get(slug="one").copy_for_translation(english)
    page.save_revision().publish()


def make_alias(home):
    ArticlePage.objects.get(slug="one").create_alias(update_slug="alias")


def publish_by_the_clock(home):
    page = ArticlePage.objects.get(slug="one")
    page.title = "ชื่อใหม่"
    page.go_live_at = timezone.now()
    page.save_revision(approved_go_live_at=page.go_live_at)
    call_command("publish_scheduled", verbosity=0)


def expire_by_the_clock(home):
    Page.objects.filter(slug="one").update(expire_at=timezone.now())
    call_command("publish_scheduled", verbosity=0)


def change_settings(home):
    row = SiteSettings.for_site(Site.objects.get())
    row.contact_th = "โทร 02"
    row.save()


def rename_a_district(home):
    district = District.objects.get()
    district.name_th = "ชื่อใหม่"
    district.save()


def leave_the_menu(home):
    page = StandardPage.objects.filter(locale=home.locale).first()
    page.show_in_menus = False
    page.save()


def restrict(home):
    page = ArticlePage.objects.get(slug="one")
    PageViewRestriction.objects.create(page=page, restriction_type="login")


CHANGES = [
    publish,
    unpublish,
    delete,
    change_slug,
    move,
    add,
    translate,
    make_alias,
    publish_by_the_clock,
    expire_by_the_clock,
    change_settings,
    rename_a_district,
    leave_the_menu,
    restrict,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_every_kind_of_change_is_seen_in_the_next_second(home, clock, reader, change):
    article = add_article(home, districts=[DistrictFactory()])
    clock.tick()
    paths = ("/th/", "/th/articles/", article.get_url().replace("http://127.0.0.1:8000", ""))
    before = [answer_of(reader, path) for path in paths]
    change(home)
    assert [answer_of(reader, path) for path in paths] == before
    clock.tick()
    seen = [answer_of(reader, path) for path in paths]
    assert seen != before
    pages.clear()
    changes.forget()
    assert seen == [answer_of(reader, path) for path in paths]


def answer_of(client: Client, path: str) -> tuple[int, bytes]:
    answer = client.get(path)
    return answer.status_code, answer.content


def test_a_draft_that_is_saved_forgets_nothing(home, clock, reader):
    article = add_article(home)
    before = PublicChange.objects.count()
    article.title = "ร่าง"
    article.save_revision()
    assert PublicChange.objects.count() == before


def test_a_redirect_holds_at_once_because_what_is_not_there_is_not_kept(home, clock, reader):
    assert reader.get("/th/gone/").status_code == 404
    Redirect.objects.create(old_path="/th/gone", redirect_link="/th/")
    assert reader.get("/th/gone/").status_code == 301


def test_at_midnight_an_event_is_past(home, clock, reader, monkeypatch):
    event = EventPage(
        title="เวทีพรุ่งนี้",
        slug="forum",
        event_type="meeting",
        summary="-",
        starts_on=date(2027, 1, 15),
        ends_on=date(2027, 1, 15),
        locale=home.locale,
    )
    section(home, "events").add_child(instance=event)
    today = date(2027, 1, 15)
    monkeypatch.setattr(timezone, "localdate", lambda: today)
    coming = reader.get("/th/events/").content.decode()
    today = date(2027, 1, 16)
    clock.tick()
    past = reader.get("/th/events/").content.decode()
    assert coming.index("เวทีพรุ่งนี้") < coming.index('id="past"')
    assert past.index("เวทีพรุ่งนี้") > past.index('id="past"')


def test_what_was_changed_past_us_shows_after_a_minute(home, clock, reader):
    reader.get("/th/search/")
    Page.objects.filter(slug="articles", locale=home.locale).update(title="ชื่อใหม่")
    clock.tick()
    assert "ชื่อใหม่" not in reader.get("/th/search/").content.decode()
    clock.tick(changes.LONGEST)
    assert "ชื่อใหม่" in reader.get("/th/search/").content.decode()


def test_the_stamp_of_a_change_that_is_rolled_back_is_the_old_one(home, clock):
    before = changes.stamp()
    with transaction.atomic():
        add_article(home)
        transaction.set_rollback(True)
    clock.tick()
    assert changes.stamp().value == before.value


def test_a_change_that_commits_after_a_later_one_changes_the_stamp(clock, db):
    early, late = PublicChange(pk=1000), PublicChange(pk=1001)
    late.save(force_insert=True)
    before = changes.stamp()
    early.save(force_insert=True)
    clock.tick()
    assert changes.stamp().value != before.value


def test_old_changes_are_cleared_away(db):
    for _ in range(3 * changes.ROWS_KEPT):
        changes.note()
    assert PublicChange.objects.count() <= 2 * changes.ROWS_KEPT


CHILD = """
import sys, django
django.setup()
from django.conf import settings
from django.db import connection
from django.test import Client
from home import changes
settings.KEEP_PAGES = True
settings.ALLOWED_HOSTS = ["testserver"]
class Clock:
    now = 1
    def time(self): return self.now
changes.time = Clock()
reader = Client(headers={"host": "testserver"})
for line in sys.stdin:
    changes.time.now += int(line)
    answer = reader.get("/th/")
    text = answer.content.decode()
    found = "new" if "โทร 02" in text else "old"
    print(found if answer.status_code == 200 else answer.status_code, changes._last, flush=True)
"""


@pytest.mark.django_db(transaction=True)
def test_another_process_sees_a_change_in_the_next_second():
    """Nothing here depends on how quick the machine is: both wait for each other, and the child's
    clock stands still. So the child says what it saw besides old or new, its stamp first.
    """
    if not Page.objects.exists():  # an earlier test with transactions emptied the tables
        locale, _ = Locale.objects.get_or_create(language_code="th")
        Page.add_root(instance=Page(title="Root", slug="root", locale=locale))
    home = ensure_home()
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{database['NAME']}"
    else:
        url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD],
        cwd=ROOT,
        env=os.environ
        | {
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "PYTHONPATH": f"{ROOT}:{ROOT / 'site'}",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    said = []

    def after(seconds: int) -> str:
        child.stdin.write(f"{seconds}\n")
        child.stdin.flush()
        said.append(child.stdout.readline().strip())
        return said[-1].partition(" ")[0]

    try:
        assert after(0) == "old", said
        change_settings(home)
        assert after(0) == "old", said  # it still knows of this second
        assert after(1) == "new", [*said, *PublicChange.objects.values_list("pk", flat=True)]
    finally:
        child.stdin.close()
        child.wait(120)
        child.stdout.close()


# --- Never kept ---------------------------------------------------------------------------------


def kept() -> dict:
    """Everything in the memory of pages."""
    return {key: vars(page) for key, (page, _size) in pages._made.items()}


@pytest.mark.parametrize(
    "path",
    [
        "/th/report/",
        "/th/report/status/",
        "/th/search/",
        "/th/search/?q=x",
        "/th/nothing/",
        "/th/?x=1",
        "/th/articles/?page=99",
        "/th/articles/?page=1",
        "/th/articles/?topic=nonsense",
        "/th/articles/?topic=drugs&utm=1",
        "/th/articles",
        "/healthz",
        "/robots.txt",
        "/admin/login/",
    ],
)
def test_what_is_no_public_page_at_its_own_address_is_not_kept(home, clock, reader, path):
    answer = reader.get(path)
    assert kept() == {}
    assert "X-Accel-Expires" not in answer
    assert {"no-store", "private"} & set(answer["Cache-Control"].replace(",", " ").split())


@pytest.mark.parametrize(
    "path",
    ["/th/", "/en/", "/th/about/", "/th/articles/", "/th/articles/?topic=drugs", "/th/events/"],
)
def test_a_public_page_at_its_own_address_is_kept(home, clock, reader, path):
    add_article(home)
    clock.tick()
    assert reader.get(path)["X-Accel-Expires"]
    assert len(kept()) == 1


@pytest.mark.parametrize(
    "headers", [{"cookie": "a=b"}, {"cookie": "sessionid=x"}, {"authorization": "Bearer x"}]
)
def test_whoever_brings_anything_of_their_own_gets_a_page_made_for_them(
    home, clock, reader, headers
):
    reader.get("/th/")
    before = kept()
    answer = reader.get("/th/", headers=headers)
    assert "X-Accel-Expires" not in answer
    assert answer["Cache-Control"] == "private, no-cache"
    pages.clear()
    reader.get("/th/", headers=headers)
    assert before != {} == kept()


def test_somebody_signed_in_neither_reads_nor_fills_the_cache(home, clock, client):
    client.force_login(User.objects.create_superuser("admin", password=None))
    answer = client.get("/th/", headers={"host": "testserver"})
    assert answer.status_code == 200
    assert "X-Accel-Expires" not in answer
    assert kept() == {}


@pytest.mark.parametrize("kind", ["login", "password"])
def test_a_page_for_some_is_not_kept_and_the_others_are(home, clock, reader, kind):
    article = add_article(home)
    PageViewRestriction.objects.create(page=article, restriction_type=kind, password="x")
    clock.tick()
    answer = reader.get("/th/articles/one/")
    assert "X-Accel-Expires" not in answer
    assert "no-store" in answer["Cache-Control"]
    assert kept() == {}
    another = Client(headers={"host": "testserver"})  # the form for a password set a cookie
    assert another.get("/th/about/")["X-Accel-Expires"]


def test_nothing_that_a_reporter_types_or_reads_reaches_the_cache(home, clock, reader):
    planted = "PLANTED-7d1f"
    reader.post("/th/report/", {"narrative": planted, "token": planted})
    reader.post("/th/report/status/", {"receipt": planted})
    reader.get("/th/", {"q": planted})
    reader.get(f"/th/{planted}/")
    for header in ("user-agent", "referer", "x-forwarded-for", "accept-language", "if-none-match"):
        reader.get("/th/", headers={header: planted})
        reader.get("/th/about/", headers={header: planted}, REMOTE_ADDR="203.0.113.77")
    assert len(kept()) == 2
    for key, page in kept().items():
        text = repr((key, page))
        assert planted not in text
        assert "203.0.113.77" not in text


# --- Kept apart, and bounded --------------------------------------------------------------------


def test_two_languages_are_kept_apart(home, clock, reader):
    for _ in range(2):
        assert 'lang="th"' in reader.get("/th/").content.decode()[:60]
        assert 'lang="en"' in reader.get("/en/").content.decode()[:60]


def test_hosts_are_kept_apart_and_only_known_ones_at_all(home, clock, settings):
    settings.ALLOWED_HOSTS = ["testserver", "second.example", ".wild.example"]
    for host in ("testserver", "second.example"):
        for _ in range(2):
            text = Client().get("/th/", headers={"host": host}).content.decode()
            assert f'href="http://{host}/th/"' in text
    assert len(kept()) == 2
    spellings = ("TestServer", "testserver.", "SECOND.example", "second.example.:80")
    for host in ("a.wild.example", "testserver:8123", *spellings):
        assert Client().get("/th/", headers={"host": host}).status_code == 200
    assert Client().get("/th/", headers={"host": "evil.example"}).status_code == 400
    assert len(kept()) == 2


def test_no_parameter_fills_the_cache(home, clock, reader):
    for number in range(30):
        for path in ("/th/", "/th/articles/", "/th/events/"):
            reader.get(path, {"page": 5 + number})
            reader.get(path, {"x": number})
    assert kept() == {}


def test_a_head_is_answered_like_a_get(home, clock, reader):
    whole = reader.get("/th/")
    head = reader.head("/th/")
    assert head.content == b""
    assert dict(head.items()) == dict(whole.items())


def test_what_one_reader_adds_to_an_answer_reaches_no_other(home, clock, reader):
    for _ in range(2):  # made, then kept
        answer = reader.get("/th/")
        answer["X-Mine"] = answer.content = "mine"
        answer.set_cookie("mine", "mine")
    again = reader.get("/th/")
    assert b"<!doctype html>" in again.content
    assert "X-Mine" not in again
    assert not again.cookies


def test_only_so_many_pages_are_kept_and_the_last_asked_for_stay(home, clock, reader, monkeypatch):
    monkeypatch.setattr(KeptPages, "most", 2)
    for path in ("/th/", "/en/", "/th/", "/th/about/"):
        reader.get(path)
    assert [key.path for key in kept()] == ["/th/", "/th/about/"]


def test_only_so_many_bytes_are_kept(home, clock, reader, monkeypatch):
    sizes = {path: len(reader.get(path).content) for path in ("/th/", "/en/", "/th/about/")}
    assert len(kept()) == 3
    pages.clear()
    monkeypatch.setattr(KeptPages, "most_bytes", sizes["/en/"] + sizes["/th/about/"])
    for path in sizes:
        reader.get(path)
    assert [key.path for key in kept()] == ["/en/", "/th/about/"]
    monkeypatch.setattr(KeptPages, "most_bytes", 100)
    assert reader.get("/th/articles/").status_code == 200
    assert kept() == {}
    monkeypatch.setattr(KeptPages, "most_bytes", sizes["/th/"])
    reader.get("/th/")
    assert len(kept()) == 1, "what was dropped must be taken off the sum"
