"""PDFs set with Typst, which needs no program of the system, from the templates of pdf/.

Typst gets every word as data, so what somebody typed is never read as its markup. It takes the
fonts of that folder and those that it brings, so that a sheet looks the same everywhere.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import typst

FOLDER = Path(__file__).parent / "pdf"
FONTS = FOLDER / "fonts"


class SheetNotSet(Exception):
    """The sheet could not be set. It says nothing of why: Typst's own words quote the sheet."""


def pdf(template: str, sheet: Mapping[str, object]) -> bytes:
    """The sheet, A4, without the name of an author or a time of its making in the file.

    Raises SheetNotSet.
    """
    try:
        return typst.compile(
            FOLDER / template,
            root=FOLDER,
            font_paths=[FONTS],
            ignore_system_fonts=True,
            sys_inputs={"sheet": json.dumps(sheet, ensure_ascii=False)},
        )
    except RuntimeError:
        raise SheetNotSet from None
