"""The pages that people were told the address of: no slip of an editor's takes them away."""

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.urls import reverse

from config.site_tree import EDITORS, ensure_groups, ensure_site
from home.models import SiteSettings, StandardPage
from reporting.models import ReportFormPage
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def door(client):
    """The report form, looked at by an editor, who may delete whatever else there is."""
    ensure_site()
    ensure_groups()
    editor = UserFactory()
    editor.groups.add(Group.objects.get(name=EDITORS))
    client.force_login(editor)
    return ReportFormPage.objects.get(locale__language_code="th")


@pytest.mark.parametrize("screen", ["delete", "unpublish", "move"])
def test_no_editor_takes_the_report_form_or_the_home_page_away(client, door, screen):
    article = StandardPage.objects.filter(locale=door.locale).first()
    assert client.get(reverse(f"wagtailadmin_pages:{screen}", args=[article.pk])).status_code == 200
    for page in (door, door.get_parent()):
        address = reverse(f"wagtailadmin_pages:{screen}", args=[page.pk])
        assert client.post(address).status_code == 302
        page.refresh_from_db()
        assert page.live
    assert client.get("/th/report/").status_code == 200
    client.force_login(UserFactory(is_superuser=True))
    assert client.get(reverse(f"wagtailadmin_pages:{screen}", args=[door.pk])).status_code == 200


def test_an_editor_changes_the_forms_words_and_neither_its_address_nor_its_readers(client, door):
    page = client.get(reverse("wagtailadmin_pages:edit", args=[door.pk])).content.decode()
    assert 'name="danger_text"' in page
    for name in ("slug", "expire_at", "go_live_at"):
        assert f'name="{name}"' not in page
    privacy = reverse("wagtailadmin_pages:set_privacy", args=[door.pk])
    assert client.get(privacy).status_code == 302


def test_where_the_quick_exit_leads_is_a_superusers_to_say(client, door):
    address = reverse("wagtailsettings:edit", args=["home", "sitesettings", door.get_site().pk])
    assert 'name="quick_exit_url"' not in client.get(address).content.decode()
    client.force_login(UserFactory(is_superuser=True))
    assert 'name="quick_exit_url"' in client.get(address).content.decode()
    settings = SiteSettings(site=door.get_site(), quick_exit_url="http://example.test/")
    with pytest.raises(ValidationError, match="quick_exit_url"):
        settings.full_clean()
