"""Which reports: the one place that decides whose rows they are."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models

from reporting import receipts

if TYPE_CHECKING:
    from home.models import User
    from reporting.models.centre import MembershipQuerySet


PEOPLE_OF_A_FINDING = ("recorded_by", "reversed_by")
OF_A_REFERRAL = ("agency", "referred_by", "handed_over_by")


def overdue(moment: datetime) -> models.Q:
    """Whose deadline has passed; a report on which nobody has to act has none."""
    return models.Q(due_at__lte=moment)


def _of_the_queue(memberships: "MembershipQuerySet", user: str) -> models.Q:
    """Whether one of these memberships lets the user of that field work on the report's queue."""
    from reporting.models.centre import QUEUE_ROLES, Role

    theirs = memberships.filter(user=models.OuterRef(user))
    of_centre = theirs.filter(role__in=QUEUE_ROLES, centre=models.OuterRef("centre"))
    of_office = theirs.filter(role=Role.HQ)
    return models.Q(models.Exists(of_centre)) | models.Q(models.Exists(of_office), centre=None)


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

        Adds is_centre_staffed and is_assignee_away.
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
            .with_assignees_absence()
            .prefetch_related(
                models.Prefetch("findings", Finding.objects.select_related(*PEOPLE_OF_A_FINDING)),
                models.Prefetch("referrals", Referral.objects.select_related(*OF_A_REFERRAL)),
            )
        )

    def open(self) -> Self:
        """Reports on which somebody still has to act."""
        from reporting.models.report import OPEN_STATUSES

        return self.filter(status__in=OPEN_STATUSES)

    def with_assignees_absence(self) -> Self:
        """Adds is_assignee_away: whether whom it is assigned to is away from its queue today."""
        from reporting.models.absence import Absence

        away = Absence.objects.today().of(models.OuterRef("assignee"), models.OuterRef("centre"))
        return self.annotate(is_assignee_away=models.Exists(away))

    def with_somebody_away(self) -> Self:
        """Open reports assigned to somebody who does not work on their queue today."""
        from reporting.models.centre import Membership

        assigned = self.open().filter(assignee__isnull=False)
        return assigned.exclude(_of_the_queue(Membership.objects.at_work(), "assignee"))

    def with_somebody_gone(self) -> Self:
        """Open reports assigned to somebody who is no longer a member of their queue."""
        from reporting.models.centre import Membership

        assigned = self.open().filter(assignee__isnull=False)
        return assigned.exclude(_of_the_queue(Membership.objects.current(), "assignee"))

    def overdue_at(self, moment: datetime) -> Self:
        return self.filter(overdue(moment))

    def filed_with(self, token: str) -> Self:
        """The report that a form's token filed, if it did."""
        return self.filter(intake_digest=receipts.token_digest(token))

    def of_receipt(self, number: str) -> Self:
        """The report of a receipt, under the key of today or one that it replaced."""
        return self.filter(receipt_digest__in=receipts.digests(number))
