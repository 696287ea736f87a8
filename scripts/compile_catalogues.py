"""Compiles locale/*/LC_MESSAGES/*.po to the .mo files that gettext reads.

Needs Babel and no system tools. Skips what is up to date. Fuzzy texts are left out, so that
readers see English rather than a guess; `make check` says which they are.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    sources = sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po"))
    stale = [source for source in sources if is_stale(source, source.with_suffix(".mo"))]
    for source in stale:
        compile_catalogue(source, source.with_suffix(".mo"))
    if stale:
        print("Compiled", ", ".join(str(source.relative_to(ROOT)) for source in stale), flush=True)


def is_stale(source: Path, target: Path) -> bool:
    return not target.exists() or target.stat().st_mtime <= source.stat().st_mtime


def compile_catalogue(source: Path, target: Path) -> None:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import PoFileError, read_po

    try:
        with source.open("rb") as file:
            catalogue = read_po(file, abort_invalid=True)
    except PoFileError as error:
        sys.exit(f"{source.relative_to(ROOT)} cannot be read: {error}")
    for message in list(catalogue):
        # Babel would write the English singular for an empty plural, whatever the number.
        if message.pluralizable and not all(message.string):
            catalogue.delete(message.id, message.context)
    half = target.with_name(f"{target.name}.{os.getpid()}")
    with half.open("wb") as file:
        write_mo(file, catalogue)
    half.replace(target)


if __name__ == "__main__":
    main()
