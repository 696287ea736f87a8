"""The list of partner agencies: kept by the project office, and never torn from a referral."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from reporting.lifecycle import TransitionNotAllowed, move
from reporting.models import Agency
from reporting.reference import AGENCIES, load_agencies
from tests.factories import file_report


@pytest.fixture
def officer(nong_khai, member):
    return member(nong_khai, "officer")


def refer(report, officer):
    return move(
        report,
        "refer",
        by=officer,
        agency="police",
        receiver="ผู้รับ",
        purpose="ตรวจ",
        pack="สรุป",
        expires_on=timezone.localdate() + timedelta(days=7),
    )


@pytest.fixture
def referred(nong_khai, officer):
    report = file_report(district=nong_khai.district)
    for name in ("accept", "verify"):
        report = move(report, name, by=officer)
    return refer(report, officer)


def test_a_retired_agency_is_offered_no_more_and_keeps_its_name(client, referred, officer):
    Agency.objects.filter(code="police").update(is_active=False)
    client.force_login(officer)
    page = client.get(reverse("reports:report", args=[referred.reference])).content.decode()
    assert str(referred.referrals.get().agency) in page
    report = move(referred, "return", by=officer, answer="ตอบ")
    form = client.get(reverse("reports:refer", args=[report.reference])).context["form"]
    offered = {agency.code for agency in form.fields["agency"].queryset}
    assert "police" not in offered
    assert "navy" in offered
    with pytest.raises(TransitionNotAllowed):
        refer(report, officer)


def test_hq_keeps_the_list_and_officers_do_not(client, referred, officer, hq):
    index, add = reverse("agencies:index"), reverse("agencies:add")
    client.force_login(officer)
    for path in (index, add):
        assert client.get(path).status_code == 302
        assert client.get(path)["Location"] == reverse("wagtailadmin_home")
    client.force_login(hq)
    assert client.get(index).status_code == 200
    named = {"name_th": "กรมป่าไม้", "name_en": "Forest Department", "sort_order": 80}
    client.post(add, {**named, "code": "forest", "is_active": "on"})
    assert Agency.objects.offered().filter(code="forest").exists()


def test_an_agency_that_was_referred_to_keeps_its_code_and_stays(client, referred, hq):
    police = Agency.objects.get(code="police")
    client.force_login(hq)
    changed = {"name_th": "ตำรวจภูธร", "name_en": "Police", "sort_order": 0, "code": "x"}
    client.post(reverse("agencies:edit", args=[police.pk]), changed)
    police.refresh_from_db()
    assert (police.code, police.name_th, police.is_active) == ("police", "ตำรวจภูธร", False)
    client.post(reverse("agencies:delete", args=[police.pk]))
    assert Agency.objects.filter(pk=police.pk).exists()
    unused = Agency.objects.create(code="nobody", name_th="-", name_en="-")
    client.post(reverse("agencies:delete", args=[unused.pk]))
    assert not Agency.objects.filter(pk=unused.pk).exists()


def test_reference_data_keeps_what_hq_edited(db):
    Agency.objects.filter(code="navy").update(name_th="นรข. เขตหนองคาย")
    Agency.objects.filter(code="oncb").delete()
    load_agencies()
    assert Agency.objects.get(code="navy").name_th == "นรข. เขตหนองคาย"
    assert set(Agency.objects.values_list("code", flat=True)) == set(AGENCIES)
