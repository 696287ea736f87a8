"""Which texts reporters can meet: those that Lao and Khmer must have, and no others do.

`scripts/check_translations.py` demands them; `make messages` leaves the others out of these two
catalogues (`scripts/reporters_texts.py lo km`).
"""

import sys
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ["lo", "km"]
DRAFT = "machine draft: to be read by a native speaker"

# A new module or template counts as the reporters' until it stands below.
REPORTERS = [
    "home/dates.py",
    "home/templatetags/*.py",
    "home/templates/home/*.html",
    "home/templates/home/blocks/*.html",
    "reporting/*.py",
    "reporting/models/when.py",
    "reporting/views/public*.py",
    "reporting/templates/reporting/*.html",
    "site/templates/*.html",
    "site/templates/partials/*.html",
]
STAFFS = [
    "reporting/absence_forms.py",
    "reporting/apps.py",
    "reporting/centre_viewsets.py",
    "reporting/effects.py",
    "reporting/export*.py",
    "reporting/lifecycle.py",
    "reporting/intake_forms.py",
    "reporting/needs.py",
    "reporting/notices.py",
    "reporting/originals.py",
    "reporting/quarters.py",
    "reporting/referral_*.py",
    "reporting/referring.py",
    "reporting/reviewing.py",
    "reporting/sealing.py",
    "reporting/staff_*.py",
    "reporting/step_forms.py",
    "reporting/unusual.py",
    "reporting/viewsets.py",
    "reporting/wagtail_hooks.py",
    # Parts of pages that exist in Thai and English only
    "site/templates/partials/_pagination.html",
    "site/templates/partials/_places.html",
    "site/templates/partials/_seen_something.html",
]


def is_for_reporters(places: Iterable[str]) -> bool:
    """Whether a text that stands at these places can be shown on the report path."""
    return any(_is_in(place, REPORTERS) and not _is_in(place, STAFFS) for place in places)


def _is_in(place: str, patterns: list[str]) -> bool:
    return any(PurePosixPath(place).match(pattern) for pattern in patterns)


def prune(language: str) -> None:
    """Leaves the reporters' texts in a catalogue. What is new waits, marked, for its words."""
    from polib import pofile

    file = ROOT / "locale" / language / "LC_MESSAGES" / "django.po"
    catalogue = pofile(file, wrapwidth=76)
    for entry in list(catalogue):
        if entry.obsolete or not is_for_reporters(place for place, _ in entry.occurrences):
            catalogue.remove(entry)
            continue
        if entry.fuzzy:  # a guess of gettext's, from a text that looks alike
            entry.flags.remove("fuzzy")
            entry.msgstr, entry.msgstr_plural = "", {0: ""} if entry.msgid_plural else {}
            entry.previous_msgid = entry.previous_msgid_plural = entry.previous_msgctxt = None
        if not (entry.msgstr or any(entry.msgstr_plural.values())):
            entry.tcomment = DRAFT
    catalogue.save(file)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        if name in LANGUAGES:
            prune(name)
