"""Mail about accounts, and the look through their log. Tasks take ids, never an address."""

from django_tasks import task

from accounts import history
from accounts.letters import Letter, send
from accounts.models import AccountLog
from home.models import User


@task()
def send_letter(letter: str, user_id: int, entry_id: int | None = None) -> None:
    """Sends a letter to the person; with a log entry, to the address that the entry replaced."""
    user = User.objects.filter(pk=user_id).first()
    entry = AccountLog.objects.filter(pk=entry_id).first() if entry_id else None
    to = entry.data.get("former_mail", "") if entry else user.email if user else ""
    if user and to:
        send(Letter(letter), user, to=to)


class LogIsBroken(Exception):
    """manage.py check_account_log says where."""


@task()
def check_log() -> None:
    """Fails when the log was changed: HQ sees a task that gave up, and monitors count it."""
    if any(history.breaks()):
        raise LogIsBroken
