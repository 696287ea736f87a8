"""A referral's sheet as a PDF: the words as they were typed, the mark, and nothing else."""

import pypdfium2
import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from home.models import User
from reporting import referral_pack, referral_pdf, typesetting, verbatim

NARRATIVE = "ผมเห็นชายสามคนหิ้วกระสอบลงเรือหางยาวสีเขียวตรงท่าทรายใต้ต้นโพธิ์ใหญ่ตอนตีสองของทุกคืนวันศุกร์"
PACK = "อำเภอได้รับแจ้งและตรวจสอบเบื้องต้นแล้ว เห็นว่าควรตรวจสอบร่วมกัน"


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def plain(text: str) -> str:
    return "".join(text.split())


def sheet(words: dict[str, str]) -> referral_pack.Sheet:
    facts = referral_pack.Facts("ABCD2345", 1, "-", "-", "-", "-", "-", "-", "-")
    viewer = User(username="person-1", first_name="Somchai", last_name="Example")
    return referral_pack.sheet(facts, words, viewer=viewer)


def test_the_file_names_no_author_and_no_time():
    pdf = referral_pdf.pdf(sheet({"purpose": "a", "pack": "b"}))
    about = pypdfium2.PdfDocument(pdf).get_metadata_dict()
    assert not any(about[name] for name in ("Author", "Subject", "Keywords", "CreationDate"))
    assert b"Somchai" not in pdf
    assert b"person-1" not in pdf


def test_the_mark_stands_on_every_page():
    pdf = referral_pdf.pdf(sheet({"purpose": "a", "pack": "ยาวมาก " * 1500}))
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) > 1
    for page in document:
        assert page.get_textpage().get_text_range().count("person-1") > 30


@pytest.mark.parametrize(
    "typed",
    ["#eval", "#sys.inputs", "*bold*", "_a_", "$x^2$", "@ref", "<label>", "// c", "= T", "\\u{41}"],
)
def test_what_an_officer_types_is_never_read_as_markup(typed):
    assert plain(typed) in plain(text_of(referral_pdf.pdf(sheet({"purpose": "-", "pack": typed}))))


# Printable ASCII, all that markup is made of; a PDF's text has no word for how wide a space is.
@settings(max_examples=40)
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60))
def test_exactly_these_characters_are_set(typed):
    typed = f"|{typed}|"
    pdf = referral_pdf.pdf(sheet({"purpose": "-", "pack": typed}))
    assert typed in plain(text_of(pdf)).replace("\ufffe", "")


@settings(max_examples=30)
@given(st.text(max_size=200), st.text(max_size=50))
def test_any_text_at_all_makes_a_pdf(pack, purpose):
    pdf = referral_pdf.pdf(sheet({"purpose": purpose, "pack": pack, "receiver": purpose}))
    assert pdf.startswith(b"%PDF")


def test_lao_and_khmer_have_their_letters():
    families = set(typst.Fonts(font_paths=[typesetting.FONTS]).families())
    assert {"Sarabun", "Noto Sans Lao Looped", "Noto Sans Khmer"} <= families


def test_what_typst_says_of_a_sheet_reaches_nobody(monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("unexpected: the words of the sheet")

    monkeypatch.setattr("typst.compile", fail)
    with pytest.raises(typesetting.SheetNotSet) as caught:
        referral_pdf.pdf(sheet({"purpose": "-", "pack": "-"}))
    assert str(caught.value) == ""
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("ours", "theirs", "is_copied"),
    [
        (NARRATIVE[5:60], NARRATIVE, True),
        (" ".join(NARRATIVE[5:60]), NARRATIVE, True),
        (NARRATIVE[5:40], NARRATIVE, False),
        ("เรือเข้าฝั่งกลางคืนที่ท่าน้ำ", "เรือเข้าฝั่งกลางคืนที่ท่าน้ำ", True),
        ("มีเรือแปลก", "เรือแปลก", False),
        (PACK, NARRATIVE, False),
        ("", "", False),
        (
            "BOXES came ashore, below the temple: at dawn!",
            "Boxes came ashore below the temple at dawn",
            True,
        ),
    ],
)
def test_a_long_passage_is_copied_and_a_few_words_are_not(ours, theirs, is_copied):
    assert verbatim.repeats(ours, theirs) is is_copied
