"""Single keys for the staff's screens, and whether a person wants them (WCAG 2.1.4)."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from home.models import User

Words = str | Promise

# A letter a step. j, k and x belong to the list (static/reporting/keys.js).
STEPS = {
    "accept": "a",
    "assign": "s",
    "verify": "v",
    "record_finding": "f",
    "refer": "e",
    "return": "t",
    "propose_closing": "p",
    "reverse_finding": "u",
    "send_back": "b",
    "hand_over": "g",
    "close": "c",
    "reopen": "n",
    "reroute": "r",
    "merge": "m",
    "reject": "d",
    "message": "w",
}
READ, BACK, HIDE = "o", "l", "h"


class Key(NamedTuple):
    key: str
    words: Words


LIST_KEYS = (
    Key("j / ↓", _("Next report")),
    Key("k / ↑", _("Previous report")),
    Key("Enter", _("Open the report")),
    Key("x", _("Tick or untick it")),
    Key(STEPS["accept"], _("Accept into the queue")),
    Key(STEPS["assign"], _("Assign")),
    Key(HIDE, _("Hide similar")),
)


def report_keys(steps: Iterable[tuple[str, Words]], *, may_read: bool) -> list[Key]:
    """The keys of one report's page: of the steps that are open there."""
    return [
        *(Key(STEPS[name], label) for name, label in steps),
        *([Key(READ, _("Read what was written"))] if may_read else []),
        Key(BACK, _("Back to the list")),
    ]


def wants_keys(user: User) -> bool:
    """The choice a person makes in their account: it follows them to any machine."""
    profile = getattr(user, "wagtail_userprofile", None)
    return profile is None or profile.keyboard_shortcuts
