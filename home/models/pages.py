from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.api import APIField
from wagtail.fields import StreamField
from wagtail.models import Page, PagePermissionTester, PageViewRestriction
from wagtail.query import PageQuerySet
from wagtail.search import index

from home.blocks import BodyBlock


class PublicPage(Page):
    """A page as home.views.serve finds it."""

    # Whether home.page_cache may keep it: never with a form, nor with anything about the reader.
    may_be_kept = False
    # Set where the page was found, to spare it two questions to the database.
    is_open = False  # no page of any site is kept from anybody
    known_translations: list[Page] | None = None

    class Meta:
        abstract = True

    def only_public(self, pages: PageQuerySet) -> PageQuerySet:
        """Those that anybody may read: what a public list shows."""
        return pages if self.is_open else pages.public()

    def get_view_restrictions(self) -> models.QuerySet:
        if self.is_open:
            return PageViewRestriction.objects.none()
        return super().get_view_restrictions()


class LastingPermissions(PagePermissionTester):
    """Editors change the words of a lasting page; only a superuser takes it away, or moves it."""

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        return self.user.is_superuser and super().can_delete(ignore_bulk)

    def can_unpublish(self) -> bool:
        return self.user.is_superuser and super().can_unpublish()

    def can_set_view_restrictions(self) -> bool:
        return self.user.is_superuser and super().can_set_view_restrictions()


class LastingPage(PublicPage):
    """A page whose address people were told: a slip must not close the only door.

    It has neither a slug to change nor a day on which it expires.
    """

    promote_panels = ["seo_title", "search_description", "show_in_menus"]
    settings_panels: list[Any] = []

    class Meta:
        abstract = True

    def permissions_for_user(self, user: Any) -> PagePermissionTester:
        return LastingPermissions(user, self)


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


class HomePage(LastingPage):
    """The front page of one language."""

    may_be_kept = True

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
        from home.frame import frame_of  # it needs the models, and these come first

        context = super().get_context(request, *args, **kwargs)
        frame = frame_of(request)
        sections = frame.sections(self) if frame else {}
        context["article_index"] = sections.get("articles.ArticleIndexPage")
        context["event_index"] = sections.get("events.EventIndexPage")
        context["report_form"] = sections.get("reporting.ReportFormPage")
        return context


class StandardPage(PublicPage):
    """A plain page of text: about the project, how reports are protected."""

    may_be_kept = True

    intro = models.TextField(_("introduction"), blank=True)
    body = StreamField(BodyBlock(), verbose_name=_("body"))

    search_fields = [*Page.search_fields, index.SearchField("intro"), index.SearchField("body")]
    content_panels = [*Page.content_panels, "intro", "body"]
    api_fields = [APIField("intro"), APIField("body")]

    class Meta:
        verbose_name = _("standard page")
        verbose_name_plural = _("standard pages")
