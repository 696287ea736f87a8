"""One step for several reports of a page, each under its own rules."""

import re
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from reporting import folding, lifecycle
from reporting.models import Report
from reporting.models.report import REFERENCE_ALPHABET, REFERENCE_LENGTH
from reporting.querysets import ReportQuerySet
from reporting.staff_forms import AssignSeveralForm
from reporting.views import staff_words as words
from reporting.views.staff_lists import category_of
from reporting.views.staff_queue import MENU_LABEL, PAGE

REFERENCE = re.compile(f"[{REFERENCE_ALPHABET}]{{{REFERENCE_LENGTH}}}")


class BulkView(WagtailAdminTemplateMixin, View):
    """Accepts, assigns, hides or shows what was ticked in the list.

    What is to demand more of a person than one report does stands here.
    The gate made `visible`. One reference outside it and nothing is done: 404.
    """

    template_name = "reporting/admin/assign_several.html"
    header_icon = "warning"
    request: Any
    visible: ReportQuerySet
    reports: Sequence[Report]

    def get_page_title(self) -> str:
        return _("Assign reports")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("reports:index"), "label": MENU_LABEL},
            {"url": "", "label": self.get_page_title()},
        ]

    def get(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.back()

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
        is_answer = "assignee" in self.request.POST
        form = AssignSeveralForm(
            self.request.POST if is_answer else None, reports=self.reports, user=self.request.user
        )
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        return self.take("assign", assignee=form.cleaned_data["assignee"])

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
        query = self.request.GET.urlencode()
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
            query=self.request.GET.urlencode(),
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
