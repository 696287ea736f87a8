"""Asking somebody who is signed in for their second factor once more, before what weighs much.

An unlocked screen or a stolen session must not be enough for that. allauth asks and remembers; a
password alone never counts here.
"""

import time
from typing import Any
from urllib.parse import urlencode

from allauth.account import app_settings
from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse


def has_confirmed(request: HttpRequest) -> bool:
    """Whether the person showed their second factor in the last minutes, at the sign-in or since.

    Where none is demanded (the demo) nobody is asked.
    """
    if not settings.SECOND_FACTOR_REQUIRED:
        return True
    records = get_authentication_records(request, request.user)
    shown = [record["at"] for record in records if record.get("method") == "mfa"]
    return bool(shown) and time.time() - max(shown) < app_settings.REAUTHENTICATION_TIMEOUT


class ConfirmedMixin:
    """A view that looks at nothing it was sent until the person has shown their second factor.

    Which views ask is said by this class among their bases, and nowhere else. A report's gate comes
    before it. What a view looks up itself (ticked reports, a list) it looks up afterwards.
    """

    request: Any

    def needs_confirming(self) -> bool:
        return True

    def comes_back_to(self) -> str:
        """Where the person goes on; an address, because a form cannot be sent for them."""
        return str(self.request.get_full_path())

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.needs_confirming() and not has_confirmed(request):
            address = urlencode({"next": self.comes_back_to()})
            return HttpResponseRedirect(f"{reverse('account_reauthenticate')}?{address}")
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response
