"""`manage.py keys`: made once, added to, never changed, never shown."""

import json
import stat
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from reporting import sealing
from tests.factories import CentreFactory

pytestmark = pytest.mark.django_db


def keys(*words) -> str:
    out = StringIO()
    call_command("keys", *words, stdout=out)
    return out.getvalue()


def test_a_key_is_made_for_the_office_and_each_centre(tmp_path, settings):
    centre = CentreFactory()
    keys("create", "--out", str(tmp_path))
    settings.REPORT_PUBLIC_KEYS = str(tmp_path / "public.json")
    settings.REPORT_PRIVATE_KEYS = str(tmp_path / "private.json")
    sealed, names = sealing.seal(b"text", to=[centre.key_name])
    assert names == sorted([centre.key_name, "hq"])
    assert sealing.open_sealed(sealed, sealed_to=names) == b"text"


def test_private_keys_are_the_owners_alone(tmp_path):
    keys("create", "--out", str(tmp_path))
    assert stat.S_IMODE((tmp_path / "private.json").stat().st_mode) == 0o600


def test_a_further_district_gets_a_key_and_the_others_keep_theirs(tmp_path):
    keys("create", "--out", str(tmp_path))
    before = json.loads((tmp_path / "private.json").read_text())
    centre = CentreFactory()
    assert "1 keys made" in keys("create", "--out", str(tmp_path))
    after = json.loads((tmp_path / "private.json").read_text())
    assert after.keys() - before.keys() == {centre.key_name}
    assert {name: after[name] for name in before} == before


def test_a_list_shows_no_private_key(tmp_path):
    keys("create", "--out", str(tmp_path))
    listed = keys("list", "--out", str(tmp_path))
    assert "hq\tage1" in listed
    assert "SECRET" not in listed


def test_what_is_not_a_keyring_is_left_alone(tmp_path):
    (tmp_path / "public.json").write_text("not a keyring")
    with pytest.raises(CommandError):
        keys("create", "--out", str(tmp_path))
    assert (tmp_path / "public.json").read_text() == "not a keyring"
