"""Where rows that nobody wrote may be made: never among real ones."""

from django.conf import settings
from django.core.management.base import CommandError


def refuse_outside_made_data() -> None:
    """Raises CommandError unless the settings are the demo's, the tests' or `make bench`'s."""
    if not getattr(settings, "DEMO", False) and not getattr(settings, "BENCH", False):
        raise CommandError("Made-up rows stay for good: demo or bench settings only.")


def a_number(text: str) -> int:
    """How many to make, from a command line. Raises ValueError below one."""
    number = int(text.replace("_", "").replace(",", ""))
    if number < 1:
        raise ValueError
    return number
