"""The smallest site with a report form in both languages, and what a reporter sends to it."""

import re
from html import unescape

from captcha.models import CaptchaStore
from django.contrib.contenttypes.models import ContentType
from wagtail.models import Locale, Page, Site

from home.content import publish_pair
from home.models import HomePage
from reporting import captcha, receipts
from reporting.models import ReportFormPage

FORM, STATUS = "/th/report/", "/th/report/status/"
SEEN = "เห็นเรือแปลกเข้าฝั่งตอนกลางคืน มีคนลงมาหลายคน"
WORDS = {
    language: {
        "title": title,
        "intro": "<p>-</p>",
        "danger_text": f"191 {language}",
        "safety_text": "<p>-</p>",
        "thank_you_text": f"<p>next {language}</p>",
    }
    for language, title in (("th", "แจ้งเบาะแส"), ("en", "Report"))
}


def make_report_site() -> None:
    """Works in a fresh database, and in one that a test with transactions has emptied."""
    ContentType.objects.clear_cache()
    thai, _ = Locale.objects.get_or_create(language_code="th")
    Locale.objects.get_or_create(language_code="en")
    root = Page.get_first_root_node() or Page.add_root(
        instance=Page(title="Root", slug="root", locale=thai)
    )
    words = {language: {"title": language, "lead": "-"} for language in ("th", "en")}
    home = publish_pair(root, HomePage, slug="front", words=words)
    Site.objects.all().delete()
    Site.objects.create(hostname="testserver", root_page=home, is_default_site=True)
    publish_pair(home, ReportFormPage, slug="report", words=WORDS)


def solved() -> dict[str, str]:
    """A captcha and its answer, as the form sends them."""
    key = captcha.new(captcha.PICTURE).key
    return {"captcha_0": key, "captcha_1": CaptchaStore.objects.get(hashkey=key).response}


def filled(**words: str) -> dict[str, str]:
    """A complete form; `words` replace or add to what was typed."""
    return {"token": receipts.new_token(), "narrative": SEEN, **solved(), **words}


def shown_number(response) -> str | None:
    """The 16 digits of a receipt page; None on any other page."""
    found = re.search(r'id="receipt">(.*?)</p>', response.content.decode(), re.DOTALL)
    return re.sub(r"\D", "", re.sub(r"<[^>]+>", "", found[1])) if found else None


def typed(response, name: str) -> str | None:
    """What stands in a field of the page."""
    html = response.content.decode()
    if area := re.search(rf'<textarea name="{name}".*?>\r?\n?(.*?)</textarea>', html, re.DOTALL):
        return unescape(area[1])
    if select := re.search(rf'<select name="{name}".*?</select>', html, re.DOTALL):
        option = re.search(r'<option value="([^"]*)" selected', select[0])
        return option[1] if option else ""
    for field in re.findall(rf'<input[^>]*name="{name}"[^>]*>', html):
        is_choice = 'type="radio"' in field or 'type="checkbox"' in field
        value = re.search(r'value="([^"]*)"', field)
        if not is_choice or "checked" in field:
            return unescape(value[1]) if value else "on"
    return None


def errors(response) -> dict[str, str]:
    """The messages beside the fields, by the name of the field."""
    found = re.findall(
        r'class="field-error" id="id_(\w+?)_error">(.*?)</p>', response.content.decode()
    )
    return {name: unescape(message) for name, message in found}
