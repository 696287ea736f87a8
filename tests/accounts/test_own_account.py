"""One's own account: what a person chooses is kept, with a name on record or without."""

import pytest
from wagtail.users.models import UserProfile

from reporting.views.staff_keys import wants_keys
from tests.factories import MembershipFactory

ACCOUNT = "/admin/account/"
CHOSEN = {
    "locale-preferred_language": "en",
    "theme-theme": "system",
    "theme-contrast": "system",
    "theme-density": "default",
}


@pytest.fixture
def officer(nong_khai):
    return MembershipFactory(centre=nong_khai, role="officer").user


def name(person, first: str, last: str) -> None:
    person.first_name, person.last_name = first, last
    person.save()


@pytest.mark.django_db
def test_who_has_no_name_on_record_can_turn_the_keys_off(client, officer):
    name(officer, "", "")
    client.force_login(officer)
    assert wants_keys(officer)
    client.post(ACCOUNT, CHOSEN)
    profile = UserProfile.objects.get(user=officer)
    assert (profile.keyboard_shortcuts, profile.preferred_language) == (False, "en")


@pytest.mark.django_db
def test_who_has_a_name_on_record_does_not_lose_it_by_a_slip(client, officer):
    name(officer, "Malee", "Srisuk")
    client.force_login(officer)
    answer = client.post(ACCOUNT, CHOSEN | {"name_email-first_name": "Malee"})
    assert answer.status_code == 200
    officer.refresh_from_db()
    assert officer.last_name == "Srisuk"
    assert wants_keys(officer)
    names = {"name_email-first_name": "Malee", "name_email-last_name": "Srisuk-Kham"}
    client.post(ACCOUNT, CHOSEN | names)
    officer.refresh_from_db()
    assert officer.last_name == "Srisuk-Kham"


@pytest.mark.django_db
def test_strangers_are_sent_to_the_sign_in(client):
    answer = client.get(ACCOUNT)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/")
