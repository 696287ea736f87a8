"""One's own account: Wagtail's screen, that asks nobody for a name before it keeps a choice."""

from typing import Any

from wagtail.admin.forms.account import NameEmailForm
from wagtail.admin.views.account import AccountView, NameEmailSettingsPanel


class NameForm(NameEmailForm):
    """Demands a name only of whoever has one on record, so that it is not lost by a slip.

    All panels are kept together or not at all: an account without a name, as `createsuperuser`
    makes it, could otherwise choose no language and turn no single keys off.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("first_name", "last_name"):
            self.fields[name].required = bool(getattr(self.instance, name))


class OwnAccountView(AccountView):
    def get_panels(self) -> list[Any]:
        panels: list[Any] = super().get_panels()
        for panel in panels:
            if isinstance(panel, NameEmailSettingsPanel):
                panel.form_class = NameForm
        return panels
