"""Wagtail's screens of people and groups, which superusers have, as far as they are ours.

Changing somebody's mail address there would hand over the account: the next letter with a link to
a new password goes to it. /admin/accounts/ writes it into the log and tells the former address.
What else is changed here goes into the log of accounts too; superuser rights and a person's groups
do so wherever they are changed (accounts.signals).
"""

from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from wagtail.users.forms import UserEditForm
from wagtail.users.views import groups, users

from accounts import rights, sessions
from accounts.history import record
from accounts.models import AccountLog
from home.models import User

Action = AccountLog.Action
NAMES = ("username", "first_name", "last_name")


class PersonForm(UserEditForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        email = self.fields["email"]
        email.disabled = True
        email.required = False
        email.help_text = _("The project office changes it under Accounts.")


class MakePerson(users.CreateView):
    @transaction.atomic
    def save_instance(self) -> User:
        person: User = super().save_instance()
        record(Action.CREATE, person, by=self.request.user)
        return person


class EditPerson(users.EditView):
    @transaction.atomic
    def save_instance(self) -> User:
        person: User = super().save_instance()
        changed = self.form.changed_data
        if names := [name for name in NAMES if name in changed]:
            record(Action.EDIT, person, by=self.request.user, fields=names)
        if "is_active" in changed:
            note_opened_or_closed(person, by=self.request.user)
        return person


def note_opened_or_closed(person: User, *, by: Any) -> None:
    """Logs that a screen of Wagtail opened or closed an account; a closed one is signed out."""
    record(Action.ACTIVATE if person.is_active else Action.DEACTIVATE, person, by=by)
    if not person.is_active:
        sessions.end_all(person)


class PeopleViewSet(users.UserViewSet):
    add_view_class = MakePerson
    edit_view_class = EditPerson

    def get_form_class(self, for_update: bool = False) -> type:
        return PersonForm if for_update else super().get_form_class(for_update)


class Logged:
    """One entry for all that a form changes in a group, its pages and collections included."""

    @transaction.atomic
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        before = rights.of_group(kwargs.get("pk"))
        response: HttpResponseBase = super().post(request, *args, **kwargs)  # type: ignore[misc]
        after = rights.of_group(kwargs.get("pk") or self.object.pk)  # type: ignore[attr-defined]
        if before != after:
            _record_group(before, after, by=request.user)
        return response


def _record_group(before: rights.Rights | None, after: rights.Rights | None, *, by: Any) -> None:
    if before is None:
        action = Action.MAKE_GROUP
    else:
        action = Action.CHANGE_GROUP if after else Action.REMOVE_GROUP
    had = before.rights if before else frozenset()
    has = after.rights if after else frozenset()
    names = dict.fromkeys(state.name for state in (before, after) if state)
    record(
        action,
        None,
        by=by,
        group=" → ".join(names),
        added=sorted(has - had),
        removed=sorted(had - has),
    )


class MakeGroup(Logged, groups.CreateView):
    pass


class EditGroup(Logged, groups.EditView):
    pass


class RemoveGroup(Logged, groups.DeleteView):
    def delete_action(self) -> None:
        self.object.user_set.clear()  # or nobody would learn who was in it
        super().delete_action()


class GroupsViewSet(groups.GroupViewSet):
    add_view_class = MakeGroup
    edit_view_class = EditGroup
    delete_view_class = RemoveGroup
