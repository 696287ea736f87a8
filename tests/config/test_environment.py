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
