"""What waits for a person, on the admin's first page."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.ui.components import Component

from reporting.models import Status
from reporting.permissions import VIEW, policy
from reporting.views.staff_counts import count_open


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
        counts = count_open(policy.instances_user_has_any_permission_for(user, [VIEW]), user)
        index = reverse("reports:index")
        waiting = counts.by_status[Status.RECEIVED]
        return {
            "heading": _("Reports that wait for you"),
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
            ],
        }
