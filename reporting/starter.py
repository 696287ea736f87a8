"""The report form of a new installation."""

from pathlib import Path

from home.content import LANGUAGES, publish_pair, read_json
from home.models import HomePage
from reporting.models import ReportFormPage

CONTENT = Path(__file__).parent / "demo"


def ensure_form(home: HomePage) -> ReportFormPage:
    words = read_json(CONTENT / "form_page.json")
    return publish_pair(
        home,
        ReportFormPage,
        slug="report",
        words={
            language: {
                name: words[language][name]
                for name in ("title", "intro", "danger_text", "safety_text", "thank_you_text")
            }
            for language in LANGUAGES
        },
    )
