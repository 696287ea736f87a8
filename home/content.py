"""Making pages in both languages from content files."""

import json
from pathlib import Path
from typing import Any

from wagtail.models import Locale, Page

LANGUAGES = ("th", "en")


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
    """Publishes a Thai page below a Thai parent, and its English translation; returns the Thai one.

    `words` holds the fields of each language, `shared` those that are the same in both, `related`
    the many-to-many fields. A page that is there already under this slug is left alone.
    """
    if existing := parent.get_children().filter(slug=slug).first():
        return existing.specific
    page = model(slug=slug, locale=parent.locale, **words["th"], **(shared or {}))
    parent.add_child(instance=page)
    _publish(page, related)
    english = page.copy_for_translation(Locale.objects.get(language_code="en"))
    if not parent.is_root():  # the two home pages are siblings, so their slugs differ
        english.slug = slug
    for name, value in words["en"].items():
        setattr(english, name, value)
    english.draft_title = english.title
    _publish(english, related)
    return page


def _publish(page: Page, related: dict[str, list] | None) -> None:
    for name, values in (related or {}).items():
        setattr(page, name, values)
    page.save()
    page.save_revision().publish()
