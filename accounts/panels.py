"""What Wagtail's page about one's own account says of signing in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views.account import BaseSettingsPanel

from accounts.second_factor import has_factor


class SigningInPanel(BaseSettingsPanel):
    name = "signing_in"
    title = _("Signing in")
    order = 500
    template_name = "accounts/signing_in_panel.html"

    def get_form(self) -> forms.Form:
        """Wagtail asks every panel for a form; this one only leads on."""
        return forms.Form()

    def get_context_data(self) -> dict[str, Any]:
        return {"has_factor": has_factor(self.user)}
