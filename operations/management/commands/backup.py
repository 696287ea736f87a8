"""Writes an encrypted archive of the database and the files."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from operations import age
from operations.backup import BackupFailed, backup


class Command(BaseCommand):
    help = "Writes an encrypted archive of the database and the files, while the site runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", required=True, type=Path, help="the file to write")
        parser.add_argument(
            "--to", required=True, nargs="+", metavar="age1…", help="public keys that may open it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            recipients = age.recipients(options["to"])
            digest = backup(options["out"], to=recipients, say=self.stderr.write)
        except (age.KeyUnusable, BackupFailed) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"sha256 {digest}")
