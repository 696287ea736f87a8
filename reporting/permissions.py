"""Who may do what with a report: one policy, asked by every screen, list and transition."""

from collections.abc import Iterable
from typing import NamedTuple

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permission_policies.base import BasePermissionPolicy
from wagtail.permissions import register_permission_policy

from home.models import User
from reporting.models import (
    Absence,
    Agency,
    Category,
    Channel,
    CoordinationCentre,
    Escalation,
    LogEntry,
    Membership,
    Report,
    Role,
)
from reporting.models.centre import GIVEN_BY_CHIEFS, QUEUE_ROLES, TAKING_ROLES
from reporting.models.log import READINGS
from reporting.querysets import ReportQuerySet

VIEW = "view"  # what is known without opening the text
READ = "read"  # the text itself
MODERATE = "moderate"
INVESTIGATE = "investigate"
ASSIGN = "assign"
COUNTERSIGN = "countersign"
REOPEN = "reopen"
EXPORT = "export"  # taking what is known of many along, as a file

OFFICER_ACTIONS = frozenset({VIEW, READ, MODERATE, INVESTIGATE})
SECRETARY_ACTIONS = OFFICER_ACTIONS | {ASSIGN, COUNTERSIGN, EXPORT}
CHIEF_ACTIONS = SECRETARY_ACTIONS | {REOPEN}

IN_OWN_QUEUE = {
    Role.OFFICER: OFFICER_ACTIONS,
    Role.SECRETARY: SECRETARY_ACTIONS,
    Role.CHIEF: CHIEF_ACTIONS,
    Role.HQ: CHIEF_ACTIONS,
}
# HQ chases what is late in a district's queue. It takes a report over once it was escalated, or
# when nobody works on that queue any more.
HQ_IN_A_DISTRICT = frozenset({VIEW, ASSIGN, REOPEN, EXPORT})


class ReportPermissionPolicy(BasePermissionPolicy):
    """Rights over a report follow from memberships in its queue. Superuser rights give none."""

    def actions_for(self, user, report: Report) -> frozenset[str]:
        """Everything the person may do with this report, whatever its status."""
        actions: frozenset[str] = frozenset()
        for role, centre_id in self._places(user):
            if role == Role.HQ:
                if self._hq_must_act(report):
                    actions |= IN_OWN_QUEUE[Role.HQ]
                else:
                    actions |= HQ_IN_A_DISTRICT
            elif centre_id == report.centre_id and centre_id is not None:
                actions |= IN_OWN_QUEUE[Role(role)]
        return actions

    def _hq_must_act(self, report: Report) -> bool:
        return (
            report.centre is None
            or report.escalation == Escalation.HQ
            or not report.centre.is_staffed
        )

    def user_has_permission(self, user, action: str) -> bool:
        return any(action in IN_OWN_QUEUE[Role(role)] for role, _ in self._places(user))

    def user_has_any_permission(self, user, actions: Iterable[str]) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)

    def user_has_permission_for_instance(self, user, action: str, instance: Report) -> bool:
        return action in self.actions_for(user, instance)

    def user_has_any_permission_for_instance(self, user, actions, instance: Report) -> bool:
        return bool(self.actions_for(user, instance).intersection(actions))

    def instances_user_has_any_permission_for(self, user, actions):
        """Rows that the person may see; what may be done with each is asked for each."""
        if not self.user_has_any_permission(user, actions):
            return Report.objects.none()
        return Report.objects.visible_to(user)

    def exportable_by(self, user) -> ReportQuerySet:
        """Rows that the person may take along as a list: what they see, where they lead."""
        visible = Report.objects.visible_to(user)
        if is_hq(user):
            return visible
        led = [c for role, c in self._places(user) if EXPORT in IN_OWN_QUEUE[Role(role)]]
        return visible.filter(centre__in=led)

    def users_with_any_permission(self, actions):
        roles = [role for role, granted in IN_OWN_QUEUE.items() if granted.intersection(actions)]
        memberships = Membership.objects.current().filter(role__in=roles)
        return get_user_model().objects.filter(pk__in=memberships.values("user"))

    def members_of_queue(self, report: Report):
        """People who belong to the report's queue today, away or not."""
        return _people(Membership.objects.current().of_queue(report.centre_id))

    def at_work_on(self, report: Report):
        """People who work on the report's queue today: whom it may be assigned to."""
        return _people(Membership.objects.at_work().of_queue(report.centre_id))

    def assignee_at_work(self, report: Report):
        """Whom the report is assigned to; while they are away, their deputy, if that one is there.

        Nobody when neither is.
        """
        there = self.at_work_on(report)
        away = Absence.objects.today().of(report.assignee_id, report.centre_id)
        return there.filter(pk=report.assignee_id) | there.filter(pk__in=away.values("deputy"))

    def office_at_work(self):
        """HQ's people who are there today; all of them rather than nobody."""
        there = _people(Membership.objects.at_work().of_queue(None))
        return there if there.exists() else _people(Membership.objects.current().of_queue(None))

    def leaders_at_work_on(self, report: Report):
        """Those of them who assign and countersign."""
        leading = [role for role, actions in IN_OWN_QUEUE.items() if ASSIGN in actions]
        memberships = Membership.objects.at_work().filter(role__in=leading)
        return _people(memberships.of_queue(report.centre_id))

    def _places(self, user) -> list[tuple[str, int | None]]:
        """(role, centre) of every membership that works on a queue today."""
        return [
            (role, centre)
            for role, centre in Membership.objects.places_of(user)
            if role in QUEUE_ROLES or role == Role.HQ
        ]


