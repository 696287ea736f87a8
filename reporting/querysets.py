"""Which reports: the one place that decides whose rows they are."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models

from reporting import receipts

if TYPE_CHECKING:
    from home.models import User


PEOPLE_OF_A_FINDING = ("recorded_by", "reversed_by")
OF_A_REFERRAL = ("agency", "referred_by", "handed_over_by")


def overdue(moment: datetime) -> models.Q:
    """Whose deadline has passed; a report on which nobody has to act has none."""
    return models.Q(due_at__lte=moment)


class ReportQuerySet(models.QuerySet):
    def visible_to(self, user: "User") -> Self:
        """Reports of the queues the person works on; all of them for HQ.

        Superuser rights add none. A report that concerns a local official lies in HQ's queue
        (a database constraint), so no district sees it.
        """
        from reporting.models.centre import Membership

        if Membership.objects.is_hq(user):
            return self
        # Ids rather than a subquery: with the centre known beforehand the database reads a page of
        # the queue from its index; with a subquery it sorts the whole queue (20 ms against 250 at
        # a million reports on PostgreSQL).
        return self.filter(centre__in=Membership.objects.queues_of(user))

    def with_circumstances(self) -> Self:
        """With all that a report's page says of it, so that the page asks a fixed number of times.

        Adds is_centre_staffed.
        """
        from reporting.models.centre import CoordinationCentre
        from reporting.models.finding import Finding
        from reporting.models.referral import Referral

        staffed = CoordinationCentre.objects.staffed().filter(pk=models.OuterRef("centre"))
        return (
            self.select_related(
                "category", "district", "subdistrict", "centre__district", "assignee", "proposed_by"
            )
            .annotate(is_centre_staffed=models.Exists(staffed))
            .prefetch_related(
                models.Prefetch("findings", Finding.objects.select_related(*PEOPLE_OF_A_FINDING)),
                models.Prefetch("referrals", Referral.objects.select_related(*OF_A_REFERRAL)),
            )
        )

    def open(self) -> Self:
        """Reports on which somebody still has to act."""
        from reporting.models.report import OPEN_STATUSES

        return self.filter(status__in=OPEN_STATUSES)

    def overdue_at(self, moment: datetime) -> Self:
        return self.filter(overdue(moment))

    def filed_with(self, token: str) -> Self:
        """The report that a form's token filed, if it did."""
        return self.filter(intake_digest=receipts.token_digest(token))

    def of_receipt(self, number: str) -> Self:
        """The report of a receipt, under the key of today or one that it replaced."""
        return self.filter(receipt_digest__in=receipts.digests(number))
