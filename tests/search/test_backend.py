"""The search backend, on whichever database the suite runs."""

from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.db import connection
from wagtail.models import Page
from wagtail.search import index
from wagtail.search.query import MATCH_ALL, Boost, Fuzzy, Phrase, PlainText

from home.models import StandardPage
from search.backends import SearchBackend, best

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

TEXTS = {
    "seminar": "สัมมนาเรื่องการค้ามนุษย์ชายแดนไทยลาวจัดขึ้นที่จังหวัดหนองคาย",
    "apart": "คนค้าขายในตลาดเชื่อว่าเพื่อนมนุษย์ทุกคนควรช่วยเหลือกัน",
    "drugs": "เจ้าหน้าที่ตรวจพบยาบ้าซุกซ่อนในรถขนสินค้าที่อำเภอเชียงของ",
    "boats": "ชาวบ้านสามารถแจ้งเบาะแสเรือต้องสงสัยในแม่น้ำโขงได้ที่เชียงราย",
    "lao": "ເຈົ້າໜ້າທີ່ສອງຝ່າຍຮ່ວມມືຕ້ານການຄ້າມະນຸດຢູ່ຊາຍແດນລາວໄທ",
    "khmer": "អាជ្ញាធរប្រឆាំងការជួញដូរមនុស្សនៅព្រំដែនកម្ពុជានិងថៃ",
    "english": "Officers of both districts met to discuss trafficking across the borders.",
    "mixed": "ศูนย์ NTS-MWCC อ.เมือง เปิดรับแจ้งเหตุเมื่อ ๑๒ มีนาคม พ.ศ. ๒๕๖๘ โทร 1300",
}


@pytest.fixture
def pages(add) -> dict[str, StandardPage]:
    return {name: add(name, text) for name, text in TEXTS.items()}


def found(query, **kwargs) -> set[str]:
    return {page.title for page in StandardPage.objects.search(query, **kwargs)}


def completed(query) -> list[str]:
    return [page.title for page in Page.objects.autocomplete(query)]


JUDGED = [
    ("ค้ามนุษย์", {"seminar"}),  # not the text with ค้า and มนุษย์ far apart
    ("การค้ามนุษย์ชายแดน", {"seminar"}),
    ("มนุษย์", {"seminar", "apart"}),
    ("ค้า มนุษย์", {"seminar", "apart"}),  # two words were typed
    ("ค่า", set()),  # another tone is another word
    ("ชายแดน", {"seminar"}),
    ("ไทย", {"seminar"}),
    ("ลาว", {"seminar"}),
    ("หนองคาย", {"seminar"}),
    ("รถ", {"drugs"}),  # a car, and not a part of สามารถ
    ("ยา", {"drugs"}),  # begins ยาบ้า
    ("ยาบ้า", {"drugs"}),
    ("เชียง", {"drugs", "boats"}),  # the beginning of a place name
    ("เชียงราย", {"boats"}),
    ("แม่น\u0e4d\u0e49าโขง", {"boats"}),
    ("เเม่น้ำ", {"boats"}),
    ("โขง", {"boats"}),
    ("คาย", set()),  # no word begins there
    ("เรือต้องสงสัย เบาะแส", {"boats"}),
    ("ຄ້າມະນຸດ", {"lao"}),
    ("ຊາຍແດນ", {"lao"}),
    ("ເຈົ້າຫນ້າທີ່", {"lao"}),
    ("ລາວ", {"lao"}),
    ("មនុស្ស", {"khmer"}),
    ("ជួញដូរមនុស្ស", {"khmer"}),
    ("ថៃ", {"khmer"}),
    ("trafficking", {"english"}),
    ("border", {"english"}),
    ("BORDERS district", {"english"}),
    ("traffic", set()),
    ("nts-mwcc", {"mixed"}),
    ("MWCC NTS", {"mixed"}),
    ("อ.เมือง", {"mixed"}),
    ("2568", {"mixed"}),
    ("๑๒ มีนาคม ๒๕๖๘", {"mixed"}),
    ("๑๓๐๐", {"mixed"}),
    ("130", set()),
]


def test_queries_find_the_texts_they_should(pages):
    assert {query: found(query) for query, _ in JUDGED} == dict(JUDGED)


QUERIES = [
    (PlainText("รถ โขง", operator="or"), {"drugs", "boats"}),
    (Fuzzy("รถ โขง"), {"drugs", "boats"}),
    (Phrase("across the borders"), {"english"}),
    (Phrase("borders the across"), set()),
    (Phrase("NTS-MWCC อ.เมือง เปิด"), {"mixed"}),
    (PlainText("มนุษย์") & PlainText("ชายแดน"), {"seminar"}),
    (PlainText("มนุษย์") & ~PlainText("ชายแดน"), {"apart"}),
    (PlainText("รถ") | ~(PlainText("มนุษย์") | Phrase("ชาวบ้าน") | MATCH_ALL), {"drugs"}),
    (~(PlainText("รถ") | ~PlainText("มนุษย์")), {"seminar", "apart"}),
    (PlainText("มนุษย์") & MATCH_ALL, {"seminar", "apart"}),
    (PlainText("มนุษย์") & Phrase("…"), {"seminar", "apart"}),
    (Boost(PlainText("มนุษย์"), 2.0), {"seminar", "apart"}),
    (MATCH_ALL, set(TEXTS)),
    (~MATCH_ALL, set()),
    (PlainText("… ๆ ฯ"), set()),
    (~PlainText("…"), set()),
]


