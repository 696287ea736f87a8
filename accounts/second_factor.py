"""Whether a session used its second factor, and what is open to one that did not."""

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest

FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]

# All that an account without a factor can reach: setting one up, and leaving.
WAY = frozenset(
    {
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "account_reauthenticate",
        "wagtailadmin_logout",
    }
)


def has_factor(user: Any) -> bool:
    return is_mfa_enabled(user, FACTORS)


def was_used(request: HttpRequest) -> bool:
    """Whether a second factor was shown in this session. Asks the session alone, no table."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)


def is_missing(request: HttpRequest) -> bool:
    """Whether somebody is signed in with a password alone where that is too little."""
    return (
        settings.SECOND_FACTOR_REQUIRED and request.user.is_authenticated and not was_used(request)
    )


def note_set_up(request: HttpRequest, user: Any, authenticator: Authenticator) -> None:
    """Whoever has just set a factor up has shown it: the app's code, or the key's answer."""
    record_authentication(
        request,
        user,
        "mfa",
        id=authenticator.pk,
        type=authenticator.type,
        reauthenticated=True,
    )
