"""What the form offers is read once, and never older than a second."""

import pytest

from reporting.models import Category
from tests.factories import CategoryFactory, DistrictFactory, SubdistrictFactory
from tests.home.conftest import clock  # noqa: F401 - a fixture
from tests.reporting.report_site import FORM, filled, make_report_site, shown_number

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(clock):  # noqa: F811
    make_report_site()
    CategoryFactory(code="cattle", name_th="ลักลอบขนวัว")
    SubdistrictFactory(code="430199", district=DistrictFactory(code="4399", name_th="ริมโขง"))
    return clock


def test_the_form_asks_for_no_place_and_no_category_twice(
    kept, client, django_assert_max_num_queries
):
    client.get(FORM)
    with django_assert_max_num_queries(1):  # the new captcha
        page = client.get(FORM).content.decode()
    assert page.count("ลักลอบขนวัว") == 1
    assert page.count('<option value="4399">ริมโขง') == page.count('<option value="430199">') == 1


def test_a_reader_of_the_other_language_is_offered_names_in_theirs(kept, client):
    Category.objects.update(name_en="Cattle smuggling")
    client.get(FORM)
    assert "Cattle smuggling" in client.get("/en/report/").content.decode()


def test_what_was_chosen_comes_back_chosen_and_is_shown_to_nobody_else(kept, client):
    client.get(FORM)
    again = client.post(FORM, {"district": "4399", "subdistrict": "430199"}).content.decode()
    assert '<option value="4399" selected>' in again
    assert '<option value="430199" selected>' in again
    assert " selected>" not in client.get(FORM).content.decode()


def test_a_category_that_is_retired_is_offered_no_longer_than_a_second(kept, client):
    client.get(FORM)
    category = Category.objects.get(code="cattle")
    category.is_active = False
    category.save()
    kept.tick()
    assert "ลักลอบขนวัว" not in client.get(FORM).content.decode()
    refused = client.post(FORM, filled(category="cattle"))
    assert shown_number(refused) is None


def test_a_report_is_filed_from_what_is_kept(kept, client):
    client.get(FORM)
    answer = client.post(FORM, filled(category="cattle", district="4399", subdistrict="430199"))
    assert shown_number(answer)
