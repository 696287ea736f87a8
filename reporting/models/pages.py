from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.api import APIField
from wagtail.fields import RichTextField
from wagtail.models import Page

from home.models import LastingPage


class ReportFormPage(LastingPage):
    """The report form of one language. Editors own its words; forms.py owns its questions."""

    intro = RichTextField(_("introduction"), blank=True)
    danger_text = models.TextField(_("when somebody is in danger now"))
    safety_text = RichTextField(_("advice before writing"), blank=True)
    thank_you_text = RichTextField(_("after sending"), blank=True)

    content_panels = [
        *Page.content_panels,
        "intro",
        "danger_text",
        "safety_text",
        "thank_you_text",
    ]
    api_fields = [
        APIField("intro"),
        APIField("danger_text"),
        APIField("safety_text"),
        APIField("thank_you_text"),
    ]
    parent_page_types = ["home.HomePage"]
    subpage_types: list[str] = []
    max_count_per_parent = 1

    class Meta:
        verbose_name = _("report form")

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        from reporting.views import public  # it needs the models, and these come first

        return public.report_form(request, self)

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        from reporting.views import public  # as above

        return public.preview_form(request, self)
