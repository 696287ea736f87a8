from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkConfig(AppConfig):
    """Background work: what waits, what was tried, what gave up."""

    name = "work"
    verbose_name = _("Background work")
