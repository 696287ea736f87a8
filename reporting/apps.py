from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportingConfig(AppConfig):
    name = "reporting"
    verbose_name = _("Reports")

    def ready(self) -> None:
        from home import changes
        from reporting import checks  # noqa: F401
        from reporting.models import Category
        from reporting.permissions import register

        changes.watch(Category)
        register()
