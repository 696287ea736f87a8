"""What the environment may say, and what it is told when it says it wrongly."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment


def test_a_mail_server_is_read_from_one_address(monkeypatch):
    monkeypatch.setenv("EMAIL_URL", "smtps://post%40office:p%2Fw@mail.example")
    backend, host, port, user, password, is_tls = environment.mail_server("EMAIL_URL")
    assert backend.endswith("smtp.EmailBackend")
    assert (host, port, user, password, is_tls) == (
        "mail.example",
        465,
        "post@office",
        "p/w",
        True,
    )


def test_without_a_mail_server_no_mail_is_sent(monkeypatch):
    monkeypatch.delenv("EMAIL_URL", raising=False)
    assert environment.mail_server("EMAIL_URL")[0].endswith("dummy.EmailBackend")


@pytest.mark.parametrize(
    "address", ["http://p4ss@mail.example", "smtp://p4ss@", "p4ss@mail.example:25"]
)
def test_what_is_no_mail_server_is_refused_without_quoting_it(monkeypatch, address):
    monkeypatch.setenv("EMAIL_URL", address)
    with pytest.raises(ImproperlyConfigured) as refused:
        environment.mail_server("EMAIL_URL")
    assert "p4ss" not in str(refused.value)


def test_a_bucket_is_read_from_one_address(monkeypatch):
    monkeypatch.setenv("STORAGE_URL", "s3://k%40y:s%2Fcret@files.example:9000/mekong?insecure=1")
    assert environment.bucket("STORAGE_URL") == {
        "access_key": "k@y",
        "secret_key": "s/cret",
        "bucket_name": "mekong",
        "endpoint_url": "http://files.example:9000",
        "region_name": "us-east-1",
    }


def test_a_bucket_is_spoken_to_by_tls_unless_it_says_otherwise(monkeypatch):
    monkeypatch.setenv("STORAGE_URL", "s3://key:secret@[fd00::1]/mekong?region=th-1")
    bucket = environment.bucket("STORAGE_URL")
    assert (bucket["endpoint_url"], bucket["region_name"]) == ("https://[fd00::1]", "th-1")


def test_without_an_address_files_lie_in_a_folder(monkeypatch):
    monkeypatch.delenv("STORAGE_URL", raising=False)
    assert environment.bucket("STORAGE_URL") == {}


@pytest.mark.parametrize(
    "address",
    [
        "https://key:s3cr3t@host/bucket",
        "s3://key:s3cr3t@host",
        "s3://key:s3cr3t@host/bucket/folder",
        "s3://s3cr3t@host/bucket",
        "s3://key:s3cr3t@/bucket",
        "s3://key:s3cr3t@host:port/bucket",
        "s3://key:s3/cr3t@host/bucket",
        "s3://key:s3cr3t@[host/bucket",
        "s3://key:s3cr3t@host/bucket?insecure=0",
        "s3://key:s3cr3t@host/bucket?public=s3cr3t",
        "s3://key:s3cr3t@host/bucket?s3cr3t",
    ],
)
def test_what_is_no_bucket_is_refused_without_quoting_it(monkeypatch, address):
    monkeypatch.setenv("STORAGE_URL", address)
    with pytest.raises(ImproperlyConfigured, match="STORAGE_URL must be") as refused:
        environment.bucket("STORAGE_URL")
    assert "cr3t" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_search_server_is_read_from_one_address(monkeypatch):
    monkeypatch.setenv("SEARCH_URL", "https://k%40y:s%2Fcret@search.example:9200?ca=/etc/ca.pem")
    assert environment.search_server("SEARCH_URL") == {
        "host": "search.example",
        "port": 9200,
        "url_prefix": "",
        "use_ssl": True,
        "verify_certs": True,
        "http_auth": ["k@y", "s/cret"],
        "ca_certs": "/etc/ca.pem",
    }


def test_inside_one_machine_search_may_do_without_tls_and_password(monkeypatch):
    monkeypatch.setenv("SEARCH_URL", "http://127.0.0.1:9200/search/")
    server = environment.search_server("SEARCH_URL")
    assert (server["use_ssl"], server["url_prefix"]) == (False, "search")
    assert "http_auth" not in server


def test_without_a_search_server_the_database_is_searched(monkeypatch):
    monkeypatch.delenv("SEARCH_URL", raising=False)
    assert environment.search_server("SEARCH_URL") == {}


@pytest.mark.parametrize(
    "address",
    [
        "opensearch://user:s3cr3t@host",
        "https://s3cr3t@host",
        "https://user:s3cr3t@",
        "https://user:s3/cr3t@host",
        "https://user:s3cr3t@host:port",
        "https://user:s3cr3t@[host",
        "https://user:s3cr3t@host#part",
        "http://user:s3cr3t@host?ca=/etc/ca.pem",
        "https://user:s3cr3t@host?verify=s3cr3t",
        "https://user:s3cr3t@host?s3cr3t",
    ],
)
def test_what_is_no_search_server_is_refused_without_quoting_it(monkeypatch, address):
    monkeypatch.setenv("SEARCH_URL", address)
    with pytest.raises(ImproperlyConfigured, match="SEARCH_URL must be") as refused:
        environment.search_server("SEARCH_URL")
    assert "cr3t" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("", "https://api.line.me"),
        ("https://line.example/", "https://line.example"),
        ("http://127.0.0.1:8099", "http://127.0.0.1:8099"),
    ],
)
def test_a_server_that_gets_secrets_is_read_as_it_was_written(monkeypatch, said, read):
    monkeypatch.setenv("LINE_API_URL", said)
    assert environment.server("LINE_API_URL", "https://api.line.me") == read


@pytest.mark.parametrize(
    "said", ["http://line.example", "ftp://127.0.0.1", "https://p4ss:p4ss@line.example", "p4ss"]
)
def test_secrets_are_sent_in_the_clear_inside_one_machine_alone(monkeypatch, said):
    monkeypatch.setenv("LINE_API_URL", said)
    with pytest.raises(ImproperlyConfigured) as refused:
        environment.server("LINE_API_URL", "https://api.line.me")
    assert "p4ss" not in str(refused.value)
