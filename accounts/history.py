"""Writing and checking the log of accounts."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from wagtail.log_actions import get_active_log_context

from accounts.models import AccountLog, AccountLogEnd, AddedOnly
from home import chain
from home.chain import Break
from home.models import User

END = 1  # the only row of its table


@transaction.atomic
def record(
    action: str, person: User | None, *, by: User | None, reason: str = "", **data: Any
) -> AccountLog:
    """Adds what somebody did with a person's account; `by` is nobody for a command.

    Entries follow each other: from here to the end of the transaction nobody else adds one. An end
    that is not ours is not followed: to sign it anew would hide what was cut off before it.
    """
    end = _locked_end()
    entry = AccountLog(
        number=end.number + 1,
        actor=by,
        person=person,
        action=str(action),
        reason=reason,
        data=data,
        previous=end.digest if end.is_ours() else chain.LOST,
    )
    entry.digest = entry.computed_digest()
    entry.save()
    end.move_to(entry)
    return entry


def breaks() -> Iterator[Break]:
    """Every place where the log does not read as it was written; number 0 is said of its end."""
    # Read before the entries: what is added meanwhile stands behind it.
    end = AccountLogEnd.objects.filter(pk=END).first()
    entries = AccountLog.objects.chained()
    yield from chain.breaks(entries.iterator())
    if not _is_reached(end, entries):
        yield Break(0, "the last entries are missing, or its end was moved")
    if outside := AccountLog.objects.outside().count():
        yield Break(0, f"entries that no chain holds: {outside}")


def _is_reached(end: AccountLogEnd | None, entries: AddedOnly) -> bool:
    if end is None or not end.is_ours():
        return False
    if not end.number:
        return not entries.exists()
    return entries.filter(number=end.number, digest=end.digest).exists()


@transaction.atomic
def adopt(reason: str) -> int:
    """Chains the entries that stand outside, and lets the log end where its entries do.

    Somebody has looked at them before: from here on they count as ours. Returns how many.
    """
    end = _locked_end()
    last = AccountLog.objects.chained().last()
    if last is not None and (last.number != end.number or not end.is_ours()):
        end.move_to(last)
    adopted = 0
    for entry in AccountLog.objects.outside():
        entry.number, entry.previous = end.number + 1, end.digest
        entry.digest = entry.computed_digest()
        # Past the manager, which lets nobody change an entry.
        AccountLog._base_manager.filter(pk=entry.pk).update(
            number=entry.number, previous=entry.previous, digest=entry.digest
        )
        end.move_to(entry)
        adopted += 1
    record(AccountLog.Action.ADOPT, None, by=None, reason=reason, entries=adopted)
    return adopted


def who_acts() -> User | None:
    """Whose request this is, where a signal tells only what was saved."""
    user = get_active_log_context().user
    return user if isinstance(user, User) else None


def _locked_end() -> AccountLogEnd:
    return AccountLogEnd.objects.select_for_update().get_or_create(pk=END)[0]
