"""Which queue a report goes to."""

from home.models import District
from reporting.models.centre import CoordinationCentre
from reporting.sealing import HQ


def queue_for(district: District | None, *, concerns_official: bool) -> CoordinationCentre | None:
    """The centre whose queue takes the report; None is HQ's queue.

    HQ takes what names no district, what concerns a local official, and what belongs to a centre
    where nobody would read it today.
    """
    if district is None or concerns_official:
        return None
    return CoordinationCentre.objects.staffed().filter(district=district).first()


def key_names(centre: CoordinationCentre | None) -> list[str]:
    """The keys, besides HQ's recovery key, that open the texts of a queue."""
    return [centre.key_name] if centre else []


def queue_name(centre: CoordinationCentre | None) -> str:
    """How a queue is named in the log."""
    return centre.key_name if centre else HQ
