"""One report: what is known, what was done, what may be done next, and the opening of its texts."""

from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from reporting import dialogue, duplicates, lifecycle, texts
from reporting.models import Report
from reporting.permissions import READ, policy
from reporting.querysets import ReportQuerySet
from reporting.sealing import SealingUnavailable
from reporting.staff_forms import DIRECT_STEPS, FORMS, StepForm
from reporting.views import staff_facts, staff_files, staff_keys, staff_similar, staff_timeline
from reporting.views.staff_filters import normalised_reference
from reporting.views.staff_queue import MENU_LABEL, usual_step

# What leads on stands first among the steps; what takes the report away stands last.
LAST = frozenset({"reverse_finding", "send_back", "reroute", "merge", "reject"})
FORBIDDEN, CONFLICT, UNAVAILABLE = 403, 409, 503

# What each step did, told to whoever took it.
DONE = {
    "accept": gettext_lazy("Report %(reference)s was accepted into the queue."),
    "reroute": gettext_lazy("Report %(reference)s was sent on."),
    "reject": gettext_lazy("Report %(reference)s was rejected."),
    "merge": gettext_lazy("Report %(reference)s was marked as a duplicate."),
    "assign": gettext_lazy("Report %(reference)s was assigned."),
    "verify": gettext_lazy("The facts of report %(reference)s are now being checked."),
    "record_finding": gettext_lazy("A finding on report %(reference)s was recorded."),
    "reverse_finding": gettext_lazy("The finding on report %(reference)s was taken back."),
    "refer": gettext_lazy(
        "The referral of report %(reference)s was recorded. Nothing was sent: please hand it over."
    ),
    "hand_over": gettext_lazy("It is recorded that the referral of report %(reference)s left."),
    "return": gettext_lazy("The agency's answer on report %(reference)s was recorded."),
    "propose_closing": gettext_lazy("Closing report %(reference)s was proposed."),
    "close": gettext_lazy("Report %(reference)s was closed."),
    "send_back": gettext_lazy("The proposed closing of report %(reference)s was sent back."),
    "reopen": gettext_lazy("Report %(reference)s was reopened."),
    "message": gettext_lazy("The message on report %(reference)s waits for the reporter."),
}


class PossibleStep(NamedTuple):
    """A step that the person may take now, and the key that takes it."""

    name: str
    label: str | Promise
    key: str


class ReportPageMixin(WagtailAdminTemplateMixin):
    """Renders one report. The gate made `visible` and found `report` in it."""

    template_name = "reporting/admin/report.html"
    header_icon = "warning"
    request: Any
    visible: ReportQuerySet
    report: Report

    def get_page_title(self) -> str:
        return _("Report %(reference)s") % {"reference": self.report.reference}

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("reports:index"), "label": MENU_LABEL},
            {"url": self.report_url, "label": self.report.reference},
        ]

    @property
    def report_url(self) -> str:
        return reverse("reports:report", args=[self.report.reference])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        report, user = self.report, self.request.user
        entries = staff_timeline.latest(report)
        relatives = staff_facts.relatives(
            report, visible=self.visible, named=staff_timeline.named(entries)
        )
        stands = any(finding.is_standing for finding in report.findings.all())
        usual = usual_step(report, has_finding=stands)
        may_read = policy.user_has_permission_for_instance(user, READ, report)
        steps = sorted(
            lifecycle.steps_for(report, user),
            key=lambda step: 0 if step.name == usual else 2 if step.name in LAST else 1,
        )
        no_message_because = dialogue.obstacle_to_message(report, by=user)
        possible = [
            PossibleStep(step.name, step.label, staff_keys.STEPS[step.name])
            for step in steps
            if step.obstacle is None
        ]
        return super().get_context_data(
            report=report,
            facts=staff_facts.facts(report),
            findings=staff_facts.findings(report),
            referrals=staff_facts.referrals(report),
            files=staff_files.rows(report, user),
            relatives=relatives,
            timeline=staff_timeline.timeline(entries, report, references=relatives.references),
            steps=possible,
            blocked_steps=[step for step in steps if step.obstacle is not None],
            direct_steps=DIRECT_STEPS,
            no_message_because=no_message_because,
            keys=self.keys(possible, may_read=may_read, may_write=not no_message_because),
            step_keys=staff_keys.STEPS,
            read_key=staff_keys.READ,
            back_key=staff_keys.BACK,
            may_read=may_read,
            similar=staff_similar.similar(report, visible=self.visible) if may_read else [],
            **kwargs,
        )

    def keys(
        self, steps: list[PossibleStep], *, may_read: bool, may_write: bool
    ) -> list[staff_keys.Key]:
        if not staff_keys.wants_keys(self.request.user):
            return []
        shown = [(step.name, step.label) for step in steps]
        if may_write:
            shown.append(("message", MessageView.label))
        return staff_keys.report_keys(shown, may_read=may_read)

    def render_report(self, *, status: int = 200, **context: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(**context), status=status)

    def refuse(self, problem: Any, *, status: int) -> HttpResponse:
        """The report as it is now and what went wrong; 404 when it has left the person's sight."""
        self.report = get_object_or_404(self.visible.with_circumstances(), pk=self.report.pk)
        return self.render_report(problem=problem, status=status)


