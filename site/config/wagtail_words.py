"""Words of the screens that staff meet every day, and that Wagtail's and Django's own Thai lacks
or has in words that nobody would say.

Marked here, they are collected into our catalogue, which is asked first.
"""

from django.utils.translation import gettext_noop, ngettext_lazy

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
    gettext_noop("Wagtail %(current_version)s editor guide"),
    # Titles and lists
    gettext_noop("Dashboard"),
    gettext_noop("Home"),
    gettext_noop("Snippets"),
    gettext_noop("Instances"),
    gettext_noop("pages"),
    gettext_noop("Type"),
    gettext_noop("Updated"),
    gettext_noop("Page %(page_number)s of %(num_pages)s."),
    gettext_noop("Page %(page_num)s of %(total_pages)s"),
    gettext_noop("View history"),
    ngettext_lazy("%(num)d minute", "%(num)d minutes", "num"),
    ngettext_lazy("%(num)d hour", "%(num)d hours", "num"),
    ngettext_lazy("%(num)d day", "%(num)d days", "num"),
    ngettext_lazy("%(num)d week", "%(num)d weeks", "num"),
    ngettext_lazy("%(num)d month", "%(num)d months", "num"),
    ngettext_lazy("%(num)d year", "%(num)d years", "num"),
    # Forms
    gettext_noop("This field is required."),
    gettext_noop("The page could not be created due to validation errors."),
    gettext_noop("The page could not be saved due to validation errors."),
    gettext_noop("There are validation errors, click save to highlight them."),
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
