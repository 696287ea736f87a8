"""Restores an archive onto an empty machine, or, when told so twice, in place of what is there."""

import signal
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from operations import age
from operations.archive import ArchiveRefused
from operations.databases.base import DoesNotFit
from operations.restore import occupied, prove, restore
from operations.stored_files import stored_files

WORD = "REPLACE"


class Command(BaseCommand):
    help = "Restores an archive that `backup` made. Proves all of it before it changes anything."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("archive", type=Path)
        parser.add_argument(
            "--identity", required=True, type=Path, help="file of the private key, by age-keygen"
        )
        parser.add_argument(
            "--replace", action="store_true", help="in place of what is here; asks once more"
        )
        parser.add_argument(
            "--unproved",
            action="store_true",
            help="an archive that SECRET_KEY does not prove; whoever made it rules this site",
        )
        parser.add_argument("--yes", action="store_true", help="with --replace: asks nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        # By default Python ends at once and leaves what was prepared, rows in the clear.
        previous = signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
        try:
            self._restore(options)
        finally:
            signal.signal(signal.SIGTERM, previous)
        self.stdout.write("Restored.")

    def _restore(self, options: dict[str, Any]) -> None:
        try:
            keys = age.identities(options["identity"])
            proved = prove(
                options["archive"], keys, self.stderr.write, takes_unproved=options["unproved"]
            )
            self.stderr.write(
                f"Made at {proved.header['made_at']}, {proved.manifest['files']} files"
            )
            for warning in proved.warnings:
                self.stderr.write(self.style.WARNING(f"Warning: {warning}"))
            there = occupied(stored_files())
            if there and options["replace"] and not options["yes"]:
                self._ask(there)
            restore(proved, replace=options["replace"], say=self.stderr.write)
        except (ArchiveRefused, DoesNotFit, age.KeyUnusable, age.Undecipherable) as error:
            raise CommandError(f"{error} Nothing was changed.") from None

    def _ask(self, there: str) -> None:
        self.stderr.write(f"This machine holds {there}. They will be gone for ever.")
        try:
            answer = input(f"Type {WORD} to go on: ")
        except EOFError:
            answer = ""
        if answer != WORD:
            raise ArchiveRefused("Not confirmed.")
