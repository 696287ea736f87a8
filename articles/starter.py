"""The article index of a new installation, and the articles of the demo."""

from datetime import date
from pathlib import Path

from articles.models import ArticleIndexPage, ArticlePage
from home.content import LANGUAGES, body_from, publish_pair, read_json
from home.models import District, HomePage

CONTENT = Path(__file__).parent / "demo"


def ensure_index(home: HomePage) -> ArticleIndexPage:
    return publish_pair(
        home,
        ArticleIndexPage,
        slug="articles",
        words={
            "th": {
                "title": "บทความ",
                "intro": "เรื่องที่ควรรู้และข่าวจากพื้นที่ชายแดน",
                "show_in_menus": True,
            },
            "en": {
                "title": "Articles",
                "intro": "What to know, and news from the border.",
                "show_in_menus": True,
            },
        },
    )


def load_demo(index: ArticleIndexPage) -> None:
    """The articles of the demo, in both languages."""
    districts = District.objects.in_bulk(field_name="code")
    for path in sorted(CONTENT.glob("*.json")):
        content = read_json(path)
        publish_pair(
            index,
            ArticlePage,
            slug=content["slug"],
            words={
                language: {
                    "title": content[language]["title"],
                    "standfirst": content[language]["standfirst"],
                    "search_description": content[language]["standfirst"],
                    "body": body_from(content[language]["body"]),
                }
                for language in LANGUAGES
            },
            shared={
                "date": date.fromisoformat(content["date"]),
                "date_is_uncertain": content["date_is_uncertain"],
                "topic": content["topic"],
                "picture": content["picture"],
            },
            related={"districts": [districts[code] for code in content["districts"]]},
        )