class ReportView(ReportPageMixin, View):
    def get(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_report()


class ReadView(ReportPageMixin, View):
    """Opens everything that was written about a report, for this one answer."""

    def get(self, request, *args: Any, **kwargs: Any) -> HttpResponseRedirect:
        return redirect(self.report_url)

    def post(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            opened = texts.open_texts(self.report, by=request.user)
        except PermissionDenied:
            return self.refuse(_("Your role does not allow reading it."), status=FORBIDDEN)
        except SealingUnavailable as problem:
            return self.refuse(str(problem), status=UNAVAILABLE)
        duplicates.ask_for_sketch(self.report)  # it may have come in before there were any
        self.report.has_new_answer = self.report.is_unread = False  # it is on this page
        return self.render_report(opened=staff_facts.opened(self.report, opened))


class StepView(ReportPageMixin, View):
    """One step of the lifecycle: asks for what it needs, and takes it."""

    step = ""

    @property
    def label(self) -> str | Promise:
        return lifecycle.TRANSITIONS[self.step].label

    def obstacle(self) -> lifecycle.Obstacle | None:
        return lifecycle.obstacle(self.report, self.step, by=self.request.user)

    def take(self, form: StepForm) -> Report:
        return lifecycle.move(self.report, self.step, by=self.request.user, **form.details)

    def get(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.step in DIRECT_STEPS:
            return redirect(self.report_url)
        if obstacle := self.obstacle():
            status = FORBIDDEN if obstacle.is_permission else CONFLICT
            return self.refuse(obstacle.sentence, status=status)
        return self.render_form(self.form())

    def post(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        # Asked before the form is made: whoever may not take the step is not told who else may.
        obstacle = self.obstacle()
        if obstacle and obstacle.is_permission:
            return self.refuse(obstacle.sentence, status=FORBIDDEN)
        form = self.form(request.POST)
        if not form.is_valid():
            if obstacle:
                return self.render_form(form, problem=obstacle.sentence, status=CONFLICT)
            return self.render_form(form)
        try:
            report = self.take(form)
        except PermissionDenied:
            return self.refuse(_("Your role does not allow this step."), status=FORBIDDEN)
        except lifecycle.TransitionNotAllowed as problem:
            return self.not_done(form, str(problem), status=CONFLICT)
        except SealingUnavailable as problem:
            return self.not_done(form, str(problem), status=UNAVAILABLE)
        messages.success(request, DONE[self.step] % {"reference": report.reference})
        if not self.visible.filter(pk=report.pk).exists():
            return redirect("reports:index")
        return redirect(self.report_url)

    def form(self, data: Any = None) -> StepForm:
        # A link beside a likely duplicate brings its reference along.
        initial = {"into": normalised_reference(self.request.GET.get("into", ""))}
        return FORMS.get(self.step, StepForm)(
            data, report=self.report, user=self.request.user, initial=initial
        )

    def not_done(self, form: StepForm, problem: str, *, status: int) -> HttpResponse:
        if not form.fields:
            return self.refuse(problem, status=status)
        self.report = get_object_or_404(self.visible.with_circumstances(), pk=self.report.pk)
        return self.render_form(form, problem=problem, status=status)

    def render_form(
        self, form: StepForm, *, problem: Any = None, status: int = 200
    ) -> HttpResponse:
        self.template_name = "reporting/admin/step.html"
        context = WagtailAdminTemplateMixin.get_context_data(
            self,
            report=self.report,
            form=form,
            problem=problem,
            label=self.label,
            step_name=self.step,
            brief=staff_facts.brief(self.report),
            report_url=self.report_url,
        )
        return self.render_to_response(context, status=status)


class MessageView(StepView):
    """Writing to the reporter: a step that leads nowhere on, and may be taken in any status."""

    step = "message"
    label = gettext_lazy("Ask or answer the reporter")

    def obstacle(self) -> lifecycle.Obstacle | None:
        return dialogue.obstacle_to_message(self.report, by=self.request.user)

    def take(self, form: StepForm) -> Report:
        return dialogue.write(self.report, by=self.request.user, **form.details)
