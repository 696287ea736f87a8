from typing import Any, Self

from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.api import APIField
from wagtail.fields import StreamField
from wagtail.models import Page, PageManager
from wagtail.query import PageQuerySet
from wagtail.search import index

from home.blocks import BodyBlock
from home.models import District, PublicPage
from home.paging import canonical_query, slice_of

EVENTS_PER_PAGE = 24
UPCOMING_LIMIT = 48


class EventType(models.TextChoices):
    LAUNCH = "launch", _("launch")
    GROUP_VISIT = "group_visit", _("group visit")
    RECIPROCAL_VISIT = "reciprocal_visit", _("reciprocal visit")
    SEMINAR = "seminar", _("seminar")
    TRAINING = "training", _("training")
    MEETING = "meeting", _("meeting")
    FIELD_VISIT = "field_visit", _("field visit")
    REFLECTIVE_SESSION = "reflective_session", _("reflective session")


class DateCertainty(models.TextChoices):
    EXACT = "exact", _("the days are known")
    MONTH = "month", _("only the month is known")
    PERIOD = "period", _("only the period is known")
    UNKNOWN = "unknown", _("the date is not known")


class EventStatus(models.TextChoices):
    PLANNED = "planned", _("planned")
    HELD = "held", _("held")
    CANCELLED = "cancelled", _("cancelled")


class EventQuerySet(PageQuerySet):
    def dated(self) -> Self:
        """Events of which at least the period is known."""
        return self.exclude(starts_on=None)

    def upcoming(self) -> Self:
        """Events that have not ended, soonest first; those without a date come last."""
        return (
            self.exclude(status=EventStatus.CANCELLED)
            .filter(
                models.Q(ends_on__gte=timezone.localdate())
                | models.Q(ends_on=None, status=EventStatus.PLANNED)
            )
            .order_by(models.F("starts_on").asc(nulls_last=True))
        )

    def past(self) -> Self:
        """Events that have ended, latest first; those without a date come last."""
        return self.filter(
            models.Q(ends_on__lt=timezone.localdate())
            | models.Q(ends_on=None, status=EventStatus.HELD)
        ).order_by(models.F("starts_on").desc(nulls_last=True))


class EventIndexPage(PublicPage):
    """All events of one language: what is coming, and what was held."""

    may_be_kept = True

    intro = models.TextField(_("introduction"), blank=True)

    content_panels = [*Page.content_panels, "intro"]
    api_fields = [APIField("intro")]
    parent_page_types = ["home.HomePage"]
    subpage_types = ["events.EventPage"]
    max_count_per_parent = 1

    class Meta:
        verbose_name = _("event index")

    @property
    def events(self) -> EventQuerySet:
        return self.only_public(EventPage.objects.child_of(self).live()).defer_streamfields()

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        events = self.events
        event_type = request.GET.get("type", "")
        if event_type not in EventType.values:
            event_type = ""
        if event_type:
            events = events.filter(event_type=event_type)
        past = slice_of(events.past(), request.GET.get("page"), size=EVENTS_PER_PAGE)
        context["past"] = past
        # What is coming stands on the first page only, the soonest first, and is never many.
        context["upcoming"] = [] if past.has_previous else events.upcoming()[:UPCOMING_LIMIT]
        context["canonical_query"] = canonical_query(past, type=event_type)
        context["event_types"] = EventType.choices
        context["event_type"] = event_type
        return context


class EventPage(PublicPage):
    """One event of the project, in one language, with its doubts said plainly."""

    may_be_kept = True

    event_type = models.CharField(_("type"), max_length=20, choices=EventType, db_index=True)
    status = models.CharField(
        _("status"), max_length=10, choices=EventStatus, default=EventStatus.PLANNED
    )
    starts_on = models.DateField(_("first day"), null=True, blank=True, db_index=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    date_certainty = models.CharField(
        _("how certain the dates are"),
        max_length=10,
        choices=DateCertainty,
        default=DateCertainty.EXACT,
    )
    is_uncertain = models.BooleanField(_("something about this event is uncertain"), default=False)
    date_note = models.TextField(_("what is uncertain"), blank=True)
    summary = models.TextField(_("summary"))
    place = models.CharField(_("place"), max_length=255, blank=True)
    province = models.CharField(_("province"), max_length=120, blank=True)
    visit_group = models.PositiveSmallIntegerField(
        _("visit group"), choices=District.VisitGroup, null=True, blank=True
    )
    districts = ParentalManyToManyField(
        District, blank=True, related_name="events", verbose_name=_("Thai districts")
    )
    organisers = models.CharField(_("organisers"), max_length=255, blank=True)
    participants_count = models.PositiveIntegerField(_("participants"), null=True, blank=True)
    programme = models.CharField(_("programme"), max_length=80, blank=True)
    source_id = models.SlugField(_("id in the reference data"), max_length=60, blank=True)
    body = StreamField(BodyBlock(), verbose_name=_("body"), blank=True)

    objects = PageManager.from_queryset(EventQuerySet)()

    search_fields = [
        *Page.search_fields,
        index.SearchField("summary"),
        index.SearchField("place"),
        index.SearchField("body"),
        index.FilterField("event_type"),
        index.FilterField("starts_on"),
    ]
    content_panels = [
        *Page.content_panels,
        "event_type",
        "status",
        "starts_on",
        "ends_on",
        "date_certainty",
        "is_uncertain",
        "date_note",
        "summary",
        "place",
        "province",
        "visit_group",
        "districts",
        "organisers",
        "participants_count",
        "programme",
        "body",
    ]
    api_fields = [
        APIField("event_type"),
        APIField("status"),
        APIField("starts_on"),
        APIField("ends_on"),
        APIField("date_certainty"),
        APIField("is_uncertain"),
        APIField("date_note"),
        APIField("summary"),
        APIField("place"),
        APIField("districts"),
        APIField("organisers"),
        APIField("participants_count"),
        APIField("body"),
    ]
    parent_page_types = ["events.EventIndexPage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(starts_on=None)
                | models.Q(ends_on=None)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="event_ends_after_it_starts",
            )
        ]