def _people(memberships):
    return get_user_model().objects.filter(pk__in=memberships.values("user"))


policy = ReportPermissionPolicy(Report)


def works_on_reports(user) -> bool:
    """Whether the person has a queue to look at."""
    return policy.user_has_any_permission(user, [VIEW])


def may_export(user) -> bool:
    """Who leads a queue takes lists along; whoever works on single reports needs none."""
    return policy.user_has_permission(user, EXPORT)


def may_read_log(user) -> bool:
    """The access log is the auditors' alone."""
    return any(role == Role.AUDITOR for role, _ in Membership.objects.places_of(user))


def may_see_tasks(user) -> bool:
    """Tasks that gave up are HQ's to look after."""
    return any(role == Role.HQ for role, _ in Membership.objects.places_of(user))


def may_take_down(user) -> bool:
    """Whoever a villager turns to: coordinators, and by phone those who work on a queue."""
    return any(role in TAKING_ROLES for role, _ in Membership.objects.places_of(user))


def channel_of(user) -> str:
    """The channel by which a report comes in that the person wrote down."""
    return Channel.HOTLINE if works_on_reports(user) else Channel.COORDINATOR


class AgencyPermissionPolicy(ModelPermissionPolicy):
    """HQ looks after the list of partner agencies."""

    def user_has_permission(self, user, action: str) -> bool:
        return super().user_has_permission(user, action) or is_hq(user)

    def user_has_any_permission(self, user, actions) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)


class RetiredNotDeleted(ModelPermissionPolicy):
    """A category is taken off the form and never deleted: reports carry it."""

    def user_has_permission(self, user, action: str) -> bool:
        return action != "delete" and super().user_has_permission(user, action)


class Offer(NamedTuple):
    """Whose roles somebody gives, which roles, and in which centres."""

    people: QuerySet[User]
    roles: frozenset[str]
    centres: QuerySet[CoordinationCentre]

    @property
    def role_choices(self) -> list[tuple[str, str]]:
        """The roles as a form names them, in their usual order."""
        return [(role, str(label)) for role, label in Role.choices if role in self.roles]

    @property
    def sole_centre(self) -> CoordinationCentre | None:
        """The centre, where there is but one and so nothing to choose."""
        found = list(self.centres.select_related("district")[:2])
        return found[0] if len(found) == 1 else None


