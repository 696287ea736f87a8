"""Making pages in several languages from content files."""

import json
from pathlib import Path
from typing import Any

from wagtail.models import Locale, Page

from home.languages import WHOLE

LANGUAGES = WHOLE
ALL_LANGUAGES = (*LANGUAGES, "lo", "km")


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def body_from(blocks: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    """The blocks of a content file as StreamField values."""
    return [(block["type"], block["value"]) for block in blocks]


def publish_pair(
    parent: Page,
    model: type[Page],
    *,
    slug: str,
    words: dict[str, dict[str, Any]],
    shared: dict[str, Any] | None = None,
    related: dict[str, list] | None = None,
) -> Page:
    """Publishes a Thai page below a Thai parent, and its translations; returns the Thai one.

    `words` holds the fields of each language, `shared` those that are the same in both, `related`
    the many-to-many fields. A page that is there already under this slug is left alone.
    """
    if existing := parent.get_children().filter(slug=slug).first():
        return existing.specific
    page = model(slug=slug, locale=parent.locale, **words["th"], **(shared or {}))
    parent.add_child(instance=page)
    _publish(page, related)
    publish_translations(page, words, related=related)
    return page


def publish_translations(
    page: Page, words: dict[str, dict[str, Any]], *, related: dict[str, list] | None = None
) -> None:
    """Publishes a page in the languages of `words` that it is missing in.

    A language that anybody has made the page in, published or not, is left alone; so is one that
    the page above is missing in, and so is a page that is not public.
    """
    above = page.get_parent()
    is_home = above.is_root()
    for language, values in words.items() if page.live else ():
        locale = Locale.objects.get(language_code=language)
        if locale == page.locale or page.has_translation(locale):
            continue
        if not is_home and not above.has_translation(locale):
            continue
        translation = page.copy_for_translation(locale)
        if not is_home:  # home pages are siblings, so their slugs differ
            translation.slug = page.slug
        for name, value in values.items():
            setattr(translation, name, value)
        translation.draft_title = translation.title
        _publish(translation, related)


def _publish(page: Page, related: dict[str, list] | None) -> None:
    for name, values in (related or {}).items():
        setattr(page, name, values)
    page.save()
    page.save_revision().publish()
