"""A referral's sheet as a PDF."""

from reporting import typesetting
from reporting.referral_pack import Sheet


def pdf(sheet: Sheet) -> bytes:
    """The sheet as a file. Raises typesetting.SheetNotSet."""
    return typesetting.pdf("referral.typ", _plain(sheet))


def _plain(sheet: Sheet) -> dict[str, object]:
    return {
        **sheet._asdict(),
        "rows": [list(row) for row in sheet.rows],
        "parts": [list(part) for part in sheet.parts],
    }
