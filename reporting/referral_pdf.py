"""A referral's sheet as a PDF, set with Typst, which needs no program of the system.

Typst gets every word as data, so what somebody typed is never read as its markup. It takes the
fonts of this folder and those that it brings, so that a sheet looks the same everywhere.
"""

import json
from pathlib import Path

import typst

from reporting.referral_pack import Sheet

FOLDER = Path(__file__).parent / "pdf"
FONTS = FOLDER / "fonts"


class SheetNotSet(Exception):
    """The sheet could not be set. It says nothing of why: Typst's own words quote the sheet."""


def pdf(sheet: Sheet) -> bytes:
    """The sheet, A4, without the name of an author or a time of its making in the file.

    Raises SheetNotSet.
    """
    try:
        return typst.compile(
            FOLDER / "referral.typ",
            root=FOLDER,
            font_paths=[FONTS],
            ignore_system_fonts=True,
            sys_inputs={"sheet": json.dumps(_plain(sheet), ensure_ascii=False)},
        )
    except RuntimeError:
        raise SheetNotSet from None


def _plain(sheet: Sheet) -> dict[str, object]:
    return {
        **sheet._asdict(),
        "rows": [list(row) for row in sheet.rows],
        "parts": [list(part) for part in sheet.parts],
    }
