"""The bucket for editors' files, made on a real S3-compatible server."""

import secrets
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from config import environment


@pytest.fixture
def place(settings, storage_url, monkeypatch):
    """place("name") points the settings to a bucket of that name."""

    def point(name: str, **changes: str) -> None:
        url = urlsplit(storage_url)._replace(path=f"/{name}").geturl()
        monkeypatch.setenv("STORAGE_URL", url)
        settings.BUCKET = environment.bucket("STORAGE_URL") | changes

    return point


def test_a_bucket_is_made_once_and_then_left_alone(place, capsys):
    from home.bucket import OriginalsInBucket

    place(f"made-{secrets.token_hex(8)}")
    call_command("make_bucket")
    storage = OriginalsInBucket()
    storage.bucket.put_object(Key="a", Body=b"kept")
    call_command("make_bucket")
    said = capsys.readouterr().out
    assert said.splitlines() == ["The bucket was made.", "The bucket is there."]
    assert storage.bucket.Object("a").get()["Body"].read() == b"kept"
    grants = storage.bucket.Acl().grants
    assert grants
    assert not any("URI" in grant["Grantee"] for grant in grants)  # nobody but its owner


def test_what_storage_refuses_is_said_without_the_secret(place):
    place("ab", secret_key="planted-secret")  # too short a name
    with pytest.raises(CommandError, match="Storage refused") as refusal:
        call_command("make_bucket")
    assert "planted-secret" not in str(refusal.value)


def test_storage_that_does_not_answer_is_said(place):
    place("anything", endpoint_url="http://127.0.0.1:9")
    with pytest.raises(CommandError, match="does not answer"):
        call_command("make_bucket")


def test_nothing_is_made_where_files_lie_in_a_folder(settings, capsys):
    settings.BUCKET = {}
    call_command("make_bucket")
    assert "folder" in capsys.readouterr().out
