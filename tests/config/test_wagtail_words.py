"""What staff read on Wagtail's screens where Wagtail's own Thai is wrong or missing."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import translation
from django.utils.timesince import timesince

from config.wagtail_words import WORDS
from tests.factories import UserFactory


@pytest.mark.parametrize("word", WORDS)
def test_every_word_has_its_thai(word):
    with translation.override("th"):
        said = translation.gettext(word) if isinstance(word, str) else word % {"num": 2}
    assert any("ก" <= letter <= "๛" for letter in said)


def test_times_past_are_said_in_thai():
    now = datetime(2026, 11, 26, 12)
    with translation.override("th"):
        assert timesince(now - timedelta(minutes=10), now) == "10\xa0นาที"


def test_the_snippets_are_not_called_trivia(client, db):
    client.force_login(UserFactory(is_superuser=True))
    screen = client.get(reverse("wagtailsnippets:index"), headers={"accept-language": "th"})
    assert "ข้อมูลประกอบ" in screen.content.decode()
    assert "เกร็ดเล็กเกร็ดน้อย" not in screen.content.decode()
