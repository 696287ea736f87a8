"""Places, centres and people in the admin: a new district works without a release."""

import json
import re

import pytest
from django.urls import reverse
from wagtail.admin.menu import admin_menu, help_menu

from home.models import Crossing, District, Province, Subdistrict
from reporting import sealing
from reporting.lifecycle import move
from reporting.models import CoordinationCentre, Membership, SealedText
from tests.factories import DistrictFactory, ProvinceFactory, UserFactory, file_report

PLACES = ("provinces", "districts", "subdistricts", "counterparts", "crossings")
CENTRES = ("centres", "memberships")
NARRATIVE = "มีคนแปลกหน้าข้ามฝั่งมาตอนเช้ามืด"


@pytest.fixture
def admin(client, db):
    client.force_login(UserFactory(is_superuser=True))
    return client


@pytest.mark.parametrize("name", [*PLACES, *CENTRES])
def test_lists_and_forms_open_for_whoever_may(admin, name):
    for screen in ("index", "add"):
        assert admin.get(reverse(f"{name}:{screen}")).status_code == 200


@pytest.mark.parametrize("name", [*PLACES, *CENTRES])
def test_officers_meet_none_of_them(client, nong_khai, member, name):
    client.force_login(member(nong_khai, "officer"))
    for screen in ("index", "add"):
        answer = client.get(reverse(f"{name}:{screen}"))
        assert answer.status_code == 302
        assert answer["Location"] == reverse("wagtailadmin_home")


def menu_names(client) -> set[str]:
    request = client.get("/admin/").wsgi_request
    return {item.name for item in admin_menu.menu_items_for_request(request)}


def test_the_menu_shows_what_a_person_can_use(client, nong_khai, member, hq, admin):
    assert {"places", "centres"} <= menu_names(admin)
    assert "report-queue" not in menu_names(admin)
    for person in (member(nong_khai, "officer"), hq):
        client.force_login(person)
        names = menu_names(client)
        assert "report-queue" in names
        assert names.isdisjoint({"places", "reports", "access-log", "settings"})
        # HQ gives roles and looks after accounts.
        assert names & {"centres", "accounts"} == (
            {"centres", "accounts"} if person == hq else set()
        )
    request = client.get("/admin/account/").wsgi_request  # of HQ, so far
    request.user = member(nong_khai, "coordinator")
    names = {item.name for item in admin_menu.menu_items_for_request(request)}
    assert "intake" in names
    assert names.isdisjoint({"report-queue", "access-log", "places", "centres"})


def test_the_first_page_calls_nothing_outside(admin):
    page = admin.get("/admin/").content.decode()
    assert "releases.wagtail.org" not in page
    assert re.findall(r'(?:src|srcset|action)="(?:https?:)?//[^"]*', page) == []
    assert help_menu.menu_items_for_request(admin.get("/admin/").wsgi_request) != []
    assert "What&#x27;s new" not in page


def test_a_crossings_status_is_changed_and_filtered(admin):
    district = DistrictFactory()
    crossing = Crossing.objects.create(
        district=district, kind="permanent", name_th="จุดผ่านแดนทดสอบ", name_en="Test crossing"
    )
    answer = admin.post(
        reverse("crossings:edit", args=[crossing.pk]),
        {
            "status": "closed",
            "status_note_th": "ปิดชั่วคราว",
            "name_th": crossing.name_th,
            "name_en": crossing.name_en,
            "kind": crossing.kind,
            "district": district.pk,
        },
    )
    assert answer.status_code == 302
    crossing.refresh_from_db()
    assert crossing.status == "closed"
    for status, count in (("closed", 1), ("open", 0)):
        found = admin.get(reverse("crossings:index"), {"status": status})
        assert found.content.decode().count("จุดผ่านแดนทดสอบ") >= count
        assert bool(count) == ("จุดผ่านแดนทดสอบ" in found.content.decode())


def test_a_district_in_use_is_kept_and_its_reports_are_not_named(admin, nong_khai):
    report = file_report(district=nong_khai.district)
    answer = admin.post(reverse("districts:delete", args=[nong_khai.district_id]), follow=True)
    assert answer.status_code == 200
    assert report.reference not in answer.content.decode()
    assert District.objects.filter(pk=nong_khai.district_id).exists()
    spare = DistrictFactory()
    admin.post(reverse("districts:delete", args=[spare.pk]))
    assert not District.objects.filter(pk=spare.pk).exists()


@pytest.mark.parametrize(
    ("role", "has_centre"), [("hq", True), ("officer", False), ("coordinator", False)]
)
def test_a_role_has_its_place(admin, nong_khai, role, has_centre):
    person = UserFactory()
    answer = admin.post(
        reverse("memberships:add"),
        {
            "user": person.pk,
            "role": role,
            "centre": nong_khai.pk if has_centre else "",
            "starts_on": "2026-01-01",
        },
    )
    assert answer.status_code == 200
    assert "centre" in answer.context["form"].errors
    assert not Membership.objects.filter(user=person).exists()


def test_a_new_district_gets_a_working_queue_without_a_release(admin, client, settings, keyrings):
    """Its name is in no keyring either: the office's key covers it until it has its own."""
    assert "9901" not in json.loads(settings.REPORT_PUBLIC_KEYS)
    province = ProvinceFactory()
    admin.post(
        reverse("districts:add"),
        {
            "code": "9901",
            "province": province.pk,
            "name_th": "อำเภอใหม่",
            "name_en": "New district",
            "is_active": "on",
            "is_target": "on",
        },
    )
    district = District.objects.get(code="9901")
    admin.post(reverse("centres:add"), {"district": district.pk, "is_active": "on"})
    centre = CoordinationCentre.objects.get(district=district)
    people = {role: UserFactory() for role in ("chief", "officer")}
    for role, person in people.items():
        admin.post(
            reverse("memberships:add"),
            {"user": person.pk, "role": role, "centre": centre.pk, "starts_on": "2026-01-01"},
        )
    assert centre.memberships.count() == 2

    report = file_report(district=district, narrative=NARRATIVE)
    assert report.centre == centre
    assert SealedText.objects.get(report=report).sealed_to == [sealing.HQ]
    client.force_login(people["officer"])
    listed = client.get("/admin/reports/")
    assert [row.reference for row in listed.context["rows"]] == [report.reference]
    read = client.post(reverse("reports:read", args=[report.reference]))
    assert NARRATIVE in read.content.decode()
    assert client.post(reverse("reports:accept", args=[report.reference])).status_code == 302
    move(report, "verify", by=people["officer"])


def test_places_are_added_through_their_screens(admin):
    admin.post(reverse("provinces:add"), {"code": "99", "name_th": "จังหวัดใหม่", "name_en": "New"})
    province = Province.objects.get(code="99")
    district = DistrictFactory(province=province)
    admin.post(
        reverse("subdistricts:add"),
        {
            "code": "990101",
            "name_th": "ตำบลใหม่",
            "name_en": "New subdistrict",
            "district": district.pk,
        },
    )
    assert Subdistrict.objects.get(code="990101").district == district
