"""What the server does with a key's answers; a real ceremony is in tests/browser."""

import json

import pytest

from tests.accounts.conftest import is_signed_in

pytestmark = pytest.mark.usefixtures("demanded")

AUTHENTICATE = "/admin/account/factor/authenticate/"
ADD = "/admin/account/factor/webauthn/add/"
NONSENSE = [
    "",
    "x",
    "[]",
    '"x"',
    "7",
    "{}",
    '{"id": "x", "response": {}}',
    json.dumps(
        {
            "id": "AA",
            "rawId": "AA",
            "type": "public-key",
            "response": {"clientDataJSON": "!", "authenticatorData": "AA", "signature": "AA"},
        }
    ),
    json.dumps(
        {
            "id": "AA",
            "rawId": "AA",
            "type": "public-key",
            "response": {"clientDataJSON": "e30", "attestationObject": "oA"},
        }
    ),
]


@pytest.mark.parametrize("said", NONSENSE)
def test_nonsense_in_place_of_a_keys_answer_opens_nothing(client, with_app, type_password, said):
    type_password()
    answer = client.post(AUTHENTICATE, {"credential": said})
    assert answer.status_code == 200
    assert answer.context["webauthn_form"].errors
    assert not is_signed_in(client)


@pytest.mark.parametrize("said", NONSENSE)
def test_nonsense_in_place_of_a_new_key_is_refused(client, officer, type_password, said):
    type_password()
    client.get(ADD)
    answer = client.post(ADD, {"name": "x", "credential": said})
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not officer.authenticator_set.exists()


def test_a_key_is_asked_for_only_where_there_is_one(client, with_app, type_password):
    type_password()
    page = client.get(AUTHENTICATE).content.decode()
    assert 'name="code"' in page
    assert 'id="use-key"' not in page


def test_a_key_keeps_the_user_name_and_no_address(client, officer, type_password):
    type_password()
    told = client.get(ADD).context["js_data"]["creation_options"]["publicKey"]
    assert told["user"]["name"] == told["user"]["displayName"] == "officer-a"
    assert told["rp"]["id"] == "testserver"
    assert "@" not in json.dumps(told, default=str)