def test_query_objects_mean_what_they_say(pages):
    assert [(query, found(query)) for query, _ in QUERIES] == QUERIES


GARBAGE = [
    "", " ", "\0", "รถ\0", '"', "'", "(", ")", "*", "รถ*", "NOT", "a OR b", "{title} : a", "%", "_",
    "\\", ":*", "<->", "&|!", "' OR 1=1 --", "\u0e31", "\u0e49" * 9, "เ", "🛶", "\ud7ff",
    "ก" * 1000, "w" * 5000, "ก " * 2000, "OR " * 500,
]  # fmt: skip


def test_garbage_is_harmless(pages):
    for query in GARBAGE:
        for search in (StandardPage.objects.search, StandardPage.objects.autocomplete):
            assert len(search(query)) == search(query).count()


def test_a_title_weighs_more_than_a_text_and_many_mentions_more_than_one(add):
    add("once", "ข่าวเรื่องยาเสพติด")
    add("often", "ยาเสพติด ยาเสพติด และยาเสพติด")
    add("ยาเสพติด")
    results = StandardPage.objects.search("ยาเสพติด")
    assert [page.title for page in results] == ["ยาเสพติด", "often", "once"]


def test_a_whole_word_comes_before_the_beginning_of_another(add):
    add("word", "เขาขายยาให้เด็ก")
    add("beginning", "ถนนยาวและตรง")
    assert [page.title for page in StandardPage.objects.search("ยา")] == ["word", "beginning"]


def test_a_word_is_found_at_the_end_of_a_long_text(add):
    add("long", "การประชุมและการเดินทาง " * 4000 + "การค้ามนุษย์")
    assert found("การค้ามนุษย์") == {"long"}
    assert found("การเดินมนุษย์") == set()


def test_a_page_of_any_length_can_be_saved(add):
    letters = "กขคงจฉชซฌญฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ"
    text = "".join(a + b + c for a in letters for b in letters for c in letters)
    assert len(text) > 150_000
    add("very long", text)
    assert found("กขค") == {"very long"}


def test_fields_narrow_a_search_to_titles(add):
    add("ชายแดน")
    add("elsewhere", "ชายแดน")
    assert found("ชายแดน") == {"ชายแดน", "elsewhere"}
    assert found("ชายแดน", fields=["title"]) == {"ชายแดน"}
    assert found("ชายแดน", fields=["intro"]) == {"elsewhere"}


def test_filters_orders_scores_slices_and_facets_are_kept(add, thai_home, english_home):
    for number in range(4):
        add(f"ชายแดน {number}", live=number != 3)
    add("ชายแดน 9", parent=english_home)
    pages = StandardPage.objects.filter(locale=thai_home.locale, live=True)
    by_title = pages.order_by("-title").search("ชายแดน", order_by_relevance=False)
    assert [page.title for page in by_title] == ["ชายแดน 2", "ชายแดน 1", "ชายแดน 0"]
    assert [page.title for page in by_title[1:2]] == ["ชายแดน 1"]
    scored = pages.search("ชายแดน").annotate_score("score")
    assert all(page.score > 0 for page in scored)
    assert dict(StandardPage.objects.search("ชายแดน").facet("locale_id")) == {
        thai_home.locale_id: 4,
        english_home.locale_id: 1,
    }
    assert [type(page) for page in Page.objects.specific().search("ชายแดน 0")] == [StandardPage]


COMPLETED = [
    ("เช", ["จังหวัดเชียงราย"]),  # a syllable half typed
    ("เชียงร", ["จังหวัดเชียงราย"]),
    ("ราย", []),
    ("จังหวัด เชีย", ["จังหวัดเชียงราย"]),
    ("ค้าม", ["การค้ามนุษย์"]),
    ("นุษย์", ["การค้ามนุษย์"]),
    ("agencie", ["Partner agencies"]),
    ("agencies", ["Partner agencies"]),
    ("part", ["Partner agencies"]),
    ("partner ag", ["Partner agencies"]),
    ("gencies", []),
]


def test_autocomplete_finds_a_title_from_the_beginning_of_a_word(add):
    for title in ("จังหวัดเชียงราย", "การค้ามนุษย์", "Partner agencies"):
        add(title)
    assert {typed: completed(typed) for typed, _ in COMPLETED} == dict(COMPLETED)


