"""The report form of a new installation."""

from pathlib import Path

from home.content import publish_pair, publish_translations, read_json
from home.models import HomePage
from reporting.models import ReportFormPage

CONTENT = Path(__file__).parent / "demo"
FIELDS = ("title", "intro", "danger_text", "safety_text", "thank_you_text")


def ensure_form(home: HomePage) -> ReportFormPage:
    """The form in every language; an older one gets the languages that are new."""
    words = {
        language: {name: page[name] for name in FIELDS}
        for language, page in read_json(CONTENT / "form_page.json").items()
    }
    form = publish_pair(home, ReportFormPage, slug="report", words=words)
    publish_translations(form, words)
    return form
