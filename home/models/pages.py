from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.api import APIField
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from home.blocks import BodyBlock


class WatchForBlock(blocks.StructBlock):
    """One of the themes to watch for on the home page, with a drawing of its own."""

    theme = blocks.ChoiceBlock(
        choices=[
            ("human_trafficking", _("human trafficking")),
            ("drugs", _("drugs")),
            ("people_smuggling", _("people smuggling")),
            ("scams", _("online scams")),
        ],
        label=_("Drawing"),
    )
    title = blocks.CharBlock(label=_("Title"))
    text = blocks.TextBlock(label=_("Text"))


class HomePage(Page):
    """The front page of one language."""

    lead = models.TextField(_("lead"), help_text=_("One sentence that says what this is."))
    report_intro = models.TextField(_("text beside the report button"), blank=True)
    watch_for = StreamField(
        [("theme", WatchForBlock())], verbose_name=_("what to watch for"), blank=True
    )
    protection_steps = StreamField(
        [("step", blocks.CharBlock(label=_("Step")))],
        verbose_name=_("how a report is protected"),
        blank=True,
    )

    search_fields = [*Page.search_fields, index.SearchField("lead")]
    content_panels = [
        *Page.content_panels,
        "lead",
        "report_intro",
        "watch_for",
        "protection_steps",
    ]
    api_fields = [
        APIField("lead"),
        APIField("report_intro"),
        APIField("watch_for"),
        APIField("protection_steps"),
    ]
    parent_page_types = ["wagtailcore.Page"]

    class Meta:
        verbose_name = _("home page")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        # Articles and events reach this page through their index pages: home imports neither.
        context = super().get_context(request, *args, **kwargs)
        sections = {
            page.specific_class._meta.label: page.specific
            for page in self.get_children().live().specific()
        }
        context["article_index"] = sections.get("articles.ArticleIndexPage")
        context["event_index"] = sections.get("events.EventIndexPage")
        context["report_form"] = sections.get("reporting.ReportFormPage")
        return context


class StandardPage(Page):
    """A plain page of text: about the project, how reports are protected."""

    intro = models.TextField(_("introduction"), blank=True)
    body = StreamField(BodyBlock(), verbose_name=_("body"))

    search_fields = [*Page.search_fields, index.SearchField("intro"), index.SearchField("body")]
    content_panels = [*Page.content_panels, "intro", "body"]
    api_fields = [APIField("intro"), APIField("body")]

    class Meta:
        verbose_name = _("standard page")
        verbose_name_plural = _("standard pages")
