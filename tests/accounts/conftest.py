"""People who sign in, and the app on their telephone."""

import time

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext, override

from tests.factories import MembershipFactory, UserFactory

PASSWORD = "ข้ามโขงตอนเช้า-2569"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def password() -> str:
    return PASSWORD


@pytest.fixture
def officer(db):
    """Somebody with a password and a mail address, and no second factor yet."""
    return UserFactory(
        username="officer-a", email="officer-a@dopa.example", password=make_password(PASSWORD)
    )


@pytest.fixture
def hq_person(officer):
    MembershipFactory(user=officer, role="hq")
    return officer


@pytest.fixture
def with_app(officer):
    """The same person with an app and recovery codes set up."""
    totp.TOTP.activate(officer, SECRET)
    RecoveryCodes.activate(officer)
    return officer


@pytest.fixture
def code():
    """code() is what the app shows now; code(secret) what another app shows."""

    def now(secret: str = SECRET) -> str:
        counter = int(time.time()) // 30
        return totp.format_hotp_value(totp.hotp_value(secret, counter))

    return now


@pytest.fixture
def type_password(client):
    """type_password("officer-a", "…") posts the sign-in form as the page does."""

    def post(username: str = "officer-a", words: str = PASSWORD, browser=client, **more):
        return browser.post(
            "/admin/login/", {"username": username, "password": words, "next": "/admin/", **more}
        )

    return post


@pytest.fixture
def demanded(settings):
    """The second factor is demanded, as in production."""
    settings.SECOND_FACTOR_REQUIRED = True


def thai(words: str) -> str:
    """The words as a page says them to whoever did not choose a language."""
    with override("th"):
        return gettext(words)


def is_signed_in(client) -> bool:
    """Whether the client's session opens the admin's first page."""
    return client.get("/admin/").status_code == 200
