"""One referral: its facts, its words for one answer, and its sheet to print or to save."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views import View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from home.dates import format_day
from reporting import lifecycle, referral_pack, referral_pdf, texts, typesetting
from reporting.models import Referral, Stage, numbered
from reporting.permissions import READ, policy
from reporting.sealing import SealingUnavailable
from reporting.views import staff_facts, staff_words
from reporting.views.staff_facts import Fact
from reporting.views.staff_report import CONFLICT, FORBIDDEN, UNAVAILABLE, ReportPageMixin

SHOWN = ("receiver", "purpose", "pack", "answer")
STEPS = ("hand_over", "return")


class ReferralMixin(ReportPageMixin):
    """Finds the referral among those of the report; another number is nowhere."""

    template_name = "reporting/admin/referral.html"
    number: int
    referral: Referral

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.number = kwargs["number"]
        found = numbered(self.report).get(self.number)
        if found is None:
            raise Http404
        self.referral = found

    @property
    def referral_url(self) -> str:
        return reverse("reports:referral", args=[self.report.reference, self.number])

    def get_page_title(self) -> str:
        return _("Referral %(number)s of report %(reference)s") % {
            "number": self.number,
            "reference": self.report.reference,
        }

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *super().get_breadcrumbs_items(),
            {"url": self.referral_url, "label": _("Referral %(number)s") % {"number": self.number}},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        return WagtailAdminTemplateMixin.get_context_data(
            self,
            report=self.report,
            referral=self.referral,
            number=self.number,
            facts=self.facts(),
            ran_out=staff_facts.ran_out(self.referral),
            may_read=policy.user_has_permission_for_instance(user, READ, self.report),
            may_leave=not self.referral.has_run_out,
            steps=[
                (name, lifecycle.TRANSITIONS[name].label)
                for name in STEPS
                if lifecycle.obstacle(self.report, name, by=user) is None and self.takes(name)
            ],
            report_url=self.report_url,
            **kwargs,
        )

    def takes(self, step: str) -> bool:
        """Whether the step has something to do with this referral."""
        return (step == "return" and not self.referral.answer_id) or (
            step == "hand_over" and self.referral.stage == Stage.PREPARED
        )

    def facts(self) -> list[Fact]:
        referral = self.referral
        made = f"{staff_words.person(referral.referred_by)}, "
        made += staff_words.moment(referral.referred_at)
        found = [
            Fact(_("Agency"), referral.agency.name),
            Fact(_("Status"), str(referral.stage.label)),
            Fact(_("May be used until"), format_day(referral.expires_on)),
            Fact(_("Prepared by"), made),
        ]
        if referral.handed_over_by and referral.handed_over_at:
            handed = f"{staff_words.person(referral.handed_over_by)}, "
            handed += staff_words.moment(referral.handed_over_at)
            found.append(Fact(_("Handed over by"), handed))
        if referral.agency.how_to_reach:
            found.append(Fact(_("How to reach the agency"), referral.agency.how_to_reach))
        return found

    def open(self, action: str) -> dict[str, str] | HttpResponse:
        """The words, or the page that says why they stay closed."""
        try:
            return texts.open_referral(
                self.report,
                self.referral,
                number=self.number,
                by=self.request.user,
                action=action,
            )
        except PermissionDenied:
            return self.refuse(_("Your role does not allow reading it."), status=FORBIDDEN)
        except SealingUnavailable as problem:
            return self.refuse(str(problem), status=UNAVAILABLE)

    def refuse(self, problem: Any, *, status: int) -> HttpResponse:
        return self.render_report(problem=problem, status=status)


class ReferralView(ReferralMixin, View):
    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_report()

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        words = self.open("read_referral")
        if isinstance(words, HttpResponse):
            return words
        opened = [
            Fact(str(staff_facts.WORDS[name]), words[name]) for name in SHOWN if words.get(name)
        ]
        return self.render_report(opened=opened)


class SheetMixin(ReferralMixin):
    """What leaves the building: asked for with a click, logged, and refused once it ran out."""

    action = ""

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return redirect(self.referral_url)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.referral.has_run_out:
            return self.refuse(staff_facts.ran_out(self.referral), status=CONFLICT)
        words = self.open(self.action)
        if isinstance(words, HttpResponse):
            return words
        facts = referral_pack.facts_of(self.report, self.referral, number=self.number)
        return self.answer(referral_pack.sheet(facts, words, viewer=request.user))

    def answer(self, sheet: referral_pack.Sheet) -> HttpResponse:
        raise NotImplementedError


class PrintView(SheetMixin, View):
    """The same sheet as a page: a PDF's text repeats some Thai letters when it is copied."""

    action = "print_referral"

    def answer(self, sheet: referral_pack.Sheet) -> HttpResponse:
        with translation.override(referral_pack.LANGUAGE):
            context = {"sheet": sheet, "marks": [sheet.watermark] * 40}
            return render(self.request, "reporting/admin/referral_sheet.html", context)


class PdfView(SheetMixin, View):
    action = "download_referral"

    def answer(self, sheet: referral_pack.Sheet) -> HttpResponse:
        name = f"{self.report.reference}-{self.referral.agency_id}.pdf"
        try:
            pdf = referral_pdf.pdf(sheet)
        except typesetting.SheetNotSet:
            return self.refuse(
                _("The PDF could not be made. Please open it to print instead."),
                status=UNAVAILABLE,
            )
        return HttpResponse(
            pdf,
            content_type="application/pdf",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
