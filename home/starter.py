"""The pages that every installation starts with: home and the pages about the project."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from wagtail.models import Locale, Page, Site

from home.content import (
    ALL_LANGUAGES,
    LANGUAGES,
    body_from,
    publish_pair,
    publish_translations,
    read_json,
)
from home.emergency import with_missing_words
from home.models import HomePage, SiteSettings, StandardPage

CONTENT = Path(__file__).parent / "demo" / "pages.json"


def ensure_home() -> HomePage:
    """The Thai home page, made with its translations when there is none.

    A site that is older than a language gets the pages of that language besides; whatever else
    its editors have made of it stays.
    """
    thai, _ = Locale.objects.get_or_create(language_code="th")
    for code in ALL_LANGUAGES:
        Locale.objects.get_or_create(language_code=code)
    content = read_json(CONTENT)
    home = HomePage.objects.filter(locale=thai).first()
    if home is None:
        home = _make_site(thai, content)
    else:
        _set_address(home.get_site())
        _add_languages(home, content)
    return home


def _make_site(thai: Locale, content: dict[str, Any]) -> HomePage:
    root = Page.get_first_root_node()
    if root.locale_id != thai.pk:
        root.locale = thai
        root.save()
    # Wagtail's migrations leave a "Welcome" page behind.
    for page in root.get_children().filter(depth=2):
        page.delete()
    root.refresh_from_db()
    home = publish_pair(root, HomePage, slug="home", words=_home_words(content))
    Site.objects.all().delete()
    _set_address(Site(site_name="NTS-Mekong Watch", root_page=home, is_default_site=True))
    for page in content["pages"]:
        publish_pair(home, StandardPage, slug=page["slug"], words=_page_words(page))
    return home


def _add_languages(home: HomePage, content: dict[str, Any]) -> None:
    """What an older site is missing: safety pages, and the words of languages that are new."""
    publish_translations(home, _home_words(content))
    for page in content["pages"]:
        words = _page_words(page)
        if not words.keys() <= set(LANGUAGES):
            there = _page_of(home, page["slug"])
            publish_translations(
                there or publish_pair(home, StandardPage, slug=page["slug"], words=words), words
            )
    for saved in SiteSettings.objects.all():
        lines = with_missing_words(saved.emergency_numbers)
        if lines != saved.emergency_numbers:
            saved.emergency_numbers = lines
            saved.save(update_fields=["emergency_numbers"])


def _page_of(home: HomePage, slug: str) -> StandardPage | None:
    """The Thai page that has this slug in any language: editors may have changed one."""
    keys = StandardPage.objects.filter(slug=slug).values("translation_key")
    return StandardPage.objects.filter(translation_key__in=keys, locale=home.locale).first()


def _home_words(content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        language: {
            "title": words["title"],
            "lead": words["lead"],
            "report_intro": words["report_intro"],
            "watch_for": [("theme", theme) for theme in words["watch_for"]],
            "protection_steps": [("step", step) for step in words["protection_steps"]],
        }
        for language, words in content["home"].items()
    }


def _page_words(page: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The safety pages speak every language, the others Thai and English."""
    return {
        language: {
            "title": page[language]["title"],
            "intro": page[language]["intro"],
            "body": body_from(page[language]["body"]),
            "show_in_menus": language in page.get("menu", ALL_LANGUAGES),
        }
        for language in ALL_LANGUAGES
        if language in page
    }


def _set_address(site: Site) -> None:
    """The site's own address is BASE_URL's; without BASE_URL a site keeps the one it has."""
    if site.pk and not settings.BASE_URL:
        return
    address = urlsplit(settings.WAGTAILADMIN_BASE_URL)
    hostname = address.hostname or "localhost"
    port = address.port or (443 if address.scheme == "https" else 80)
    if (site.hostname, site.port) != (hostname, port):
        site.hostname, site.port = hostname, port
        site.save()
