from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.api import APIField
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from home.blocks import BodyBlock
from home.models import District, PublicPage
from home.paging import canonical_query, slice_of

ARTICLES_PER_PAGE = 12


class Topic(models.TextChoices):
    HUMAN_TRAFFICKING = "human_trafficking", _("human trafficking")
    DRUGS = "drugs", _("drugs")
    SCAMS = "scams", _("online scams")
    MIGRATION = "migration", _("migration and people smuggling")
    COOPERATION = "cooperation", _("cooperation across the border")
    CENTRES = "centres", _("coordination centres")
    VISITS = "visits", _("visits")
    TRAINING = "training", _("training")


class Picture(models.TextChoices):
    """Drawings made for this site; photographs may join them later."""

    RIVER = "river", _("The river between its banks")
    BOATS = "boats", _("Boats moored at a pier")
    FIELDS = "fields", _("Rice fields below hills")
    MARKET = "market", _("A border market")
    HANDS = "hands", _("Two hands meeting")
    BRIDGE = "bridge", _("A bridge across the river")
    VILLAGE = "village", _("Houses of a village")
    PHONE = "phone", _("A phone with a message")


class ArticleIndexPage(PublicPage):
    """All articles of one language, newest first."""

    may_be_kept = True

    intro = models.TextField(_("introduction"), blank=True)

    content_panels = [*Page.content_panels, "intro"]
    api_fields = [APIField("intro")]
    parent_page_types = ["home.HomePage"]
    subpage_types = ["articles.ArticlePage"]
    max_count_per_parent = 1

    class Meta:
        verbose_name = _("article index")

    @property
    def articles(self) -> models.QuerySet:
        """Published articles below this page, newest first."""
        found = self.only_public(ArticlePage.objects.child_of(self).live())
        return found.defer_streamfields().order_by("-date", "-pk")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        articles = self.articles
        topic = request.GET.get("topic", "")
        if topic not in Topic.values:
            topic = ""
        if topic:
            articles = articles.filter(topic=topic)
        found = slice_of(articles, request.GET.get("page"), size=ARTICLES_PER_PAGE)
        context["articles"] = found
        context["canonical_query"] = canonical_query(found, topic=topic)
        context["topics"] = Topic.choices
        context["topic"] = topic
        return context


class ArticlePage(PublicPage):
    """One published story, in one language."""

    may_be_kept = True

    standfirst = models.CharField(
        _("standfirst"), max_length=240, help_text=_("Two sentences that say what the story is.")
    )
    date = models.DateField(_("date"), db_index=True)
    date_is_uncertain = models.BooleanField(
        _("the date is uncertain"), default=False, help_text=_("The page says so beside the date.")
    )
    topic = models.CharField(_("topic"), max_length=20, choices=Topic, db_index=True)
    picture = models.CharField(_("drawing"), max_length=12, choices=Picture, default=Picture.RIVER)
    districts = ParentalManyToManyField(
        District, blank=True, related_name="articles", verbose_name=_("districts")
    )
    body = StreamField(BodyBlock(), verbose_name=_("body"))

    search_fields = [
        *Page.search_fields,
        index.SearchField("standfirst"),
        index.SearchField("body"),
        index.FilterField("date"),
        index.FilterField("topic"),
    ]
    content_panels = [
        *Page.content_panels,
        "standfirst",
        "date",
        "date_is_uncertain",
        "topic",
        "picture",
        "districts",
        "body",
    ]
    api_fields = [
        APIField("standfirst"),
        APIField("date"),
        APIField("date_is_uncertain"),
        APIField("topic"),
        APIField("districts"),
        APIField("body"),
    ]
    parent_page_types = ["articles.ArticleIndexPage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")

    @property
    def related(self) -> models.QuerySet:
        """Up to three other live articles of the same topic and language, newest first."""
        return (
            self.only_public(ArticlePage.objects.live())
            .defer_streamfields()
            .filter(locale_id=self.locale_id, topic=self.topic)
            .exclude(pk=self.pk)
            .order_by("-date")[:3]
        )
