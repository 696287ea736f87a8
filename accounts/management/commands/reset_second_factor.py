from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts import sessions
from accounts.history import record
from accounts.letters import Letter, post
from accounts.models import AccountLog
from home.models import User


class Command(BaseCommand):
    """For a superuser who lost theirs, or when nobody of HQ can sign in any more."""

    help = "Removes somebody's second factor and ends their sessions. It is logged and mailed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--reason", required=True, help="Auditors read it.")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError("There is no account of that name.")
        Authenticator.objects.filter(user=user).delete()
        sessions.end_all(user)
        record(AccountLog.Action.RESET_FACTOR, user, by=None, reason=options["reason"])
        post(Letter.FACTOR_RESET, user)
        self.stdout.write("Done. The person sets up a new one when they sign in.")
