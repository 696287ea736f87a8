"""Parts of pages that stand on many, made once in each process and forgotten with every change."""

import re
from datetime import date
from pathlib import Path

import pytest
from django.core.cache import caches
from django.db import connection
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from wagtail.models import PageViewRestriction, Site

from articles.models import ArticlePage
from home import changes
from home.frame import frame_of

ROOT = Path(__file__).resolve().parents[2]
NAME = re.compile(r'{% kept "([^"]+)"')

pytestmark = pytest.mark.django_db


class Counted:
    """Shows how often a template asked for it."""

    def __init__(self) -> None:
        self.times = 0

    def __str__(self) -> str:
        self.times += 1
        return f"({self.times})"


@pytest.fixture
def show(rf):
    """Renders `{% kept %}` around something that counts; `values` stand in the tag."""
    counted = Counted()
    template = Template('{% load site_tags %}{% kept "part" value %}{{ counted }}{% endkept %}')

    def render(value: object = "", host: str = "testserver") -> str:
        request = rf.get("/", headers={"host": host})
        return template.render(Context({"request": request, "counted": counted, "value": value}))

    return render


@pytest.fixture
def article(home):
    page = ArticlePage(
        title="ชาวบ้านช่วยกันเฝ้าริมโขง",
        slug="one",
        standfirst="ของเดิม",
        date=date(2024, 6, 1),
        topic="drugs",
        locale=home.locale,
        body=[("paragraph", "<p>-</p>")],
    )
    home.get_children().get(slug="articles").specific.add_child(instance=page)
    return page


def test_no_two_templates_give_a_part_the_same_name():
    """What stands in one of them would be shown in the other."""
    files = list(ROOT.glob("*/templates/**/*.html"))
    names = [name for file in files for name in NAME.findall(file.read_text())]
    assert len(names) >= 7
    assert len(names) == len(set(names)), names


def test_a_part_is_made_once_and_again_after_a_change(home, clock, show):
    assert [show(), show()] == ["(1)", "(1)"]
    changes.note()
    clock.tick()
    assert [show(), show()] == ["(2)", "(2)"]


def test_a_part_is_made_again_after_a_minute(home, clock, show):
    show()
    clock.tick(changes.LONGEST - 1)
    assert show() == "(1)"
    clock.tick()
    assert show() == "(2)"


def test_a_part_differs_by_what_the_tag_names(home, clock, show):
    assert [show("drugs"), show("scams"), show("drugs")] == ["(1)", "(2)", "(1)"]


def test_a_part_differs_by_language_site_and_day(home, clock, show, monkeypatch, settings):
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]
    Site.objects.create(hostname="other.example", root_page=home)
    clock.tick()
    assert show() == "(1)"
    with translation.override("en"):
        assert show() == "(2)"
    assert show(host="other.example") == "(3)"
    monkeypatch.setattr(timezone, "localdate", lambda: date(2999, 1, 1))
    assert show() == "(4)"


def test_nothing_is_kept_where_no_page_is(home, show, settings):
    settings.KEEP_PAGES = False
    assert [show(), show()] == ["(1)", "(2)"]


def test_only_so_many_parts_are_kept_and_the_last_used_stay(clock, db, monkeypatch):
    monkeypatch.setattr(changes.KeptParts, "most", 2)
    kept, made = changes.KeptParts(), []
    for key in "abacb":
        kept.get(key, lambda key=key: made.append(key))
    assert made == ["a", "b", "c", "b"]


def test_what_was_made_while_something_changed_is_not_taken_for_new(clock, db):
    kept = changes.KeptParts()

    def slowly() -> str:
        changes.note()
        clock.tick()
        kept.get("another", str)  # a quicker request has seen the change
        return "old"

    assert kept.get("part", slowly) == "old"
    assert kept.get("part", lambda: "new") == "new"


def test_a_page_made_for_one_reader_finds_its_lists_ready(home, clock, article, client):
    client.cookies["anything"] = "at all"  # whole pages are kept for nobody with a cookie
    for path in ("/th/", "/th/articles/", "/th/events/"):
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        assert not asked.captured_queries, path


def test_a_preview_leaves_nothing_of_a_draft_behind(home, clock, article, reader):
    clock.tick()
    draft = ArticlePage.objects.get(pk=article.pk)
    draft.title, draft.standfirst, draft.topic = "ยังไม่เผยแพร่", "ฉบับร่าง", "scams"
    preview = draft.make_preview_request()
    assert "ยังไม่เผยแพร่" in preview.rendered_content
    for path in ("/th/", "/th/articles/", "/th/articles/one/"):
        caches["pages"].clear()
        words = reader.get(path).content.decode()
        assert "ของเดิม" in words, path
        assert "ยังไม่เผยแพร่" not in words, path
        assert "ฉบับร่าง" not in words, path


def test_what_is_served_is_nobody_elses_page(home, clock, rf, reader):
    """The frame keeps home pages and sections whole: a request gets a copy to write on."""
    reader.get("/th/")
    held = frame_of(rf.get("/th/")).find("")
    assert held.specific is held.specific
    assert not hasattr(held.specific, "known_translations") or not held.specific.known_translations


@pytest.mark.parametrize("path", ["/th/", "/th/articles/", "/th/articles/two/"])
def test_lists_show_no_page_that_is_kept_from_some(home, clock, article, reader, path):
    index = home.get_children().get(slug="articles").specific
    for slug in ("two", "three"):
        other = ArticlePage(
            title=slug, slug=slug, standfirst="-", date=date(2024, 6, 1), topic="drugs", body=[]
        )
        index.add_child(instance=other)
    clock.tick()
    assert "ของเดิม" in reader.get(path).content.decode()
    PageViewRestriction.objects.create(page=article, restriction_type="login")
    clock.tick()
    words = reader.get(path).content.decode()
    assert "ของเดิม" not in words
    assert "three" in words
