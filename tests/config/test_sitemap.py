import pytest
from django.core.management import call_command

pytestmark = pytest.mark.django_db


def test_the_sitemap_lists_both_languages_and_no_staff_page(client):
    call_command("load_reference_data", verbosity=0)
    text = client.get("/sitemap.xml").content.decode()
    for path in ("/th/", "/en/", "/th/articles/", "/en/report/"):
        assert f"{path}</loc>" in text
    assert "/admin/" not in text
