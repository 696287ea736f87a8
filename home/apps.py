from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HomeConfig(AppConfig):
    name = "home"
    verbose_name = _("Site, people and places")

    def ready(self) -> None:
        from django.apps import apps
        from wagtail.models import Locale, Page, PageViewRestriction, Site

        from home import bare_pictures, changes
        from home.models import District, Province, SiteSettings, Subdistrict

        pages = [model for model in apps.get_models() if issubclass(model, Page)]
        changes.watch(*pages, Locale, PageViewRestriction, Site, SiteSettings)
        changes.watch(District, Province, Subdistrict)
        bare_pictures.register()
