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
    gettext_noop("Sidebar"),
    gettext_noop("Toggle sidebar"),
    gettext_noop("Toggle breadcrumbs"),
    gettext_noop("Breadcrumb"),
    gettext_noop("Close dialog"),
    gettext_noop("Toggle section"),
    gettext_noop("Actions (footer)"),
    # A person's own account
    gettext_noop("Profile"),
    gettext_noop("Profile picture"),
    gettext_noop("Upload a profile picture:"),
    gettext_noop("Locale"),
    gettext_noop("Use server language: %(language_name)s"),
    gettext_noop("Theme preferences"),
    gettext_noop("admin theme"),
    gettext_noop("System default"),
    gettext_noop("Light"),
    gettext_noop("Dark"),
    gettext_noop("contrast"),
    gettext_noop("More contrast"),
    gettext_noop("density"),
    gettext_noop("Snug"),
    gettext_noop("Shortcuts"),
    gettext_noop("Keyboard shortcuts"),
    gettext_noop("Enable custom keyboard shortcuts specific to Wagtail."),
)
