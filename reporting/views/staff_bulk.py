"""One step for several reports of a page, each under its own rules."""

import re
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from home.confirming import ConfirmedMixin
from reporting import folding, lifecycle
from reporting.models import Report
from reporting.models.report import REFERENCE_ALPHABET, REFERENCE_LENGTH
from reporting.querysets import ReportQuerySet
from reporting.staff_forms import AssignSeveralForm
from reporting.views import staff_words as words
from reporting.views.staff_lists import category_of
from reporting.views.staff_queue import MENU_LABEL, PAGE

REFERENCE = re.compile(f"[{REFERENCE_ALPHABET}]{{{REFERENCE_LENGTH}}}")
# What changes reports, and so asks for the second factor: the page on which it is sent, and its
# button. What one's own list hides or shows changes none.
STEPS: dict[str, tuple[str | Promise, str | Promise]] = {
    "accept": (gettext_lazy("Accept reports"), gettext_lazy("Accept these")),
    "assign": (gettext_lazy("Assign reports"), gettext_lazy("Assign these")),
}
# In the address of that page; the other names in it are those of the list's filters.
CHOICE = ("act", "report", "to")


class BulkView(ConfirmedMixin, WagtailAdminTemplateMixin, View):
    """Accepts, assigns, hides or shows what was ticked in the list.

    Whoever is asked for their second factor in between finds what they had ticked on a page, to be
    sent from there. The gate made `visible`. One reference outside it and nothing is done: 404.
    """

    template_name = "reporting/admin/several.html"
    header_icon = "warning"
    request: Any
    visible: ReportQuerySet
    reports: Sequence[Report]

    @property
    def act(self) -> str:
        given: str = self.request.POST.get("act") or self.request.GET.get("act", "")
        return given

    def needs_confirming(self) -> bool:
        return self.act in STEPS

    def comes_back_to(self) -> str:
        sent = self.request.POST
        if not sent:
            return super().comes_back_to()
        query = self.query_of_the_list()
        query["act"] = self.act
        # What was typed instead of a reference or a number goes into no address.
        query.setlist("report", list(filter(REFERENCE.fullmatch, sent.getlist("report")))[:PAGE])
        if sent.get("assignee", "").isdecimal():
            query["to"] = sent["assignee"]
        return f"{reverse('reports:bulk')}?{query.urlencode()}"

    def query_of_the_list(self) -> QueryDict:
        query: QueryDict = self.request.GET.copy()
        for name in CHOICE:
            query.pop(name, None)
        return query

    def get_page_title(self) -> str:
        return str(STEPS[self.act][0])

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("reports:index"), "label": MENU_LABEL},
            {"url": "", "label": self.get_page_title()},
        ]

    def get(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        """What somebody had ticked when they were asked for their factor; else the list."""
        chosen = set(request.GET.getlist("report"))
        if self.act not in STEPS or not chosen:
            return self.back()
        self.reports = self.find(chosen)
        return self.ask(self.assign_form() if self.act == "assign" else None)

    def post(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        acts = {
            "accept": self.accept,
            "assign": self.assign,
            "fold": self.fold,
            "unfold": self.unfold,
        }
        act = acts.get(request.POST.get("act", ""))
        chosen = set(request.POST.getlist("report"))
        if act is None or not chosen:
            messages.error(request, _("Nothing was done: tick at least one report first."))
            return self.back()
        self.reports = self.find(chosen)
        return act()

    def find(self, references: set[str]) -> Sequence[Report]:
        """The reports of these references; at most a page of them."""
        if len(references) > PAGE or not all(map(REFERENCE.fullmatch, references)):
            raise Http404
        found = self.visible.with_circumstances().filter(reference__in=references)
        reports = list(found.order_by("due_at", "pk"))
        if len(reports) < len(references):
            raise Http404
        return reports

    def accept(self) -> HttpResponse:
        return self.take("accept")

    def assign(self) -> HttpResponse:
        form = self.assign_form()
        if not form.is_valid():
            return self.ask(form)
        return self.take("assign", assignee=form.cleaned_data["assignee"])

    def assign_form(self) -> AssignSeveralForm:
        sent = self.request.POST
        return AssignSeveralForm(
            sent if "assignee" in sent else None,
            reports=self.reports,
            user=self.request.user,
            initial={"assignee": self.request.GET.get("to")},
        )

    def ask(self, form: AssignSeveralForm | None) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form))

    def fold(self) -> HttpResponse:
        user = self.request.user
        hidden = sum(
            folding.fold_similar(report, by=user, visible=self.visible) for report in self.reports
        )
        if not hidden:
            messages.warning(self.request, _("No similar report was found that can wait."))
            return self.back()
        sentence = ngettext(
            "%(count)s similar report is hidden from your list.",
            "%(count)s similar reports are hidden from your list.",
            hidden,
        )
        messages.success(self.request, sentence % {"count": hidden})
        return self.back()

    def unfold(self) -> HttpResponse:
        folding.unfold(self.reports, by=self.request.user)
        messages.success(self.request, _("Your list shows them again."))
        return redirect("reports:index")

    def take(self, step: str, **details: Any) -> HttpResponseRedirect:
        """Each report by itself: what one refuses the others do not wait for."""
        refused: dict[str, list[str]] = {}
        for report in self.reports:
            try:
                lifecycle.move(report, step, by=self.request.user, **details)
            except PermissionDenied:
                reason = _("Your role does not allow this step.")
            except lifecycle.TransitionNotAllowed as problem:
                reason = str(problem)
            else:
                continue
            refused.setdefault(reason, []).append(report.reference)
        done = len(self.reports) - sum(map(len, refused.values()))
        if done:
            messages.success(self.request, _done(step, done))
        for reason, references in refused.items():
            names = {"references": ", ".join(references), "reason": reason}
            messages.error(self.request, _("Not done: %(references)s. %(reason)s") % names)
        return self.back()

    def back(self) -> HttpResponseRedirect:
        """The list as it was narrowed."""
        query = self.query_of_the_list().urlencode()
        return redirect(reverse("reports:index") + (f"?{query}" if query else ""))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            chosen=[
                {
                    "reference": report.reference,
                    "category": str(category_of(report) or _("not chosen")),
                    "place": words.place(report) or _("not given"),
                    "status": report.get_status_display(),
                    "assignee": words.person(report.assignee) if report.assignee else "",
                }
                for report in self.reports
            ],
            act=self.act,
            button=STEPS[self.act][1],
            query=self.query_of_the_list().urlencode(),
            **kwargs,
        )


def _done(step: str, count: int) -> str:
    if step == "accept":
        sentence = ngettext(
            "%(count)s report was accepted into the queue.",
            "%(count)s reports were accepted into the queue.",
            count,
        )
    else:
        sentence = ngettext(
            "%(count)s report was assigned.", "%(count)s reports were assigned.", count
        )
    return sentence % {"count": count}
