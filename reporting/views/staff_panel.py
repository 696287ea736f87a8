"""What waits for a person, on the admin's first page."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.ui.components import Component

from home.models import User
from reporting import breaker, reviewing, unusual
from reporting.models import Endpoint, Membership, Role, Status
from reporting.permissions import ASSIGN, VIEW, is_hq, may_see_tasks, oversees, policy
from reporting.views.staff_counts import count_answered, count_open, count_with_somebody_away
from reporting.views.staff_lists import centres
from work import ledger


class Tile(NamedTuple):
    number: str
    label: str
    url: str
    is_loud: bool = False


class OpenReportsPanel(Component):
    """Counts of a person's open reports, each leading to the queue filtered likewise."""

    name = "open_reports"
    template_name = "reporting/admin/home_panel.html"
    order = 10

    class Media:
        css = {"all": ["reporting/staff.css"]}

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        user = (parent_context or {})["request"].user
        visible = policy.instances_user_has_any_permission_for(user, [VIEW])
        counts, answered = count_open(visible, user), count_answered(visible)
        index = reverse("reports:index")
        waiting = counts.by_status[Status.RECEIVED]
        gave_up = ledger.dead().count() if may_see_tasks(user) else 0
        away = count_with_somebody_away(visible) if leads(user) else 0
        with_away = [
            Tile(
                str(away),
                _("with somebody who is away"),
                f"{index}?attention=away",
                is_loud=True,
            )
        ]
        answers = [
            Tile(
                str(answered),
                _("with a new answer of the reporter"),
                f"{index}?status=all&attention=answered&sort=newest",
                is_loud=True,
            )
        ]
        silent = Endpoint.objects.gave_up().count() if is_hq(user) else 0
        endpoints = [
            Tile(
                str(silent),
                _("endpoints that were switched off"),
                reverse("endpoints:index"),
                is_loud=True,
            )
        ]
        unreviewed = len(reviewing.places_without_review(user)) if oversees(user) else 0
        reviews = [
            Tile(
                str(unreviewed),
                _("access reviews to sign this quarter"),
                reverse("accounts:reviews"),
                is_loud=True,
            )
        ]
        reading = unusual.count_seen_by(user) if oversees(user) else 0
        unusual_reading = [
            Tile(
                str(reading),
                _("times that reading was unusual"),
                reverse("reports:unusual"),
                is_loud=True,
            )
        ]
        tasks = [
            Tile(str(gave_up), _("tasks that gave up"), reverse("reports:tasks"), is_loud=True)
        ]
        return {
            "heading": _("Reports that wait for you"),
            "floods": floods() if is_hq(user) else "",
            "tiles": [
                Tile(
                    counts.words(waiting), _("waiting for a first look"), f"{index}?status=received"
                ),
                Tile(
                    counts.words(counts.overdue),
                    _("overdue"),
                    f"{index}?attention=overdue&sort=deadline",
                    is_loud=counts.overdue > 0,
                ),
                Tile(counts.words(counts.mine), _("assigned to me"), f"{index}?assignee=me"),
                *(answers if answered else []),
                *(with_away if away else []),
                *(reviews if unreviewed else []),
                *(unusual_reading if reading else []),
                *(tasks if gave_up else []),
                *(endpoints if silent else []),
            ],
        }


def leads(user: User) -> bool:
    """Whether the person says in some queue who works on what."""
    return policy.user_has_permission(user, ASSIGN)


def floods() -> str:
    """Which queues take text only because so much comes in; nothing when none does."""
    flooded, known = breaker.flooded_queues(), centres()
    names = sorted(str(known[pk]) for pk in flooded if pk in known)
    if None in flooded:
        names.append(_("the project office"))
    if not names:
        return ""
    return _(
        "Flooded queues: %(queues)s. More reports than usual came in there within an hour. New "
        "ones bring text only, and mail about them waits up to 15 minutes, danger included. Please "
        "look through them now."
    ) % {"queues": ", ".join(names)}


def has_no_screens(user: User) -> bool:
    """Whether the person's only roles are those whose screens are still to come."""
    roles = set(Membership.objects.current().filter(user=user).values_list("role", flat=True))
    return bool(roles) and roles <= {Role.ANALYST}


class NoScreensPanel(Component):
    """Says plainly that there is nothing to look for."""

    name = "no_screens"
    template_name = "reporting/admin/no_screens_panel.html"
    order = 10
