"""Lao and Khmer on the report path: whole pages in one language, and nothing beside them."""

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import translation
from wagtail.models import Page

from config.site_tree import ensure_site
from home.models import HomePage, SiteSettings
from home.reference import load_places
from reporting import captcha, receipts
from reporting.intake import NARRATIVE_LIMIT, Arrival, receive
from reporting.models import Category, Outcome, Report, Status
from reporting.reference import load_categories
from tests.factories import DistrictFactory, SubdistrictFactory
from tests.reporting.report_site import filled, shown_number
from tests.reporting.test_form import no_database  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db

ZERO = {"th": 0x0E50, "lo": 0x0ED0, "km": 0x17E0}
SCRIPTS = {"lo": "\u0e81-\u0edf", "km": "\u1780-\u17ff"}
# Names, of places as well, and a key of the keyboard.
NAMES = re.compile(r"NTS-Mekong Watch|\bDOPA\b|\bMKCF\b|\bEsc\b|\w+ทดสอบ \d+ \(Test \w+ \d+\)")
VOID = {"meta", "link", "img", "input", "br", "hr", "path", "circle"}
SAID = {"alt", "aria-label", "title", "placeholder", "data-copied"}

both = pytest.mark.parametrize("language", ["lo", "km"])


class Said(HTMLParser):
    """What a page says in its own language: all but parts that are marked as another's."""

    def __init__(self) -> None:
        super().__init__()
        self.own = ""
        self.texts: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.own = self.own or given.get("lang", "")
        if tag not in VOID:
            self._open.append(given.get("lang") or (self._open[-1] if self._open else ""))
        if tag in {"script", "style"}:
            self._open[-1] = "none"
        if not self._open or self._open[-1] == self.own:
            self.texts += [value for name, value in attrs if name in SAID and value]

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag):
        if tag not in VOID:
            self._open.pop()

    def handle_data(self, data):
        if self._open and self._open[-1] == self.own:
            self.texts.append(data)


def strangers(response, language: str) -> list[str]:
    """Texts of the page with letters of another language."""
    page = Said()
    page.feed(response.content.decode())
    assert page.own == language
    assert response["Content-Language"] == language
    foreign = re.compile(rf"[^\W\d_{SCRIPTS[language]}]")
    return [text for text in page.texts if foreign.search(NAMES.sub("", text))]


@pytest.fixture
def site(db):
    ensure_site()
    load_categories()
    SubdistrictFactory(code="439901", district=DistrictFactory(code="4399"))
    SubdistrictFactory(code="439801", district=DistrictFactory(code="4398"))


@pytest.fixture
def filed(site) -> str:
    arrival = Arrival(category=Category.objects.first(), narrative="-", language="lo")
    return receive(arrival, token=receipts.new_token()).number


# --- Every page and every error -----------------------------------------------------------------


@both
def test_every_page_that_is_there_speaks_one_language(client, site, language):
    for page in HomePage.objects.get(locale__language_code=language).get_descendants(
        inclusive=True
    ):
        answer = client.get(page.get_url())
        assert answer.status_code == 200
        assert strangers(answer, language) == []


@both
def test_every_answer_of_the_form_speaks_one_language(
    client, site, settings, monkeypatch, language
):
    form = f"/{language}/report/"
    old = filled(captcha_0="gone")
    mistakes = [
        {},
        filled(narrative=""),
        filled(captcha_1=""),
        filled(captcha_1="12"),
        old,
        filled(category="never", district="never", subdistrict="never", when="never"),
        filled(district="4399", subdistrict="439801"),
        filled(captcha_action="question"),
        filled(captcha_action="picture"),
    ]
    for sent in mistakes:
        sent = {name: value for name, value in sent.items() if name != "narrative"} | {
            "narrative": ""
        }
        assert strangers(client.post(form, sent), language) == []
    sent = filled(narrative="12345")
    for number in range(3):  # the receipt, again within minutes, and when they are over
        if number == 2:
            monkeypatch.setattr(captcha, "was_just_spent", lambda key, token: False)
        assert strangers(client.post(form, sent), language) == []
    settings.REPORT_PUBLIC_KEYS = ""
    out_of_order = client.post(form, filled(narrative="1"))
    assert out_of_order.status_code == 503
    assert strangers(out_of_order, language) == []


@both
def test_what_cannot_be_read_is_answered_in_the_language(client, site, settings, language):
    form = f"/{language}/report/"
    broken = client.post(form, b"--x\r\n", content_type="multipart/form-data; boundary=")
    assert (broken.status_code, strangers(broken, language)) == (400, [])
    long = client.post(form, filled(narrative="1" * (NARRATIVE_LIMIT + 1)))
    assert strangers(long, language) == []
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 50_000
    large = client.post(form, filled(narrative="1" * 60_000))
    assert (large.status_code, strangers(large, language)) == (413, [])


