"""Words of Wagtail's screens that staff meet every day and its own Thai catalogue lacks.

Marked here, they are collected into our catalogue, which is asked first.
"""

from django.utils.translation import gettext_noop

WORDS = (
    gettext_noop("Password"),
    gettext_noop("Remember me"),
    gettext_noop("Help"),
    gettext_noop("Skip to main content"),
    gettext_noop("Search all pages…"),
    gettext_noop("Go to the first error"),
)
