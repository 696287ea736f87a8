"""Articles that nobody wrote, in bulk: what the benchmarks of pages and of search run over.

Half of them are Thai and half English, each pair translations of one another. Their sentences are
drawn from the demo's articles, so that they are words of this site in their usual number. Each
pair holds a word of its own as well, and every tenth a phrase to search for.
"""

import random
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from wagtail.models import Page
from wagtail.search.backends import get_search_backends

from articles.models import ArticleIndexPage, ArticlePage, Picture, Topic
from articles.starter import CONTENT
from home.content import LANGUAGES, read_json

BATCH = 500
PHRASE = {"th": "ดอกจำปาหลวงพระบาง", "en": "champa blossom ferry"}
PHRASE_EVERY = 10
DAYS = 3 * 365


def make_pages(number: int, *, seed: int = 0) -> Iterator[int]:
    """Publishes articles batch by batch, each in a transaction; yields how many so far.

    They are in the search index as published ones are. The same seed draws them alike. Raises
    ArticleIndexPage.DoesNotExist before the reference data was loaded.
    """
    chance = random.Random(seed)  # noqa: S311 - a spread, no secret
    writers = {language: _Writer(language) for language in LANGUAGES}
    made = 0
    while made < number:
        size = min(BATCH, number - made)
        with transaction.atomic():
            pairs = [(uuid.UUID(int=chance.getrandbits(128)), made // 2 + i) for i in range(size)]
            for turn, language in enumerate(LANGUAGES):
                share = (size + 1 - turn) // 2  # Thai has the odd one
                writers[language].publish(pairs[:share], random.Random(f"{seed} {made}"))  # noqa: S311
        made += size
        yield made


class _Writer:
    """Writes articles of one language below its index page."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.index = ArticleIndexPage.objects.get(locale__language_code=language)
        self.type = ContentType.objects.get_for_model(ArticlePage)
        contents = [read_json(path)[language] for path in sorted(CONTENT.glob("*.json"))]
        self.titles = [content["title"] for content in contents]
        self.standfirsts = [content["standfirst"] for content in contents]
        self.paragraphs = [
            block["value"]
            for content in contents
            for block in content["body"]
            if block["type"] == "paragraph"
        ]

    def publish(self, pairs: list[tuple[uuid.UUID, int]], chance: random.Random) -> None:
        if not pairs:
            return
        self.index.refresh_from_db()
        depth, last = self.index.depth + 1, self.index.get_last_child()
        path = last._inc_path() if last else ArticlePage._get_path(self.index.path, depth, 1)
        articles: list[ArticlePage] = []
        for key, number in pairs:
            articles.append(self.article(key, number, path, chance))
            path = articles[-1]._inc_path()
        # Two tables hold an article. Django makes rows of both in bulk only one by one.
        pages = Page.objects.bulk_create(self.page_of(article) for article in articles)
        for article, page in zip(articles, pages, strict=True):
            article.pk = article.page_ptr_id = page.pk
        fields = ArticlePage._meta.local_concrete_fields
        ArticlePage._base_manager._insert(articles, fields=fields, using=self.index._state.db)
        Page.objects.filter(pk=self.index.pk).update(numchild=self.index.numchild + len(pages))
        for backend in get_search_backends():
            backend.get_index_for_model(ArticlePage).add_items(ArticlePage, articles)

    def article(self, key: uuid.UUID, number: int, path: str, chance: random.Random) -> ArticlePage:
        title = f"{chance.choice(self.titles)} {number}"
        words = chance.sample(self.paragraphs, 3)
        if number % PHRASE_EVERY == 0:
            words.append(f"<p>{PHRASE[self.language]}</p>")
        slug = f"made-{key.hex[:16]}"
        return ArticlePage(
            path=path,
            depth=self.index.depth + 1,
            numchild=0,
            title=title,
            draft_title=title,
            slug=slug,
            url_path=f"{self.index.url_path}{slug}/",
            locale_id=self.index.locale_id,
            translation_key=key,
            content_type=self.type,
            live=True,
            first_published_at=timezone.now(),
            last_published_at=timezone.now(),
            standfirst=chance.choice(self.standfirsts),
            date=date(2026, 6, 30) - timedelta(days=chance.randrange(DAYS)),
            topic=chance.choice(Topic.values),
            picture=chance.choice(Picture.values),
            body=[("paragraph", text) for text in words],
        )

    @staticmethod
    def page_of(article: ArticlePage) -> Page:
        values: dict[str, Any] = {
            field.attname: getattr(article, field.attname)
            for field in Page._meta.concrete_fields
            if not field.primary_key
        }
        return Page(**values)
