import json

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from reporting import sealing


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(plaintext=st.binary(max_size=2000))
def test_what_is_sealed_opens_again(plaintext):
    sealed, names = sealing.seal(plaintext, to=["4301"])
    assert names == ["4301", "hq"]
    assert sealing.open_sealed(sealed, sealed_to=names) == plaintext
    assert len(plaintext) < 8 or plaintext not in sealed


def test_the_project_office_can_always_open(settings, keyrings):
    sealed, names = sealing.seal(b"text", to=["4301"])
    settings.REPORT_PRIVATE_KEYS = json.dumps({"hq": keyrings[1]["hq"]})
    assert sealing.open_sealed(sealed, sealed_to=names) == b"text"


def test_another_districts_key_opens_nothing(settings, keyrings):
    sealed, names = sealing.seal(b"text", to=["4301"])
    settings.REPORT_PRIVATE_KEYS = json.dumps({"3801": keyrings[1]["3801"]})
    with pytest.raises(sealing.SealingUnavailable):
        sealing.open_sealed(sealed, sealed_to=names)
    with pytest.raises(sealing.SealingUnavailable):
        sealing.open_sealed(sealed, sealed_to=["3801"])


def test_a_process_without_private_keys_seals_and_cannot_open(settings):
    settings.REPORT_PRIVATE_KEYS = ""
    sealed, names = sealing.seal(b"text", to=["4301"])
    with pytest.raises(sealing.SealingUnavailable):
        sealing.open_sealed(sealed, sealed_to=names)


def test_without_the_offices_key_nothing_is_sealed(settings):
    settings.REPORT_PUBLIC_KEYS = "{}"
    assert not sealing.has_keys()
    with pytest.raises(sealing.SealingUnavailable):
        sealing.seal(b"text", to=["4301"])


def test_a_place_without_a_key_is_covered_by_the_office():
    sealed, names = sealing.seal(b"text", to=["9999"])
    assert names == ["hq"]
    assert sealing.open_sealed(sealed, sealed_to=names) == b"text"


def test_resealing_takes_the_old_queue_away(settings, keyrings):
    sealed, names = sealing.seal(b"text", to=["4301"])
    again, new_names = sealing.reseal(sealed, sealed_to=names, to=["3801"])
    assert new_names == ["3801", "hq"]
    settings.REPORT_PRIVATE_KEYS = json.dumps({"4301": keyrings[1]["4301"]})
    with pytest.raises(sealing.SealingUnavailable):
        sealing.open_sealed(again, sealed_to=["4301"])


def test_a_replaced_key_still_opens_what_was_sealed_to_it(settings, keyrings):
    public, private = keyrings
    sealed, names = sealing.seal(b"text", to=["4301"])
    new_public, new_private = sealing.new_key()
    settings.REPORT_PUBLIC_KEYS = json.dumps({**public, "4301": [new_public, *public["4301"]]})
    settings.REPORT_PRIVATE_KEYS = json.dumps({"4301": [new_private, *private["4301"]]})
    assert sealing.open_sealed(sealed, sealed_to=names) == b"text"
    sealed, names = sealing.seal(b"newer", to=["4301"])
    assert sealing.open_sealed(sealed, sealed_to=names) == b"newer"


def test_keys_are_read_from_a_file_and_again_when_it_changes(settings, tmp_path):
    path = tmp_path / "public.json"
    path.write_text(json.dumps({"hq": [sealing.new_key()[0]]}))
    settings.REPORT_PUBLIC_KEYS = str(path)
    assert sealing.seal(b"text", to=["4301"])[1] == ["hq"]
    path.write_text(json.dumps({"hq": [sealing.new_key()[0]], "4301": [sealing.new_key()[0]]}))
    assert sealing.seal(b"text", to=["4301"])[1] == ["4301", "hq"]


def test_a_missing_file_of_keys_is_said_plainly(settings, tmp_path):
    settings.REPORT_PUBLIC_KEYS = str(tmp_path / "nowhere.json")
    with pytest.raises(sealing.SealingUnavailable):
        sealing.seal(b"text", to=[])


@pytest.mark.parametrize("broken", ["{", '{"hq": 5}', '{"hq": [5]}', '{"hq": ["no key"]}', "[1]"])
def test_broken_keys_are_said_plainly_and_never_quoted(settings, broken, tmp_path):
    path = tmp_path / "keys.json"
    path.write_text(broken)
    for source in (str(path), broken):
        settings.REPORT_PUBLIC_KEYS = source
        with pytest.raises(sealing.SealingUnavailable) as refusal:
            sealing.seal(b"text", to=["4301"])
        assert "no key" not in str(refusal.value)


def test_resealing_keeps_the_receipt_able_to_open(settings, keyrings):
    receipt_key, identity = sealing.new_key()
    sealed, names = sealing.seal(b"text", to=["4301"], receipt_key=receipt_key)
    again, new_names = sealing.reseal(sealed, sealed_to=names, to=["3801"], receipt_key=receipt_key)
    assert new_names == ["3801", "hq", "receipt"]
    assert sealing.open_with(again, [identity]) == b"text"
    settings.REPORT_PRIVATE_KEYS = json.dumps({"4301": keyrings[1]["4301"]})
    with pytest.raises(sealing.SealingUnavailable):
        sealing.open_sealed(again, sealed_to=new_names)


def test_a_key_of_a_receipt_that_is_none_seals_nothing_and_is_not_quoted():
    with pytest.raises(sealing.SealingUnavailable) as refusal:
        sealing.seal(b"text", to=[], receipt_key="no key")
    assert "no key" not in str(refusal.value)
