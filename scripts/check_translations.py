"""Finds texts of the code that a reader of Thai would see in English, and wrong placeholders.

Extracts the texts anew, exactly as `make messages` does, in a copy of the sources. English is the
source and needs no catalogue; Thai must be complete; Lao and Khmer must have every text that a
reporter can meet (scripts/reporters_texts.py), in their own script.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from reporters_texts import LANGUAGES, is_for_reporters

ROOT = Path(__file__).resolve().parent.parent
SOURCES = [
    "work",
    "search",
    "home",
    "articles",
    "events",
    "reporting",
    "accounts",
    "operations",
    "site",
]
COMPLETE = ["th"]
UNREAD = shutil.ignore_patterns("__pycache__", "static")
SCRIPTS = {"th": r"[\u0e01-\u0e5b]", "lo": r"[\u0e81-\u0edf]", "km": r"[\u1780-\u17ff]"}
# Latin words that stay what they are in every language.
NAMES = re.compile(r"\b(?:NTS-Mekong Watch|DOPA|MKCF|Esc)\b")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|\{\w*\}|(?<!%)%[sd]")


def main() -> int:
    wanted = extract()
    found = sorted(ROOT.glob("locale/*/LC_MESSAGES/django.po"))
    catalogues = {file.parent.parent.name: read(file) for file in found}
    expected = [*COMPLETE, *LANGUAGES]
    problems = [f"locale/{name}: no django.po" for name in expected if name not in catalogues]
    for language, catalogue in catalogues.items():
        problems += [f"{language}, {problem}" for problem in misfits(catalogue)]
        if language in COMPLETE:
            problems += [f"{language}, {problem}" for problem in gaps(texts(wanted), catalogue)]
        elif language in LANGUAGES:
            needed = (message for message in texts(wanted) if is_for_reporters(files(message)))
            problems += [f"{language}, {problem}" for problem in gaps(needed, catalogue)]
            problems += [f"{language}, {problem}" for problem in strangers(language, catalogue)]
    print("\n".join(problems))
    return 1 if problems else 0


def extract() -> Catalog:
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name)
        for source in SOURCES:
            shutil.copytree(ROOT / source, copy / source, ignore=UNREAD)
        command = [ROOT / "scripts" / "extract.sh", "th"]
        said = subprocess.run(command, cwd=copy, capture_output=True, text=True)
        if said.returncode != 0:
            sys.exit(f"The texts could not be collected:\n{said.stdout}{said.stderr}")
        file = copy / "locale" / "th" / "LC_MESSAGES" / "django.po"
        return read(file) if file.exists() else Catalog()


def read(file: Path) -> Catalog:
    with file.open("rb") as stream:
        return read_po(stream, ignore_obsolete=True)


def gaps(wanted: Iterable[Message], found: Catalog) -> Iterator[str]:
    for message in wanted:
        key = message.id if isinstance(message.id, str) else message.id[0]
        translated = found.get(key, context=message.context)
        if translated is None:
            yield f"missing: {key!r} ({places(message)})"
        elif not all(forms(translated.string)):
            yield f"empty: {key!r} ({places(message)})"
        elif translated.fuzzy:
            yield f"fuzzy: {key!r} ({places(message)})"


def misfits(catalogue: Catalog) -> Iterator[str]:
    """Translations whose placeholders are not those of the text."""
    for message in texts(catalogue):
        allowed = [set(PLACEHOLDER.findall(form)) for form in forms(message.id)]
        for translation in filter(None, forms(message.string)):
            if not message.fuzzy and set(PLACEHOLDER.findall(translation)) not in allowed:
                yield f"placeholders differ: {forms(message.id)[0]!r} -> {translation!r}"


def strangers(language: str, catalogue: Catalog) -> Iterator[str]:
    """Translations with letters of another language, but for names."""
    others = [script for code, script in SCRIPTS.items() if code != language]
    foreign = re.compile("|".join([*others, "[A-Za-z]"]))
    for message in texts(catalogue):
        for translation in forms(message.string):
            if foreign.search(NAMES.sub("", PLACEHOLDER.sub("", translation))):
                yield f"another language: {translation!r}"


def texts(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def places(message: Message) -> str:
    return ", ".join(sorted(files(message))[:2]) or "somewhere"


def files(message: Message) -> set[str]:
    return {place for place, _ in message.locations}


if __name__ == "__main__":
    sys.exit(main())
