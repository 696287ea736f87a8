"""What is taken in less when one queue is flooded. Its text is taken whatever comes.

Arrivals are counted in the database, by queue and hour, so all processes agree and no report is
counted in a queue that does not show it: what concerns a local official counts for HQ alone. A
flood lasts to the end of the hour after. Files also stop when all of them together have reached
what the disk was promised to hold, so that they never take the room of words.
"""

from datetime import timedelta

from django.conf import settings
from django.db.models import Count
from django.utils import timezone

from home.remembered import remembered
from reporting import history
from reporting.models import Report, ReportingSettings, SealedPiece
from reporting.models.settings import settings_of_late


@remembered(ReportingSettings, seconds=20)
def flooded_queues() -> frozenset[int | None]:
    """The centres whose queue is flooded, as of some seconds ago; None stands for HQ's queue."""
    hour = history.to_the_hour(timezone.now())
    arrivals = (
        Report.objects.filter(received_at__gte=hour - timedelta(hours=1))
        .order_by()
        .values("centre", "received_at")
        .annotate(number=Count("pk"))
        .filter(number__gt=settings_of_late().flood_above)
    )
    return frozenset(row["centre"] for row in arrivals)


def is_flooded(centre: int | None) -> bool:
    """Whether the queue of the centre of this number takes text alone for now; None is HQ's."""
    return centre in flooded_queues()


@remembered(seconds=60)
def _pieces_of_all_files() -> int:
    """As of a minute ago: not at each change, of which there is one for each piece."""
    return SealedPiece.objects.filter(part=SealedPiece.Part.ORIGINAL).count()


def has_room_for(size: int) -> bool:
    """Whether so many bytes fit beside what came of all. What is only announced is nothing."""
    there = _pieces_of_all_files() * settings.EVIDENCE["piece"]
    return there + size <= settings.EVIDENCE["all"]
