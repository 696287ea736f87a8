"""Unusual reading: who opened more reports than others do, by night, or to no purpose.

It is counted by the database from the access log. It says how often, never which report.
"""

from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import ExtractHour, TruncDate, TruncHour
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from home.models import User
from home.remembered import remembered_of_each
from reporting.models import LogEntry, Membership, ReportingSettings
from reporting.models.log import READINGS
from reporting.permissions import openings_overseen_by
from reporting.quarters import today_in_thailand

DAYS = 14
# A night is named for the day on whose evening it begins.
WORK_BEGINS, WORK_ENDS = 6, 20
# Of each kind, the latest: a page stays bounded whatever happened.
MOST = 100


class Kind(models.TextChoices):
    HOUR = "hour", _("many reports in one hour")
    DAY = "day", _("many reports in one day")
    NIGHT = "night", _("opened by night")
    IDLE = "idle", _("neither assigned nor a step taken")


class Unusual(NamedTuple):
    """So many openings of one person, in the hour or on the day that is named, or in 14 days."""

    user_id: int
    kind: Kind
    since: datetime | date | None
    number: int


def seen_by(viewer: User) -> list[Unusual]:
    """What was unusual in the last 14 days among what the viewer oversees, kind by kind."""
    settings = ReportingSettings.load()
    openings = openings_overseen_by(viewer).filter(at__gte=_beginning())
    zone = timezone.get_default_timezone()
    by_hour = openings.annotate(since=TruncHour("at", tzinfo=zone))
    by_day = openings.annotate(since=TruncDate("at", tzinfo=zone))
    reports = Count("report", distinct=True)
    return [
        *_above(by_hour, Kind.HOUR, reports, settings.reads_above_hour),
        *_above(by_day, Kind.DAY, reports, settings.reads_above_day),
        *_above(_by_night(openings), Kind.NIGHT, Count("pk"), settings.reads_above_night),
        *_above(_idle(openings), Kind.IDLE, reports, settings.reads_above_idle),
    ]


@remembered_of_each(Membership, ReportingSettings, seconds=300)
def count_seen_by(viewer: User) -> int:
    """How often that was, for the first page, which opens often: 14 days of the log weigh much.

    Up to five minutes old; the screen of unusual reading counts anew each time.
    """
    return len(seen_by(viewer))


def _beginning() -> datetime:
    first = today_in_thailand() - timedelta(days=DAYS)
    return datetime.combine(first, time.min, timezone.get_default_timezone())


def _by_night(openings: QuerySet[LogEntry]) -> QuerySet[LogEntry]:
    zone = timezone.get_default_timezone()
    # Six hours earlier, a night lies in one day.
    evening = models.ExpressionWrapper(
        F("at") - timedelta(hours=WORK_BEGINS), output_field=models.DateTimeField()
    )
    return openings.annotate(
        hour=ExtractHour("at", tzinfo=zone), since=TruncDate(evening, tzinfo=zone)
    ).filter(Q(hour__lt=WORK_BEGINS) | Q(hour__gte=WORK_ENDS))


def _idle(openings: QuerySet[LogEntry]) -> QuerySet[LogEntry]:
    """Openings of reports that are not the person's, and in which they never did anything else."""
    steps = LogEntry.objects.filter(report=OuterRef("report"), user=OuterRef("user"))
    acted = Exists(steps.exclude(action__in=READINGS))
    theirs = Q(report__assignee=F("user"), report__assignee__isnull=False)
    nothing = models.Value(None, output_field=models.DateTimeField())
    return openings.exclude(theirs).filter(~acted).annotate(since=nothing)


def _above(openings: Any, kind: Kind, number: Count, usual: int) -> list[Unusual]:
    found = (
        openings.values("user", "since")
        .annotate(number=number)
        .filter(number__gt=usual)
        .order_by(F("since").desc(), "-number", "user")[:MOST]
    )
    return [Unusual(row["user"], kind, row["since"], row["number"]) for row in found]
