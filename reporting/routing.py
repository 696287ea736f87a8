"""Which queue a report goes to."""

from home.models import District, User
from home.remembered import remembered
from reporting.models.absence import Absence
from reporting.models.centre import CoordinationCentre, Membership
from reporting.sealing import HQ


@remembered(Absence, CoordinationCentre, District, Membership, User, seconds=5)
def staffed_centres() -> dict[int, CoordinationCentre]:
    """By district: the centres where somebody reads the queue, as of some seconds ago at most.

    Whoever left in these seconds might as well have left right after the report came: it is seen
    by the same escalation. A centre that was staffed in these seconds misses what HQ reads instead.
    """
    centres = CoordinationCentre.objects.staffed().select_related("district")
    return {centre.district_id: centre for centre in centres}


def queue_for(district: District | None, *, concerns_official: bool) -> CoordinationCentre | None:
    """The centre whose queue takes the report; None is HQ's queue.

    HQ takes what names no district, what concerns a local official, and what belongs to a centre
    where nobody would read it today.
    """
    if district is None or concerns_official:
        return None
    return staffed_centres().get(district.pk)


def key_names(centre: CoordinationCentre | None) -> list[str]:
    """The keys, besides HQ's recovery key, that open the texts of a queue."""
    return [centre.key_name] if centre else []


def queue_name(centre: CoordinationCentre | None) -> str:
    """How a queue is named in the log."""
    return centre.key_name if centre else HQ