class MembershipPermissionPolicy(ModelPermissionPolicy):
    """HQ gives roles and ends them; a chief those below their own, in their own centre.

    Of others and never of superusers: nobody gives themselves a role that way. No membership is
    deleted: it gets a last day.
    """

    def user_has_permission(self, user, action: str) -> bool:
        if super().user_has_permission(user, action):
            return True
        return action in {"add", "change", "view"} and (is_hq(user) or is_chief(user))

    def user_has_any_permission(self, user, actions) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)

    def user_has_permission_for_instance(self, user, action: str, instance) -> bool:
        return (
            self.user_has_permission(user, action)
            and given_by(self.offer_to(user)).filter(pk=instance.pk).exists()
        )

    def user_has_any_permission_for_instance(self, user, actions, instance) -> bool:
        return any(
            self.user_has_permission_for_instance(user, action, instance) for action in actions
        )

    def instances_user_has_any_permission_for(self, user, actions):
        if not self.user_has_any_permission(user, actions):
            return Membership.objects.none()
        return given_by(self.offer_to(user))

    def offer_to(self, user) -> Offer:
        """What the person may give: a form offers this, and lists show what was made of it."""
        people, centres = User.objects.all(), CoordinationCentre.objects.all()
        if super().user_has_permission(user, "change"):
            return Offer(people, frozenset(Role), centres)
        if is_hq(user):
            others = people.filter(is_superuser=False).exclude(pk=user.pk)
            return Offer(others, frozenset(Role), centres)
        return self.offer_to_chief(user)

    def offer_to_chief(self, user) -> Offer:
        """What the person gives as a chief, whatever else they are."""
        led = Membership.objects.led_by(user)
        # Who works elsewhere is not told to a chief: whoever was never here is HQ's to send.
        known = Membership.objects.filter(centre__in=led).values("user")
        return Offer(
            User.objects.filter(is_superuser=False, pk__in=known).exclude(pk=user.pk),
            GIVEN_BY_CHIEFS,
            CoordinationCentre.objects.filter(pk__in=led),
        )

    def may_invite_as(self, user, role: str, centre: CoordinationCentre) -> bool:
        """Whether a person who is new may be given this role there: a chief's, never HQ's."""
        offer = self.offer_to_chief(user)
        return role in offer.roles and offer.centres.filter(pk=centre.pk).exists()


def given_by(offer: Offer):
    """The memberships that whoever is made this offer sees, changes and ends."""
    return Membership.objects.filter(
        # Of these roles only the office's have no centre.
        Q(centre__in=offer.centres) | Q(centre=None),
        user__in=offer.people,
        role__in=offer.roles,
    )


membership_policy = MembershipPermissionPolicy(Membership)


def oversees(user) -> bool:
    """Whether the person looks after who works there: HQ everywhere, a chief in their centre."""
    return is_hq(user) or is_chief(user)


def memberships_reviewed_by(user):
    """Of which memberships the person says that they are still needed: never of their own."""
    if is_hq(user):
        return Membership.objects.exclude(user=user)
    return given_by(membership_policy.offer_to_chief(user))


def openings_overseen_by(user):
    """Entries of the log that tell of somebody else's reading; a chief's are of their own centre.

    What concerns a local official lies in no centre, so no chief is told of it.
    """
    readings = LogEntry.objects.filter(
        actor=LogEntry.Actor.STAFF, action__in=READINGS, user__isnull=False
    ).exclude(user=user.pk)
    if is_hq(user):
        return readings
    return readings.filter(report__centre__in=Membership.objects.led_by(user))


def is_place_reviewed_by(user, centre_id: int | None) -> bool:
    """Whether the person looks through and signs there. None is the project office."""
    return is_hq(user) or centre_id in Membership.objects.led_by(user)


def colleagues_of(user):
    """Who works on the person's queues, and everybody on every queue for HQ."""
    working = Membership.objects.current().filter(role__in=QUEUE_ROLES | {Role.HQ})
    if is_hq(user):
        return working
    return working.filter(centre__in=Membership.objects.queues_of(user))


def may_assign_in(user, centre_id: int | None) -> bool:
    """Whether the person says who works on which report of a queue, and hands over."""
    return any(
        role == Role.HQ or (centre == centre_id and ASSIGN in IN_OWN_QUEUE.get(Role(role), ()))
        for role, centre in Membership.objects.places_of(user)
    )


def may_note_absence(user, membership: Membership) -> bool:
    """One's own; a chief and a secretary those of their centre, HQ everybody's."""
    return membership.user_id == user.pk or may_assign_in(user, membership.centre_id)


def is_hq(user) -> bool:
    """Whether the person moderates for the project office today."""
    return Membership.objects.is_hq(user)


def is_chief(user) -> bool:
    """Whether the person leads a centre today."""
    return bool(Membership.objects.led_by(user))


def register() -> None:
    register_permission_policy(Report, policy)
    register_permission_policy(Category, RetiredNotDeleted(Category))
    register_permission_policy(Membership, membership_policy)
    register_permission_policy(Agency, AgencyPermissionPolicy(Agency))
