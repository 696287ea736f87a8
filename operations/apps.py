from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    """What keeps the site alive: health, metrics, backup, restore."""

    name = "operations"
    verbose_name = _("Operations")
