"""/admin/intake/: writing down what somebody told, the slip for them, and one's own list.

The pages have a frame of their own, a tenth of the weight of the admin's: headmen work on old
phones and bad lines. Whatever is typed comes in the body of a POST and is never part of an
address, a message or a log line.
"""

import logging
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters

from home.dates import format_day, format_year
from reporting import drafts, intake, sealing, status_words, taking_down
from reporting.intake_forms import FIELDS, TakeDownForm
from reporting.models import Membership, Report
from reporting.permissions import channel_of, may_take_down, works_on_reports
from reporting.posted import Unreadable, posted
from reporting.views import staff_words as words
from reporting.views.staff_lists import category_of, centres

logger = logging.getLogger(__name__)

PAGE = 25
RETRY_AFTER = "300"  # seconds


@method_decorator(sensitive_post_parameters(), name="dispatch")
class IntakeView(View):
    """What the screens below have in common. The gate stands before them."""

    opens_for = staticmethod(may_take_down)
    request: Any

    def page(
        self, name: str, context: dict[str, Any] | None = None, *, status: int = 200
    ) -> HttpResponse:
        frame = {"sees_reports": works_on_reports(self.request.user)}
        template = f"reporting/intake/{name}.html"
        response = render(self.request, template, {**frame, **(context or {})}, status=status)
        response["X-Robots-Tag"] = "noindex"
        if status == 503:
            response["Retry-After"] = RETRY_AFTER
        return response

    def typed(self) -> dict[str, str]:
        """What the form sent. Raises Unreadable."""
        data = posted(self.request)
        return {name: data[name] for name in FIELDS if name in data}

    def form(self, data: Any = None, *, kept: Any = None) -> TakeDownForm:
        user = self.request.user
        return TakeDownForm(
            data, kept=kept, channel=channel_of(user), own_districts=own_districts(user)
        )

    def not_read(self, reason: Unreadable) -> HttpResponse:
        return self.page("not_read", {"reason": reason}, status=reason.status)


def own_districts(user: Any) -> list[str]:
    """The codes of the districts where the person holds a role today."""
    places = [centres().get(pk) for _role, pk in Membership.objects.places_of(user) if pk]
    return list(dict.fromkeys(centre.district.code for centre in places if centre))


class TakeDownView(IntakeView):
    """The form; and as the answer to a complete one, the slip."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            kept = drafts.open_draft(self.request.user)
        except sealing.SealingUnavailable:
            return self.show(self.form(), cannot_open_draft=True)
        return self.show(self.form(kept=kept), is_draft=bool(kept))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            data = self.typed()
        except Unreadable as reason:
            return self.not_read(reason)
        token = data.get("token", "")
        if repeat := intake.repeat_of(token):  # whatever has changed since
            drafts.discard(self.request.user)
            return self.slip(repeat, data.get("slip_language", ""), token)
        form = self.form(data)
        if not form.is_valid():
            return self.show(form)
        try:
            receipt = taking_down.take_down(
                form.arrival(language=get_language() or settings.LANGUAGE_CODE),
                token=form.token,
                by=self.request.user,
                session=self.session,
            )
        except intake.IntakeRefused as refusal:
            form.add_error(None, str(refusal))
            return self.show(form)
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody's words may be lost
            # Its name only: the message of a database may quote what somebody wrote.
            logger.error("What was told could not be filed: %s", type(error).__name__)
            return self.show(form, is_out_of_order=True)
        drafts.discard(self.request.user)
        return self.slip(receipt, form.slip_speaks, form.token)

    @property
    def session(self) -> str:
        return self.request.session.session_key or ""

    def show(self, form: TakeDownForm, **context: Any) -> HttpResponse:
        context |= {"form": form, "here": "form"}
        context["problems"] = form.problems if form.is_bound else []
        status = 503 if context.get("is_out_of_order") else 200
        return self.page("take_down", context, status=status)

    def slip(self, receipt: intake.Receipt, language: str, token: str) -> HttpResponse:
        """Once; and for some minutes again in the session that sent the form, over a bad line."""
        if receipt.is_repeat and not taking_down.may_see_again(token, self.session):
            return self.page("shown_once")
        speaks = language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(speaks):
            address = settings.WAGTAILADMIN_BASE_URL.rstrip("/") + reverse("report_status")
        context = {
            "groups": receipt.grouped.split(),
            "is_repeat": receipt.is_repeat,
            "slip_language": speaks,
            "address": address.split("://", 1)[-1],
        }
        return self.page("slip", context)


class KeepView(IntakeView):
    """Keeps what was typed: by itself while somebody types, or by a button."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("intake:index")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            data = self.typed()
            is_by_itself = "by_itself" in posted(self.request)
        except Unreadable as reason:
            return self.not_read(reason)
        try:
            drafts.keep(self.request.user, data)
        except drafts.TooMuch:
            return HttpResponse(status=413) if is_by_itself else self.refuse(data, status=413)
        except sealing.SealingUnavailable:
            return HttpResponse(status=503) if is_by_itself else self.refuse(data, status=503)
        return HttpResponse(status=204) if is_by_itself else redirect("intake:mine")

    def refuse(self, data: dict[str, str], *, status: int) -> HttpResponse:
        context = {"form": self.form(kept=data), "could_not_keep": True}
        return self.page("take_down", context, status=status)


class DiscardView(IntakeView):
    """Throws away what was typed and not sent."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("intake:index")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        drafts.discard(self.request.user)
        return redirect("intake:index")


class OwnListView(IntakeView):
    """What the person wrote down in a year, and where it stands: no reference, no text.

    What concerns a local official is not among it, and is not counted.
    """

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        this_year = taking_down.this_year()
        year = _number(request.GET.get("year", ""), least=2000, most=this_year) or this_year
        number = _number(request.GET.get("page", ""), least=1, most=1000) or 1
        ids = taking_down.taken_down_by(self.request.user, year)
        has_earlier = bool(taking_down.taken_down_by(self.request.user, year - 1))
        start = (number - 1) * PAGE
        context = {
            "rows": [row(report) for report in taking_down.in_order(ids[start : start + PAGE])],
            "here": "list",
            "year": year,
            "year_name": format_year(date(year, 1, 1)),
            "page_before": number - 1,
            "page_after": number + 1 if len(ids) > start + PAGE else 0,
            "year_before": year - 1 if has_earlier else 0,
            "year_after": year + 1 if year < this_year else 0,
            "has_draft": drafts.has_draft(self.request.user),
        }
        return self.page("own_list", context)


def row(report: Report) -> dict[str, str]:
    category = category_of(report)
    return {
        "day": format_day(timezone.localdate(report.received_at)),
        "category": category.name if category else _("not chosen"),
        "place": words.place(report) or _("not given"),
        "status": str(status_words.STANDS_AT[report.status]),
    }


def _number(text: str, *, least: int, most: int) -> int | None:
    """A number from an address; None for what is none of ours."""
    is_number = text.isascii() and text.isdigit() and len(text) <= 4
    return int(text) if is_number and least <= int(text) <= most else None
