"""Words that depend on the reader's language, and where editors type them."""

from copy import deepcopy
from datetime import date

import pytest
from django.urls import reverse
from django.utils import translation
from wagtail.models import Site

from home.dates import format_day
from home.emergency import NUMBERS
from home.models import SiteSettings
from home.reference import load_row
from home.starter import ensure_home
from reporting.models import Category
from tests.factories import CategoryFactory, DistrictFactory


@pytest.mark.parametrize(("language", "words"), [("lo", "17 ກໍລະກົດ 2023"), ("km", "17 កក្កដា 2023")])
def test_days_have_months_of_the_language_and_years_of_the_common_era(language, words):
    with translation.override(language):
        assert format_day(date(2023, 7, 17)) == words


@pytest.mark.django_db
def test_a_place_shows_both_its_names_in_a_language_that_has_none():
    district = DistrictFactory(name_th="เชียงของ", name_en="Chiang Khong")
    names = {}
    for language in ("th", "en", "lo"):
        with translation.override(language):
            names[language] = district.name
    assert names == {"th": "เชียงของ", "en": "Chiang Khong", "lo": "เชียงของ (Chiang Khong)"}


@pytest.mark.django_db
def test_reference_data_fills_a_field_that_is_new_and_keeps_what_staff_typed_there():
    words = {"name_th": "ไม้", "name_lo": "ໄມ້", "name_km": "ឈើ"}
    row = CategoryFactory(code="wood", name_th="ไม้", name_lo="ຂອງພະນັກງານ")
    Category.objects.filter(pk=row.pk).update(reference_values={"name_th": "ไม้"})
    row = load_row(Category, {"code": "wood"}, words)
    assert (row.name_lo, row.name_km) == ("ຂອງພະນັກງານ", "ឈើ")


@pytest.mark.parametrize("language", ["lo", "km"])
def test_the_staffs_screens_are_never_half_in_another_language(client, db, language):
    answer = client.get("/admin/login/", headers={"accept-language": language}, follow=True)
    assert answer["Content-Language"] == "th"


# --- Emergency numbers: rows with a field each in the admin ---------------------------------------


def save_numbers(admin_client, *rows):
    site = Site.objects.get()
    form = {"quick_exit_url": "https://www.tmd.go.th/", "emergency_numbers-count": len(rows)}
    for place, row in enumerate(rows):
        stem = f"emergency_numbers-{place}"
        form |= {f"{stem}-deleted": "", f"{stem}-order": place, f"{stem}-id": ""}
        form |= {f"{stem}-value-{name}": value for name, value in row.items()}
    address = reverse("wagtailsettings:edit", args=["home", "sitesettings", site.pk])
    assert admin_client.get(address, follow=True).status_code == 200
    answer = admin_client.post(address, form)
    return answer, SiteSettings.for_site(site)


def test_an_editor_adds_a_number_with_words_in_each_language(admin_client):
    fire = {"number": "199", "th": "ดับเพลิง", "en": "Fire", "lo": "ດັບເພີງ", "km": ""}
    answer, settings = save_numbers(admin_client, fire)
    assert answer.status_code == 302
    fire.pop("km")
    assert settings.emergency_numbers == [fire]
    with translation.override("lo"):
        assert settings.emergency_lines == [{"number": "199", "label": "ດັບເພີງ"}]
    with translation.override("km"):
        assert settings.emergency_lines == [{"number": "199", "label": "ดับเพลิง"}]


@pytest.mark.parametrize("slip", [{"number": "one"}, {"number": ""}, {"th": ""}])
def test_a_slip_is_stopped_at_the_row(admin_client, slip):
    row = {"number": "199", "th": "ดับเพลิง", "en": "", "lo": "", "km": ""} | slip
    answer, settings = save_numbers(admin_client, row)
    assert answer.status_code == 200
    assert [line["number"] for line in settings.emergency_numbers[:3]] == ["191", "1300", "1386"]


def test_a_number_for_calls_from_abroad_is_taken_and_stands_behind_the_first_three(
    admin_client, client
):
    kept = [{**line, "lo": "", "km": ""} for line in deepcopy(NUMBERS)[:4]]
    kept[3]["number"] = "+66991301300"
    answer, settings = save_numbers(admin_client, *kept)
    assert answer.status_code == 302
    assert settings.emergency_lines[3]["number"] == "+66991301300"
    ensure_home()
    page = client.get("/th/").content.decode()
    assert page.index("tel:1386") < page.index("<details", page.index("tel:1386"))
    assert page.count("tel:+66991301300") == 1
