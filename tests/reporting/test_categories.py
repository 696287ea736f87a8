"""Categories: editors own the words, and cannot stop a report from being filed or closed well."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from reporting.models import Category, ReportingSettings
from tests.factories import CategoryFactory, UserFactory, file_report

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    from django.contrib.auth.models import Permission

    user = UserFactory()
    user.user_permissions.add(Permission.objects.get(codename="change_category"))
    return user


def edit(client, category, **words):
    address = reverse("wagtailsnippets_reporting_category:edit", args=[category.pk])
    form = {
        "code": category.code,
        "name_th": category.name_th,
        "name_en": category.name_en,
        "sort_order": "0",
        "is_active": "on",
        **words,
    }
    client.post(address, form)
    category.refresh_from_db()
    return category


def test_an_editor_changes_the_words_and_not_the_clock_or_the_countersignature(client, editor):
    category = CategoryFactory(is_serious=True, moderate_hours=6)
    client.force_login(editor)
    edit(client, category, name_th="ถ้อยคำใหม่", moderate_hours="9999", is_serious="")
    assert category.name_th == "ถ้อยคำใหม่"
    assert (category.is_serious, category.moderate_hours) == (True, 6)


def test_a_superuser_changes_the_clock_within_reason(admin_client):
    category = CategoryFactory(moderate_hours=6)
    assert edit(admin_client, category, moderate_hours="2147483647").moderate_hours == 6
    assert edit(admin_client, category, moderate_hours="12").moderate_hours == 12


def test_the_clocks_of_all_reports_have_a_ceiling(db):
    clocks = ReportingSettings.load()
    clocks.close_days = 10**9
    with pytest.raises(ValidationError):
        clocks.full_clean()


def test_a_category_is_retired_and_never_deleted(admin_client):
    category = CategoryFactory()
    file_report(category=category)
    address = reverse("wagtailsnippets_reporting_category:delete", args=[category.pk])
    assert admin_client.post(address).status_code in (302, 403)
    bulk = reverse("wagtail_bulk_action", args=["reporting", "category", "delete"])
    assert admin_client.post(f"{bulk}?id={category.pk}").status_code < 500
    assert Category.objects.filter(pk=category.pk).exists()
