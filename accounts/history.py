"""Writing the log of accounts."""

from typing import Any

from wagtail.log_actions import get_active_log_context

from accounts.models import AccountLog
from home.models import User


def record(
    action: str, person: User, *, by: User | None, reason: str = "", **data: Any
) -> AccountLog:
    """Adds what somebody did with a person's account; `by` is nobody for a command."""
    return AccountLog.objects.create(
        actor=by, person=person, action=action, reason=reason, data=data
    )


def who_acts() -> User | None:
    """Whose request this is, where a signal tells only what was saved."""
    user = get_active_log_context().user
    return user if isinstance(user, User) else None
