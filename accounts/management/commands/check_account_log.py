from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import history
from accounts.models import AccountLog


class Command(BaseCommand):
    """Names entries by their number and never says what stands in them."""

    help = "Reads the log of accounts from its first entry to its last and says where it is broken."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--adopt",
            metavar="REASON",
            help="first put entries that no chain holds into it: those of the release before, "
            "written during an upgrade. Look at them before. It is logged.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if reason := options["adopt"]:
            self.stdout.write(f"Entries put into the chain: {history.adopt(reason)}")
        found = list(history.breaks())
        for number, why in found:
            self.stderr.write(f"Entry {number}: {why}." if number else f"The log: {why}.")
        if found:
            raise CommandError("The log of accounts does not read as it was written.")
        last = AccountLog.objects.chained().last()
        self.stdout.write(
            f"Intact. Entries: {last.number}, the last one's digest {last.digest}."
            if last
            else "The log is empty."
        )
