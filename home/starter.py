"""The pages that every installation starts with: home and three pages about the project."""

from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from wagtail.models import Locale, Page, Site

from home.content import LANGUAGES, body_from, publish_pair, read_json
from home.models import HomePage, StandardPage

CONTENT = Path(__file__).parent / "demo" / "pages.json"


def ensure_home() -> HomePage:
    """The Thai home page, made with its English translation when there is none."""
    thai, _ = Locale.objects.get_or_create(language_code="th")
    Locale.objects.get_or_create(language_code="en")
    if home := HomePage.objects.filter(locale=thai).first():
        _set_address(home.get_site())
        return home
    content = read_json(CONTENT)
    root = Page.get_first_root_node()
    if root.locale_id != thai.pk:
        root.locale = thai
        root.save()
    # Wagtail's migrations leave a "Welcome" page behind.
    for page in root.get_children().filter(depth=2):
        page.delete()
    root.refresh_from_db()
    words = {
        language: {
            "title": content["home"][language]["title"],
            "lead": content["home"][language]["lead"],
            "report_intro": content["home"][language]["report_intro"],
            "watch_for": [("theme", theme) for theme in content["home"][language]["watch_for"]],
            "protection_steps": [
                ("step", step) for step in content["home"][language]["protection_steps"]
            ],
        }
        for language in LANGUAGES
    }
    home = publish_pair(root, HomePage, slug="home", words=words)
    Site.objects.all().delete()
    _set_address(Site(site_name="NTS-Mekong Watch", root_page=home, is_default_site=True))
    for page in content["pages"]:
        publish_pair(
            home,
            StandardPage,
            slug=page["slug"],
            words={
                language: {
                    "title": page[language]["title"],
                    "intro": page[language]["intro"],
                    "body": body_from(page[language]["body"]),
                    "show_in_menus": True,
                }
                for language in LANGUAGES
            },
        )
    return home


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
