"""Words of four languages (search/words.py)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.words import ascii_digits, normalise, segment

LOOK_THE_SAME = [
    ("น\u0e4d\u0e49า", "น้ำ"),  # nikhahit, tone, sara aa
    ("น\u0e49\u0e4dา", "น้ำ"),  # tone, nikhahit, sara aa
    ("ท\u0e4dา", "ทำ"),
    ("เเม่น้ำโขง", "แม่น้ำโขง"),  # two sara e for one sara ae
    ("ก\u0e48\u0e35", "กี่"),  # the tone typed before the vowel
    ("ມ\u0ecdາ", "ມຳ"),
    ("ນ\u0ec9\u0ecdາ", "ນ້ຳ"),
    ("ຫນອງຄາຍ", "ໜອງຄາຍ"),
    ("ເເຂວງ", "ແຂວງ"),
    ("ค้า\u200bมนุษย์", "ค้ามนุษย์"),  # zero-width space
    ("\ufeffមនុស្ស\u200b", "មនុស្ស"),
    ("พ.ศ. ๒๕๖๘", "พ.ศ. 2568"),
    ("MEKONG Watch", "mekong watch"),
    ("Me\u0301kong", "m\u00e9kong"),
]


@pytest.mark.parametrize(("typed", "meant"), LOOK_THE_SAME)
def test_texts_that_look_the_same_become_the_same(typed, meant):
    assert normalise(typed) == normalise(meant) == meant


@pytest.mark.parametrize("digits", ["๐๑๒๓๔๕๖๗๘๙", "໐໑໒໓໔໕໖໗໘໙", "០១២៣៤៥៦៧៨៩", "0123456789"])
def test_digits_of_every_script_become_ascii(digits):
    assert ascii_digits(digits) == "0123456789"


def test_other_characters_are_left_as_they_are():
    assert ascii_digits("Receipt ๑๒-ab, ຂໍ້ ໓") == "Receipt 12-ab, ຂໍ້ 3"


SENTENCES = [
    (
        "การค้ามนุษย์ชายแดนไทยลาว",
        ["การ", "ค้า", "มนุษย์", "ชายแดน", "ไทย", "ลาว"],
    ),
    (
        "เจ้าหน้าที่จับรถขนยาบ้าที่เชียงของ",
        ["เจ้า", "หน้าที่", "จับ", "รถ", "ขน", "ยาบ้า", "ที่", "เชียงของ"],
    ),
    ("ເຈົ້າໜ້າທີ່ຢູ່ຊາຍແດນລາວໄທ", ["ເຈົ້າໜ້າທີ່", "ຢູ່", "ຊາຍແດນ", "ລາວ", "ໄທ"]),
    (
        "ការជួញដូរមនុស្សនៅព្រំដែនកម្ពុជានិងថៃ",
        ["ការ", "ជួញដូរ", "មនុស្ស", "នៅ", "ព្រំដែន", "កម្ពុជា", "និង", "ថៃ"],
    ),
    (
        "What to watch for, along the Mekong: NTS-MWCC",
        ["what", "to", "watch", "for", "along", "the", "mekong", "nts", "mwcc"],
    ),
    ("เด็กๆ อายุ ๑๖ ปี ใน Nong Khai", ["เด็ก", "อายุ", "16", "ปี", "ใน", "nong", "khai"]),
    ("", []),
    (" … \u200b ๆ ฯ", []),
]


@pytest.mark.parametrize(("sentence", "words"), SENTENCES)
def test_a_sentence_is_cut_into_its_words(sentence, words):
    assert segment(sentence) == words


THAI_OR_LAO = st.characters(min_codepoint=0x0E00, max_codepoint=0x0EFF)


@given(st.text(alphabet=st.one_of(st.characters(), THAI_OR_LAO)))
def test_no_text_is_too_strange_to_be_cut(text):
    assert all(segment(text))
