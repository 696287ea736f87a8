from django.db.models import Q
from wagtail.contrib.sitemaps import Sitemap
from wagtail.models import Page

from home.models import HomePage


class AllLanguages(Sitemap):
    """Every public page of every language; Wagtail's own lists the site's first language only."""

    def items(self):
        below_homes = Q(pk__in=[])
        for path in HomePage.objects.live().values_list("path", flat=True):
            below_homes |= Q(path__startswith=path)
        return Page.objects.filter(below_homes).live().public().order_by("path").specific()
