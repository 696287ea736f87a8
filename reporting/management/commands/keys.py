"""Makes and lists the keys to which reports are sealed."""

import json
import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reporting import sealing
from reporting.models import CoordinationCentre


class Command(BaseCommand):
    help = "Makes (create) or lists (list) the keys to which reports are sealed."

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="verb", required=True)
        create = commands.add_parser(
            "create", help="a key for the project office and each centre that has none"
        )
        create.add_argument("--out", required=True, help="folder for public.json and private.json")
        listing = commands.add_parser("list", help="the names in a keyring, never a private key")
        listing.add_argument("--out", required=True, help="folder of public.json")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(options["out"])
        if options["verb"] == "list":
            return self._list(folder)
        return self._create(folder)

    def _create(self, folder: Path) -> None:
        """Adds what is missing and changes no key that exists: texts are sealed to them."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        public, private = self._read(folder / "public.json"), self._read(folder / "private.json")
        centres = CoordinationCentre.objects.select_related("district")
        made = 0
        for name in [sealing.HQ, *(centre.key_name for centre in centres)]:
            if name in public:
                continue
            public_key, private_key = sealing.new_key()
            public[name], private[name] = [public_key], [private_key]
            made += 1
        # The private ring first: a public key without its private half would seal for nobody.
        self._write(folder / "private.json", private, mode=0o600)
        self._write(folder / "public.json", public, mode=0o644)
        self.stdout.write(f"{made} keys made, {len(public)} in all, in {folder}.")
        if made:
            self.stdout.write(
                "Keep a copy of private.json apart from this machine: what is sealed to a lost "
                "key is lost."
            )

    def _list(self, folder: Path) -> None:
        for name, keys in sorted(self._read(folder / "public.json").items()):
            self.stdout.write(f"{name}\t{keys[0]}")

    def _read(self, path: Path) -> sealing.Keyring:
        if not path.exists():
            return {}
        try:
            return sealing.read_keyring(path.read_text())
        except sealing.SealingUnavailable as error:
            raise CommandError(f"{path} is not a keyring.") from error

    def _write(self, path: Path, keyring: sealing.Keyring, *, mode: int) -> None:
        """Replaces the file in one step, so that a crash leaves the old ring or the new one."""
        part = path.with_suffix(".part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "w") as file:
            json.dump(keyring, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
