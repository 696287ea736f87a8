"""Lists as files: no cell is read as a formula, Thai stays whole, and the mark is on all of it."""

import csv
import os
import tempfile
import unicodedata
from datetime import UTC, datetime
from io import BytesIO, StringIO

import openpyxl
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporting import export_files

NAME = "อำเภอเมืองหนองคาย"
BEGINNINGS = [
    "=",
    "+",
    "-",
    "@",
    "＝",
    "＋",
    "－",
    "＠",
    "﹦",
    "−",
    "\t=",
    "\r=",
    "\n=",
    " =",
    "\u00a0+",
]
BEGINNINGS += ["\u200b=", "\ufeff@", "\u3000＝", "\x00="]


def sheet(rows, mark="Taken by A"):
    return export_files.Sheet(
        title="List",
        mark=mark,
        made_at=datetime(2026, 11, 26, tzinfo=UTC),
        headings=["=heading", NAME],
        widths=[10, 10],
        rows=rows,
    )


def written(form, rows, **more) -> bytes:
    return b"".join(export_files.pieces(sheet(rows, **more), form))


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")))


def read_xlsx(content: bytes) -> list[list]:
    page = openpyxl.load_workbook(BytesIO(content)).active
    return [list(row) for row in page.iter_rows()]


def is_harmless(value: str) -> bool:
    """As a spreadsheet looks at it: what is the first sign that is neither blank nor unseen?"""
    for one in value:
        if unicodedata.category(one) in {"Zs", "Cf"}:
            continue
        return unicodedata.normalize("NFKC", one)[0] not in "=+-@\t\r\n−"
    return True


def cells_of_every_cut(line: str) -> list[str]:
    """What a spreadsheet may take for a cell when it cuts at its own sign, quotes or not."""
    found = [line]
    for cut in ",;|\t":
        found = [part for cell in found for part in cell.split(cut)]
    return [part.strip('"') for part in found]


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_what_begins_a_formula_gets_an_apostrophe(beginning):
    value = export_files.safe(f"{beginning}cmd|' /C calc'!A0")
    assert value.lstrip("\u00a0\u200b\ufeff\u3000 ").startswith("'")


@pytest.mark.parametrize(
    "value", ["A1", NAME, "B2", "สมชาย ใจดี (officer-4301)", "", "2026-11-26", 5]
)
def test_what_begins_none_stays_as_it_is(value):
    assert export_files.safe(value) == value


def test_what_stands_behind_a_sign_at_which_csv_is_cut_begins_none_either():
    assert export_files.safe("a;=cmd") == "a;'=cmd"
    assert export_files.safe('a",  @cmd') == "a\",'  @cmd"


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_cell_of_any_text_begins_a_formula_in_csv(first, second):
    content = written("csv", [[first, second]], mark=first)
    for row in read_csv(content):
        assert all(map(is_harmless, row))
    for line in content.decode("utf-8-sig").splitlines():
        assert all(map(is_harmless, cells_of_every_cut(line)))


@settings(max_examples=40)
@given(st.text(max_size=60))
def test_no_cell_of_any_text_begins_a_formula_in_a_spreadsheet(text):
    book = written("xlsx", [[text, 3]], mark=text)
    for row in read_xlsx(book):
        for cell in row:
            assert cell.data_type != "f"
            assert not isinstance(cell.value, str) or is_harmless(cell.value)


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_headings_and_the_mark_are_no_formula_either(beginning):
    mark = f"{beginning}1+1"
    [[csv_mark], csv_headings, *_] = read_csv(written("csv", [["a", "b"]], mark=mark))
    assert is_harmless(csv_mark)
    assert csv_headings == ["'=heading", NAME]
    book = openpyxl.load_workbook(BytesIO(written("xlsx", [["a", "b"]], mark=mark)))
    assert is_harmless(book.active["A1"].value)
    assert book.active["A2"].value == "'=heading"
    assert is_harmless(book.properties.creator)


def test_thai_stays_whole_and_excel_is_told_which_letters_they_are():
    content = written("csv", [[NAME, 3]])
    assert content.startswith(b"\xef\xbb\xbf")
    assert read_csv(content)[2] == [NAME, "3"]
    assert [cell.value for cell in read_xlsx(written("xlsx", [[NAME, 3]]))[2]] == [NAME, 3]


def test_the_mark_stands_on_every_page_of_a_pdf():
    content = written("pdf", [[NAME, number] for number in range(200)])
    document = pypdfium2.PdfDocument(content)
    assert len(document) > 1
    for page in document:
        assert page.get_textpage().get_text_range().count("Taken by A") > 20
    text = "".join(document[0].get_textpage().get_text_range().split())
    assert "'=heading" in text
    assert "199" in document[len(document) - 1].get_textpage().get_text_range()


def test_no_file_is_ever_on_a_disk(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a temporary file")

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refuse)
    monkeypatch.setattr("openpyxl.worksheet._writer.NamedTemporaryFile", refuse)
    for form in ("xlsx", "csv", "pdf"):
        assert written(form, [[NAME, 1]])


def test_a_sheet_that_breaks_off_leaves_no_memory_behind():
    def broken():
        yield ["a", 1]
        raise RuntimeError

    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with pytest.raises(RuntimeError):
            written("xlsx", broken())
    assert len(os.listdir("/proc/self/fd")) == before


def test_csv_comes_in_pieces_that_are_whole_together(monkeypatch):
    monkeypatch.setattr(export_files, "PIECE", 100)
    rows = [[NAME, number] for number in range(100)]
    pieces = list(export_files.pieces(sheet(rows), "csv"))
    assert len(pieces) > 5
    assert len(read_csv(b"".join(pieces))) == 102
