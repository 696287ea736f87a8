from datetime import date

import pytest
from django.template import Context, Template
from django.urls import resolve
from django.utils import translation
from wagtail.models import Locale, Page, Site

from articles.models import ArticleIndexPage, ArticlePage
from home.frame import PRIVACY_SLUG
from home.models import HomePage, StandardPage
from home.templatetags import site_tags


@pytest.fixture
def homes(db) -> dict[str, HomePage]:
    """The home pages of both languages, translations of each other."""
    root = Page.objects.get(depth=1)
    thai, _ = Locale.objects.get_or_create(language_code="th")
    english, _ = Locale.objects.get_or_create(language_code="en")
    home = root.add_child(instance=HomePage(title="หน้าแรก", slug="th-home", lead="…", locale=thai))
    Site.objects.update_or_create(
        is_default_site=True, defaults={"hostname": "testserver", "root_page": home}
    )
    translated = HomePage(
        title="Home", slug="en-home", lead="…", locale=english, translation_key=home.translation_key
    )
    return {"th": home, "en": root.add_child(instance=translated)}


def add(homes, language, slug, **fields) -> StandardPage:
    home = homes[language]
    home.refresh_from_db()
    fields = {"title": slug, "slug": slug, "locale": home.locale, "show_in_menus": True} | fields
    return home.add_child(instance=StandardPage(**fields))


def context(rf, path="/th/", page=None) -> Context:
    request = rf.get(path)
    request.resolver_match = resolve(request.path)
    return Context({"request": request, "page": page})


def links(rf, path="/th/", page=None, language="th") -> dict[str, site_tags.LanguageLink]:
    with translation.override(language):
        return {link.code: link for link in site_tags.languages(context(rf, path, page))}


def test_the_switch_leads_to_the_same_page_in_the_other_language(rf, homes):
    page = add(homes, "th", "ruam-mue")
    add(homes, "en", "cooperation", translation_key=page.translation_key)
    found = links(rf, page.url, page)
    assert found["en"].url == "/en/cooperation/"
    assert found["en"].is_translated
    assert found["en"].note == ""
    assert found["th"].is_current


def test_without_a_translation_the_switch_leads_home_and_says_so_in_that_language(rf, homes):
    page = add(homes, "th", "ruam-mue")
    found = links(rf, page.url, page)
    assert found["en"].url == "/en/"
    assert not found["en"].is_translated
    assert found["en"].note == "this page is not translated; go to the home page"


def test_a_draft_translation_is_not_offered(rf, homes):
    page = add(homes, "th", "ruam-mue")
    add(homes, "en", "cooperation", translation_key=page.translation_key, live=False)
    assert not links(rf, page.url, page)["en"].is_translated


def test_an_alias_is_no_translation(rf, homes):
    page = add(homes, "th", "ruam-mue")
    add(homes, "en", "alias", translation_key=page.translation_key, alias_of=page)
    assert not links(rf, page.url, page)["en"].is_translated


def test_a_view_without_a_page_is_the_same_view_in_the_other_language(rf, homes):
    found = links(rf, "/th/search/?q=%E0%B9%82%E0%B8%82%E0%B8%87")
    assert found["en"].url == "/en/search/?q=%E0%B9%82%E0%B8%82%E0%B8%87"
    assert found["en"].is_translated


def test_an_address_that_no_page_has_switches_to_the_home_page(rf, homes):
    english = links(rf, "/th/no-such-page/")["en"]
    assert (english.url, english.note) == ("/en/", "home page")


def test_the_menu_holds_live_pages_of_the_language_that_are_marked_for_it(rf, homes):
    about = add(homes, "th", "about")
    add(homes, "th", "hidden", show_in_menus=False)
    add(homes, "th", "draft", live=False)
    add(homes, "en", "about-en", translation_key=about.translation_key)
    with translation.override("th"):
        frame = site_tags.site_frame(context(rf, page=about))
    assert [(link.title, link.url, link.current) for link in frame.menu] == [
        ("about", "/th/about/", "true")
    ]
    with translation.override("en"):
        frame = site_tags.site_frame(context(rf, path="/en/"))
    assert [link.url for link in frame.menu] == ["/en/about-en/"]


def test_the_privacy_page_is_found_by_its_translation_whatever_its_slug(rf, homes):
    english = add(homes, "en", PRIVACY_SLUG)
    thai = add(homes, "th", "pok-pong", translation_key=english.translation_key)
    with translation.override("th"):
        assert site_tags.site_frame(context(rf)).privacy.url == thai.url


def test_the_frame_costs_the_same_for_two_menu_entries_and_for_twelve(
    rf, homes, django_assert_num_queries, django_assert_max_num_queries
):
    for number in range(2):
        add(homes, "th", f"page-{number}")
    with translation.override("th"):
        site_tags.site_frame(context(rf))  # fills Wagtail's cache of site roots
        with django_assert_max_num_queries(6) as few:
            site_tags.site_frame(context(rf))
    for number in range(2, 12):
        add(homes, "th", f"page-{number}")
    with translation.override("th"), django_assert_num_queries(len(few)):
        site_tags.site_frame(context(rf))


def test_a_page_names_its_translations_and_the_default_for_machines(client, homes):
    body = client.get("/en/").content.decode()
    assert '<html lang="en">' in body
    assert '<link rel="alternate" hreflang="th" href="http://testserver/th/">' in body
    assert '<link rel="alternate" hreflang="en" href="http://testserver/en/">' in body
    assert '<link rel="alternate" hreflang="x-default" href="http://testserver/th/">' in body


def test_a_page_holds_nothing_that_the_content_security_policy_refuses(client, homes):
    for address in ("/th/", "/en/", "/th/no-such-page/"):
        body = client.get(address).content.decode()
        assert " style=" not in body
        assert "<style" not in body
        assert "<script>" not in body
        assert 'src="http' not in body


def test_a_page_that_does_not_exist_offers_a_way_on(client, homes):
    response = client.get("/th/no-such-page/")
    assert response.status_code == 404
    assert '<a class="button" href="/th/">' in response.content.decode()


def test_the_home_page_costs_the_same_for_two_articles_and_for_six(
    client, homes, django_assert_max_num_queries, django_assert_num_queries
):
    homes["th"].refresh_from_db()
    index = homes["th"].add_child(
        instance=ArticleIndexPage(title="บทความ", slug="articles", locale=homes["th"].locale)
    )

    def write(number: int) -> None:
        index.refresh_from_db()
        article = ArticlePage(
            title=f"เรื่องที่ {number}", slug=f"a{number}", standfirst="…", date=date(2024, 1, number),
            topic="drugs", locale=index.locale,
        )  # fmt: skip
        index.add_child(instance=article)

    write(1)
    write(2)
    client.get("/th/")
    with django_assert_max_num_queries(40) as few:
        client.get("/th/")
    for number in range(3, 7):
        write(number)
    with django_assert_num_queries(len(few)):
        assert client.get("/th/").status_code == 200


def test_the_filters_render_dates_in_the_calendar_of_the_reader():
    template = Template("{% load site_tags %}{{ when|day }}, {% period when when 'month' %}")
    with translation.override("en"):
        html = template.render(Context({"when": date(2024, 6, 5)}))
    assert html == (
        '<time datetime="2024-06-05">5 June 2024</time>, '
        '<time datetime="2024-06">June 2024</time> (the day is not known)'
    )
