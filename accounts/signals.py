"""What other apps tell us: sign-ins, factors, passwords, roles, groups and superuser rights."""

import time
from collections.abc import Iterable
from typing import Any

from allauth.account.internal.flows.login import clear_authentication_records
from allauth.account.signals import password_changed, password_reset
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.contrib.auth.models import Group
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save
from django.dispatch import receiver

from accounts import second_factor, sessions
from accounts.history import record, who_acts
from accounts.models import AccountLog
from home.models import User
from reporting.models import Membership

Action = AccountLog.Action


@receiver(user_logged_in)
def begin_session(sender: Any, request: Any, user: User, **kwargs: Any) -> None:
    sessions.begin(request.session, time.time())


@receiver(authenticator_added)
def factor_added(sender: Any, request: Any, user: User, authenticator: Any, **kwargs: Any) -> None:
    if authenticator.type not in second_factor.FACTORS:
        return
    record(Action.ADD_FACTOR, user, by=user, type=authenticator.type)
    second_factor.note_set_up(request, user, authenticator)
    sessions.end_others(request, user)


@receiver(authenticator_removed)
def factor_removed(
    sender: Any, request: Any, user: User, authenticator: Any, **kwargs: Any
) -> None:
    """Without a factor left, this session too has to set one up before it goes on."""
    if authenticator.type not in second_factor.FACTORS:
        return
    record(Action.REMOVE_FACTOR, user, by=user, type=authenticator.type)
    sessions.end_others(request, user)
    if not second_factor.has_factor(user):
        clear_authentication_records(request)


@receiver([password_changed, password_reset])
def password_replaced(sender: Any, user: User, **kwargs: Any) -> None:
    record(Action.CHANGE_PASSWORD, user, by=user)


@receiver(post_save, sender=Membership)
def role_saved(sender: Any, instance: Membership, created: bool, raw: bool, **kwargs: Any) -> None:
    if raw:  # a row that is loaded back, with the log that tells of it
        return
    action = Action.GIVE_ROLE if created else Action.CHANGE_ROLE
    record(action, instance.user, by=who_acts(), **_role(instance))


@receiver(post_delete, sender=Membership)
def role_removed(sender: Any, instance: Membership, origin: Any, **kwargs: Any) -> None:
    """Unless the person is being deleted: nothing may then stand on their row any more."""
    if isinstance(origin, Membership):
        record(Action.REMOVE_ROLE, instance.user, by=who_acts(), **_role(instance))


@receiver(pre_save, sender=User)
def remember_superuser(
    sender: Any, instance: User, raw: bool, update_fields: Any, **kwargs: Any
) -> None:
    """What the row says now: a form has changed the instance long before it is saved."""
    is_left_alone = raw or (update_fields is not None and "is_superuser" not in update_fields)
    instance._was_superuser = (  # type: ignore[attr-defined]
        instance.is_superuser
        if is_left_alone
        else bool(instance.pk) and User.objects.filter(pk=instance.pk, is_superuser=True).exists()
    )


@receiver(post_save, sender=User)
def superuser_saved(sender: Any, instance: User, **kwargs: Any) -> None:
    if instance.is_superuser != instance._was_superuser:  # type: ignore[attr-defined]
        action = Action.MAKE_SUPERUSER if instance.is_superuser else Action.UNMAKE_SUPERUSER
        record(action, instance, by=who_acts())


@receiver(m2m_changed, sender=User.groups.through)
def groups_changed(
    sender: Any, instance: Any, action: str, reverse: bool, pk_set: Any, **kwargs: Any
) -> None:
    """One entry for each person, from whichever side they were changed."""
    if action not in {"post_add", "pre_remove", "pre_clear"}:
        return
    held = instance.user_set if reverse else instance.groups
    if action == "post_add":
        chosen = held.filter(pk__in=pk_set)
    else:  # those that are there to be taken away
        chosen = held.all() if pk_set is None else held.filter(pk__in=pk_set)
    people, groups = (chosen, [instance]) if reverse else ([instance], list(chosen))
    _record_groups(people, groups, word="added" if action == "post_add" else "removed")


def _record_groups(people: Iterable[User], groups: list[Group], *, word: str) -> None:
    names = sorted(group.name for group in groups)
    if names:
        for person in people:
            changed: dict[str, Any] = {word: names}
            record(Action.CHANGE_GROUPS, person, by=who_acts(), **changed)


def _role(membership: Membership) -> dict[str, Any]:
    return {
        "role": membership.role,
        "centre": membership.centre.district.code if membership.centre else "",
        "from": str(membership.starts_on),
        "until": str(membership.ends_on or ""),
    }
