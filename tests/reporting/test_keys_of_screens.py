"""Single keys of the staff's screens: one meaning each, off for whoever does not want them."""

import pytest
from django.urls import reverse
from wagtail.users.models import UserProfile

from reporting.lifecycle import BY_RECEIPT, TRANSITIONS
from reporting.views import staff_keys
from tests.factories import file_report


@pytest.fixture
def officer(nong_khai, member):
    return member(nong_khai, "officer")


def pages(client, person, report) -> list[str]:
    client.force_login(person)
    return [
        client.get(path).content.decode()
        for path in ("/admin/reports/", reverse("reports:report", args=[report.reference]))
    ]


def test_every_step_of_staff_has_a_letter_of_its_own():
    steps = {name for name, step in TRANSITIONS.items() if step.permission != BY_RECEIPT}
    assert steps | {"message"} == set(staff_keys.STEPS)
    letters = [*staff_keys.STEPS.values(), staff_keys.READ, staff_keys.BACK, staff_keys.HIDE]
    assert len({*letters, "j", "k", "x"}) == len(letters) + 3


def test_keys_are_there_until_a_person_turns_them_off(client, officer, nong_khai):
    report = file_report(district=nong_khai.district)
    for page in pages(client, officer, report):
        assert "reporting/keys.js" in page
        assert 'id="report-keys"' in page
    UserProfile.objects.update_or_create(user=officer, defaults={"keyboard_shortcuts": False})
    for page in pages(client, officer, report):
        assert "reporting/keys.js" not in page
        assert 'id="report-keys"' not in page


def test_the_page_of_a_report_names_the_keys_of_the_steps_that_are_open(client, officer, nong_khai):
    report = file_report(district=nong_khai.district)
    client.force_login(officer)
    answer = client.get(reverse("reports:report", args=[report.reference]))
    keys = [one.key for one in answer.context["keys"]]
    assert staff_keys.STEPS["accept"] in keys
    assert staff_keys.STEPS["close"] not in keys
    assert len(keys) == len(set(keys))