@both
@pytest.mark.parametrize("path", ["report/", "report/status/"])
def test_without_a_database_the_page_speaks_one_language(
    client,
    site,
    no_database,  # noqa: F811
    language,
    path,
):
    for answer in (
        client.get(f"/{language}/{path}"),
        client.post(f"/{language}/{path}", {"narrative": "1", "words": "1"}),
    ):
        assert (answer.status_code, strangers(answer, language)) == (503, [])


@both
def test_every_answer_about_a_report_speaks_one_language(client, filed, settings, language):
    address = f"/{language}/report/status/"
    other = receipts.issue("a token that was never used for any report")
    wrong = other[:-1] + str((int(other[-1]) + 1) % 10)
    assert strangers(client.get(address), language) == []
    for number in ("", "12", wrong, other):
        assert strangers(client.post(address, {"receipt": number}), language) == []
    for status in Status.values:
        same = Report.objects.get().pk if status == Status.MERGED else None
        Report.objects.update(status=status, outcome=Outcome.ACTED, merged_into=same)
        assert strangers(client.post(address, {"receipt": filed}), language) == []
    Report.objects.update(status=Status.CLOSED, merged_into=None)
    contest = {"receipt": filed, "action": "contest"}
    long = {**contest, "words": "1" * (NARRATIVE_LIMIT + 1)}
    assert strangers(client.post(address, long), language) == []
    keys, settings.REPORT_PUBLIC_KEYS = settings.REPORT_PUBLIC_KEYS, ""
    assert strangers(client.post(address, {**contest, "words": "1"}), language) == []
    settings.REPORT_PUBLIC_KEYS = keys
    contested = client.post(address, contest)
    assert b'value="contest"' not in contested.content
    assert strangers(contested, language) == []


@both
@pytest.mark.parametrize("path", ["nothing/", "articles/", "search/?q=1"])
def test_what_the_language_does_not_have_is_not_found_in_that_language(
    client, site, language, path
):
    answer = client.get(f"/{language}/{path}")
    assert (answer.status_code, strangers(answer, language)) == (404, [])
    assert f'href="/{language}/"' in answer.content.decode()


