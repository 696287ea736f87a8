"""Taking down what somebody told: filing it, the slip that is shown once, and one's own list.

A row that joined a person to a report would tell a thief of the database which headman brought
which report. So each report gets a keyed hash of the person, the year and a number that counts
up: a process that holds the key makes the same hashes and finds the person's reports; the table
alone shows hashes that have nothing in common.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from home.models import User
from reporting import intake
from reporting.intake import Arrival, Receipt
from reporting.models import Report, Slip, TakenDown

REPEAT_MINUTES = 10
# How many of a person's reports in a year their list finds. What is beyond is filed as well.
MOST_IN_A_YEAR = 500


@transaction.atomic
def take_down(arrival: Arrival, *, token: str, by: User, session: str) -> Receipt:
    """Files what somebody told, and remembers for some minutes that this session was shown a slip.

    A report that concerns a local official is joined to nobody. Raises what receive() raises.
    """
    receipt = intake.receive(arrival, token=token)
    if receipt.is_repeat:  # sent twice at once: the other is the one that counts
        return receipt
    if not arrival.concerns_official:
        _join(receipt.report, by)
    Slip.objects.create(
        digest=_slip_digest(token, session),
        until=timezone.now() + timedelta(minutes=REPEAT_MINUTES),
    )
    return receipt


def may_see_again(token: str, session: str) -> bool:
    """Whether this session sent this form minutes ago, and may have missed the answer."""
    shown = Slip.objects.filter(digest=_slip_digest(token, session), until__gt=timezone.now())
    return shown.exists()


def forget_slips(now: datetime | None = None) -> None:
    Slip.objects.filter(until__lte=now or timezone.now()).delete()


def taken_down_by(user: User, year: int) -> list[int]:
    """The reports that the person wrote down in a year, newest first, as their ids.

    Never one that concerns a local official, whatever else joins it to them.
    """
    numbers: dict[str, int] = {}
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        numbers |= _numbers(user, year, key)
    found = TakenDown.objects.filter(digest__in=numbers, report__concerns_official=False)
    rows = sorted(
        ((numbers[digest], pk) for digest, pk in found.values_list("digest", "report_id")),
        reverse=True,
    )
    return [pk for _number, pk in rows]


def in_order(ids: Sequence[int]) -> list[Report]:
    """The reports of taken_down_by(), or some of them, with what a list says of each."""
    reports = Report.objects.select_related("category", "district", "subdistrict").in_bulk(ids)
    return [reports[pk] for pk in ids if pk in reports]


def this_year() -> int:
    return timezone.localdate().year


def _join(report: Report, user: User) -> None:
    """Takes the person's next free number. Of two at once the second waits, and takes the next."""
    numbers = _numbers(user, this_year(), settings.SECRET_KEY)
    taken = TakenDown.objects.filter(digest__in=numbers).values_list("digest", flat=True)
    last = max((numbers[digest] for digest in taken), default=0)
    for digest in list(numbers)[last:]:
        TakenDown.objects.bulk_create(
            [TakenDown(digest=digest, report=report)], ignore_conflicts=True
        )
        if TakenDown.objects.filter(report=report).exists():
            return


def _numbers(user: User, year: int, key: str | bytes) -> dict[str, int]:
    """By digest: the number of each report that the person may bring in a year, counting up."""
    keyed = salted_hmac("reporting.taking_down.person", "", secret=key, algorithm="sha256")
    numbers = {}
    for number in range(1, MOST_IN_A_YEAR + 1):
        one = keyed.copy()
        one.update(f"{user.pk}:{year}:{number}".encode())
        numbers[one.hexdigest()] = number
    return numbers


def _slip_digest(token: str, session: str) -> str:
    return salted_hmac(
        "reporting.taking_down.slip", f"{session}:{token}", algorithm="sha256"
    ).hexdigest()
