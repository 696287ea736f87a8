"""Changing somebody's mail address there would hand over the account: the next letter with a link
to a new password goes to it. /admin/accounts/ writes it into the log and tells the former address.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.users.forms import UserEditForm
from wagtail.users.views.users import UserViewSet


class PersonForm(UserEditForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        email = self.fields["email"]
        email.disabled = True
        email.required = False
        email.help_text = _("The project office changes it under Accounts.")


class PeopleViewSet(UserViewSet):
    def get_form_class(self, for_update: bool = False) -> type:
        return PersonForm if for_update else super().get_form_class(for_update)