def test_the_shortest_title_completes_first(add):
    for title in ("ชายแดนไทยลาวตลอดแม่น้ำโขง", "ชายแดน", "ชายแดนไทยลาว"):
        add(title)
    assert completed("ชายแดน") == ["ชายแดน", "ชายแดนไทยลาว", "ชายแดนไทยลาวตลอดแม่น้ำโขง"]


def test_what_is_changed_or_deleted_is_found_no_longer(add):
    page = add("เก่า", "ยาบ้า")
    page.intro = "เรือ"
    page.save()
    assert found("ยาบ้า") == set()
    assert found("เรือ") == {"เก่า"}
    page.delete()
    assert found("เรือ") == set()


def test_the_index_can_be_rebuilt(pages):
    index.remove_object(pages["drugs"])
    assert found("ยาบ้า") == set()
    call_command("update_index", verbosity=0)
    assert found("ยาบ้า") == {"drugs"}


def test_the_backend_is_built_for_the_database_at_hand(db):
    backend = SearchBackend({})
    assert backend.rebuilder_class is backend.atomic_rebuilder_class


def test_a_word_in_most_texts_is_found_in_all_of_them_and_those_weighed_come_first(add):
    add("ชายแดน")  # the oldest, and weighed for its title
    for number in range(best.RANKED + 10):
        add(f"ข่าว {number}", "ชายแดน")
    add("often", "ชายแดน ชายแดน ชายแดน")
    results = StandardPage.objects.search("ชายแดน")
    titles = [page.title for page in results]
    assert titles[:3] == ["ชายแดน", "often", f"ข่าว {best.RANKED + 9}"]
    assert titles[3:] == [f"ข่าว {number}" for number in reversed(range(best.RANKED + 9))]
    # A window tells the same order as the whole, wherever it lies.
    for start in (0, best.RANKED - 5, best.RANKED + 5):
        assert [page.title for page in results[start : start + 8]] == titles[start : start + 8]
    assert results.count() == len(titles)
    assert results[:20].count() == 20


def test_matches_are_looked_for_behind_any_number_that_the_reader_may_not_see(add):
    seen = add("เก่า", "ชายแดน")
    for number in range(3):
        add(f"ร่าง {number}", "ชายแดน", live=False)
    with patch.object(best, "LARGEST_CHUNK", 2):
        assert [*StandardPage.objects.live().search("ชายแดน")] == [seen]
        assert StandardPage.objects.live().search("ชายแดน")[:10].count() == 1
        assert StandardPage.objects.search("ชายแดน")[:10].count() == 4


def test_titles_that_hold_the_words_come_before_texts_that_do(add):
    for title, text in (("ชายแดน 1", ""), ("เก่า", "ชายแดน"), ("ชายแดน 2", ""), ("ใหม่", "ชายแดน")):
        add(title, text)
    with patch.object(best, "RANKED", 1):
        titles = [page.title for page in StandardPage.objects.search("ชายแดน")]
        assert titles == ["ชายแดน 2", "ชายแดน 1", "ใหม่", "เก่า"]
        assert [page.title for page in StandardPage.objects.search("ชายแดน")[:3]] == titles[:3]


@pytest.fixture
def impatient():
    """Two texts at a time, and four of them at most."""
    bounds = {"RANKED": 1, "LARGEST_CHUNK": 2, "MOST_READ": 4, "MOST_PASSED": 4}
    with patch.multiple(best, **bounds):
        yield


def test_words_that_are_everywhere_and_nowhere_together_end_the_search(add, impatient):
    add("together", "Officers met across borders.")
    for number in range(6):
        add(f"apart {number}", "Officers across both districts met at borders.")
    few = StandardPage.objects.search(Phrase("across borders"))[:1]
    all_of_them = StandardPage.objects.search(Phrase("across borders"))
    # SQLite's index knows where words stand and reads no text for it.
    is_blind = connection.vendor == "postgresql"
    assert ([page.title for page in few], few.gave_up) == (
        [] if is_blind else ["together"],
        is_blind,
    )
    assert ([page.title for page in all_of_them], all_of_them.gave_up) == (["together"], False)


def test_what_this_reader_may_not_see_ends_the_search_as_well(add, impatient):
    add("seen", "ชายแดน")
    for number in range(6):
        add(f"ร่าง {number}", "ชายแดน", live=False)
    few = StandardPage.objects.live().search("ชายแดน")[:1]
    assert (few.count(), few.gave_up) == (0, True)
    everything = StandardPage.objects.search("ชายแดน")[:7]
    assert (everything.count(), everything.gave_up) == (7, False)


def test_a_not_holds_for_titles_too(add):
    add("เรือ รถ")
    add("เรือ")
    assert found(PlainText("เรือ") & ~PlainText("รถ")) == {"เรือ"}
