"""The log of accounts, for auditors."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from accounts.models import AccountLog
from accounts.views.people import AccountView
from reporting.models import Role
from reporting.permissions import may_read_log
from reporting.views.staff_paging import Order
from reporting.views.staff_words import moment, person

PAGE = 100
ORDER = Order("at", is_descending=True)
FIELDS = {
    "username": gettext_lazy("User name"),
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "email": gettext_lazy("Mail address"),
    "language": gettext_lazy("Language"),
}


class LogView(AccountView):
    """Everything that was done with accounts, roles and groups, latest first."""

    opens_for = staticmethod(may_read_log)
    template_name = "accounts/log.html"
    page_title = gettext_lazy("Log of accounts")
    header_icon = "history"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        before = request.GET.get("before", "")
        entries = ORDER.after(AccountLog.objects.select_related("actor", "person"), before)
        found = list(ORDER.sort(entries)[: PAGE + 1])
        page = found[:PAGE]
        return self.show(
            entries=[
                {
                    "at": moment(entry.at),
                    "who": person(entry.actor) if entry.actor else "–",
                    "what": entry.get_action_display(),
                    "whom": person(entry.person) if entry.person else "–",
                    "detail": detail(entry),
                }
                for entry in page
            ],
            is_first_page=not before,
            next_page=f"?before={ORDER.token(page[-1])}" if len(found) > PAGE else "",
        )

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]


def detail(entry: AccountLog) -> str:
    """The reason, the role, the groups and rights, or which fields were changed: never to what."""
    data = entry.data
    if entry.reason:
        return entry.reason
    if "role" in data:
        role = str(dict(Role.choices).get(data["role"], data["role"]))
        return " · ".join(word for word in (role, data.get("centre"), data.get("until")) if word)
    added = [f"+ {name}" for name in data.get("added", [])]
    removed = [f"− {name}" for name in data.get("removed", [])]
    fields = [str(FIELDS[name]) for name in data.get("fields", []) if name in FIELDS]
    group = [data["group"]] if "group" in data else []
    return ", ".join([*group, *added, *removed, *fields])