@both
def test_a_failure_speaks_the_language_first_and_then_all(site, monkeypatch, language):
    def fail(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr("home.views.frame_of", fail)
    answer = Client(raise_request_exception=False).get(f"/{language}/")
    assert (answer.status_code, strangers(answer, language)) == (500, [])
    sections = re.findall(r'<section class="flow" lang="(\w+)"', answer.content.decode())
    assert sections[0] == language
    assert sorted(sections) == ["en", "km", "lo", "th"]


# --- A report, and its answer -------------------------------------------------------------------


@pytest.mark.both_databases
@both
def test_a_report_is_filed_and_its_answer_read(client, site, language):
    sent = filled(category="drug_trafficking", district="4399")
    receipt = client.post(f"/{language}/report/", sent)
    number = shown_number(receipt)
    assert Report.objects.get().language == language
    own_digits = number.translate({ord(str(n)): chr(ZERO[language] + n) for n in range(10)})
    answer = client.post(f"/{language}/report/status/", {"receipt": own_digits})
    assert answer.content.decode().count('class="timeline-title"') == 2


@both
def test_the_captcha_takes_digits_and_words_of_the_language(site, language):
    def sum_of(challenge: captcha.Captcha) -> int:
        words = [str(word) for word in captcha.NUMBER_WORDS]
        asked = re.findall("|".join(sorted(words, key=len, reverse=True)), challenge.question)
        return sum(words.index(word) for word in asked)

    with translation.override(language):
        first, second = captcha.new(captcha.QUESTION), captcha.new(captcha.QUESTION)
        in_digits = "".join(chr(ZERO[language] + int(digit)) for digit in str(sum_of(first)))
        assert captcha.check(first.key, in_digits) is captcha.Verdict.RIGHT
        in_words = str(captcha.NUMBER_WORDS[sum_of(second)])
        assert captcha.check(second.key, in_words) is captcha.Verdict.RIGHT


@both
def test_places_are_named_as_on_the_road_signs(client, site, language):
    html = client.get(f"/{language}/report/").content.decode()
    assert '<optgroup label="หนองคาย (Nong Khai)" lang="th">' in html
    assert ">อำเภอทดสอบ 4399 (Test district 4399)</option>" in html
    assert 'lang="th"' not in client.get("/en/report/").content.decode().split("<form")[1]


# --- Where the languages are offered ------------------------------------------------------------


def offered(client, address: str) -> list[str]:
    return re.findall(
        r'class="language" href="[^"]+" lang="(\w+)"', client.get(address).content.decode()
    )


def test_the_switch_offers_lao_and_khmer_only_where_they_have_the_page(client, site):
    for path in ("", "report/", "report/status/", "how-reports-are-protected/", "in-danger-now/"):
        assert offered(client, f"/th/{path}") == ["en", "lo", "km"]
        assert offered(client, f"/lo/{path}") == ["th", "en", "km"]
    for path in ("about/", "articles/", "events/", "search/", "nothing/"):
        assert offered(client, f"/th/{path}") == ["en"]
    assert offered(client, "/km/nothing/") == ["th", "en"]


def test_machines_are_told_of_the_same_pages(client, site):
    def told(address: str) -> list[str]:
        html = client.get(address).content.decode()
        return re.findall(r'hreflang="([\w-]+)" href="http', html)

    assert told("/lo/report/") == ["th", "x-default", "en", "lo", "km"]
    assert told("/en/about/") == ["th", "x-default", "en"]
    sitemap = client.get("/sitemap.xml").content.decode()
    for path in ("/lo/report/", "/km/", "/km/in-danger-now/"):
        assert f"{path}</loc>" in sitemap
    assert "/lo/articles" not in sitemap


def test_a_start_page_that_was_taken_down_is_not_answered_with_the_thai_one(client, site):
    HomePage.objects.get(locale__language_code="lo").unpublish()
    assert client.get("/lo/").status_code == client.get("/lo/articles/").status_code == 404
    assert offered(client, "/th/") == ["en", "km"]


# --- Older sites --------------------------------------------------------------------------------


def test_a_site_of_two_languages_gets_the_others_and_keeps_its_own_words(client, site):
    home = HomePage.objects.get(locale__language_code="th")
    Page.objects.filter(locale__language_code__in=["lo", "km"], depth__gt=1).delete()
    Page.objects.filter(slug="in-danger-now").delete()
    Page.objects.filter(slug="how-reports-are-protected").update(slug="renamed")
    Page.objects.filter(locale__language_code="en", slug="renamed").update(
        slug="how-reports-are-protected"
    )
    Page.fix_tree()
    two = [{"number": "191", "th": "ตำรวจ เหตุด่วนเหตุร้าย"}, {"number": "199", "th": "ดับเพลิง"}]
    SiteSettings.objects.create(site=home.get_site(), emergency_numbers=two)
    Category.objects.update(name_lo="", reference_values={"name_th": "x"})
    for _ in range(2):
        ensure_site()
        load_categories()
    assert Page.objects.filter(locale__language_code="lo", depth__gt=1).count() == 4
    assert not Page.objects.filter(locale__language_code="th", slug="in-danger-now-2").exists()
    assert client.get("/km/in-danger-now/").status_code == 200
    assert Category.objects.get(code="illegal_logging").name_lo == "ການຕັດໄມ້ຜິດກົດໝາຍ"
    lines = SiteSettings.objects.get().emergency_numbers
    assert lines[0]["lo"] == "ຕຳຫຼວດ ເຫດດ່ວນເຫດຮ້າຍ"
    assert lines[1] == two[1]


# --- Weight -------------------------------------------------------------------------------------

# What Chromium fetches. The fonts of the languages' names wait for the list to be opened.
LATIN = ["sarabun-latin-400", "sarabun-latin-600"]
FONTS = {
    "th": ["sarabun-thai-400", "sarabun-thai-600", *LATIN],
    "en": LATIN,
    "lo": ["noto-lao-looped-400", "noto-lao-looped-600"],
    "km": ["noto-khmer-400"],
}
HEADERS = 500  # bytes of each answer, as measured


@pytest.mark.parametrize("language", FONTS)
def test_a_first_visit_of_the_form_is_light(client, site, language):
    load_places()
    form = client.get(f"/{language}/report/").content
    captcha = client.get(re.search(rb'src="(/captcha/[^"]+)"', form)[1].decode()).content
    files = ("css/site.css", "js/site.js", "js/report.js", "img/favicon.svg")
    packed = [gzip.compress(content) for content in (form, *map(static, files))]
    drawn = [static(f"fonts/{name}.woff2") for name in FONTS[language]]
    sizes = [len(answer) + HEADERS for answer in (*packed, captcha, *drawn)]
    assert sum(sizes) < 50_000, sizes


def static(name: str) -> bytes:
    return Path(finders.find(name)).read_bytes()
