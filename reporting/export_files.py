"""Lists as files: a spreadsheet, CSV, or a PDF. Nothing in them is read as a formula.

The file lies in memory and nowhere else until it is sealed; only rows come one after the other.
"""

import csv
import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from io import BytesIO, StringIO
from typing import Any, NamedTuple

from openpyxl import Workbook
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet._writer import WorksheetWriter

from reporting import typesetting
from reporting.models import Export

PIECE = 256 * 1024
Row = Sequence[str | int]
# What spreadsheets read as the beginning of a formula; other widths of it come down to these.
BEGINS_A_FORMULA = "=+-@"
# Spreadsheets of some countries cut CSV at other signs than the comma, and inside the quotes.
CUT = re.compile(r"([,;|\"'])(?=\s*\S)")


class Sheet(NamedTuple):
    """What a list says, whatever it is written as. `mark` names who took it along, and when."""

    title: str
    mark: str
    made_at: datetime
    headings: list[str]
    widths: list[int]
    rows: Iterable[Row]


def safe(value: str | int) -> str | int:
    """A cell that no spreadsheet takes for a formula: an apostrophe stands before what begins one.

    Also when spaces or unseen signs come first, in full width, and behind a sign at which CSV may
    be cut. What controls a terminal or a file's format is a space.
    """
    if isinstance(value, int):
        return value
    plain = "".join(" " if unicodedata.category(one) in _CONTROL else one for one in value)
    parts = CUT.split(plain)
    return "".join(f"'{part}" if _begins_a_formula(part) else part for part in parts)


_CONTROL = {"Cc", "Cs", "Cn", "Zl", "Zp"}
_UNSEEN = {"Zs", "Cf"}


def _begins_a_formula(text: str) -> bool:
    for one in text:
        if unicodedata.category(one) not in _UNSEEN:
            return unicodedata.normalize("NFKC", one)[0] in BEGINS_A_FORMULA or one == "−"
    return False


def pieces(sheet: Sheet, form: str) -> Iterator[bytes]:
    """The file, in pieces. Raises typesetting.SheetNotSet for a PDF."""
    safe_sheet = sheet._replace(
        title=str(safe(sheet.title)),
        mark=str(safe(sheet.mark)),
        headings=[str(safe(heading)) for heading in sheet.headings],
        rows=([safe(cell) for cell in row] for row in sheet.rows),
    )
    return _WRITTEN[form](safe_sheet)


def _csv(sheet: Sheet) -> Iterator[bytes]:
    """With a byte order mark: without one Excel takes Thai for something else."""
    buffer = StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
    buffer.write("\ufeff")
    writer.writerow([sheet.mark])
    writer.writerow(sheet.headings)
    for row in sheet.rows:
        writer.writerow(row)
        if buffer.tell() > PIECE:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _xlsx(sheet: Sheet) -> Iterator[bytes]:
    book = Workbook(write_only=True)
    book.properties.title = sheet.title
    book.properties.creator = book.properties.description = sheet.mark
    book.properties.created = book.properties.modified = sheet.made_at.replace(tzinfo=None)
    page = _InMemorySheet(book, "1")
    book._add_sheet(page)
    page.freeze_panes = "A3"
    for number, width in enumerate(sheet.widths):
        page.column_dimensions[chr(ord("A") + number)].width = width
    file = BytesIO()
    try:
        page.append([sheet.mark])
        page.append(sheet.headings)
        for row in sheet.rows:
            page.append(list(row))
        book.save(file)
    finally:
        page.forget()
    yield from _cut(file.getvalue())


class _InMemorySheet(WriteOnlyWorksheet):
    """openpyxl streams rows into a file of its own in /tmp; here no disk ever has them."""

    def _get_writer(self) -> None:
        if self._writer is None:
            self._writer: Any = _InMemoryWriter(self, os.memfd_create("sheet"))
            self._writer.write_top()

    def forget(self) -> None:
        """Gives the memory back, also of a sheet that broke off."""
        if self._writer is not None:
            if not self.closed:
                self.close()
            os.close(self._writer.memory)


class _InMemoryWriter(WorksheetWriter):
    def __init__(self, page: Any, memory: int) -> None:
        self.memory = memory
        super().__init__(page, out=f"/proc/self/fd/{memory}")

    def cleanup(self) -> None:
        """The file has no name that could be removed."""


def _pdf(sheet: Sheet) -> Iterator[bytes]:
    facts = {
        "title": sheet.title,
        "mark": sheet.mark,
        "headings": sheet.headings,
        "rows": [[str(cell) for cell in row] for row in sheet.rows],
    }
    yield from _cut(typesetting.pdf("export.typ", facts))


def _cut(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), PIECE):
        yield content[start : start + PIECE]


_WRITTEN: dict[str, Callable[[Sheet], Iterator[bytes]]] = {
    Export.Format.XLSX: _xlsx,
    Export.Format.CSV: _csv,
    Export.Format.PDF: _pdf,
}
