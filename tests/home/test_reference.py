import pytest
from django.core.management import call_command

from home.models import Counterpart, Crossing, District, Province, Subdistrict
from reporting.models import Category, CoordinationCentre

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def load():
    def run():
        call_command("load_reference_data", verbosity=0)

    run()
    return run


def counts():
    return {
        model.__name__: model.objects.count()
        for model in (Province, District, Subdistrict, Counterpart, Crossing, Category)
    }


def test_all_the_reference_data_is_there(load):
    assert counts() == {
        "Province": 17,
        "District": 45,
        "Subdistrict": 306,
        "Counterpart": 42,
        "Crossing": 56,
        "Category": 9,
    }
    assert District.objects.target().count() == 44
    groups = [District.objects.filter(visit_group=group).count() for group in (1, 2, 3)]
    assert groups == [18, 15, 11]
    assert not District.objects.target().filter(latitude=None).exists()
    assert not Counterpart.objects.filter(districts=None).exists()


def test_pak_khat_has_a_centre_and_is_not_one_of_the_44(load):
    pak_khat = District.objects.get(code="3805")
    assert not pak_khat.is_target
    assert CoordinationCentre.objects.filter(district=pak_khat).exists()


def test_every_district_has_a_centre(load):
    assert CoordinationCentre.objects.count() == District.objects.count()


def test_loading_again_changes_nothing(load):
    before = counts()
    load()
    assert counts() == before


def test_what_staff_edited_is_kept(load):
    crossing = Crossing.objects.first()
    crossing.status = Crossing.Status.RESTRICTED
    crossing.save()
    Category.objects.filter(code="online_scam").update(name_th="ถ้อยคำใหม่", is_active=False)
    counterpart = Counterpart.objects.first()
    counterpart.districts.set([District.objects.get(code="4301")])
    load()
    crossing.refresh_from_db()
    assert crossing.status == Crossing.Status.RESTRICTED
    category = Category.objects.get(code="online_scam")
    assert (category.name_th, category.is_active) == ("ถ้อยคำใหม่", False)
    assert [district.code for district in counterpart.districts.all()] == ["4301"]


def test_what_staff_renamed_is_not_loaded_a_second_time(load):
    before = counts()
    for model in (Crossing, Counterpart, Province, District):
        row = model.objects.first()
        row.name_en = "Renamed by staff"
        row.save()
    load()
    assert counts() == before
    assert Crossing.objects.filter(name_en="Renamed by staff").count() == 1


def test_what_staff_did_not_edit_follows_the_reference_data(load):
    district = District.objects.get(code="4301")
    # As if an earlier release had spelled it so.
    district.name_en = district.reference_values["name_en"] = "Muang Nong Khai"
    district.save()
    load()
    district.refresh_from_db()
    assert district.name_en == "Mueang Nong Khai"


def test_places_are_named_in_the_readers_language(load):
    from django.utils import translation

    district = District.objects.get(code="2706")
    with translation.override("th"):
        assert str(district) == "อรัญประเทศ"
    with translation.override("en"):
        assert str(district) == "Aranyaprathet"
