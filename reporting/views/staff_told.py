"""How I am told: at once or once a day, by mail, and by LINE for who links it."""

from typing import Any

from django import forms
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from reporting import line_links
from reporting.models import LineNotice, Notice, Telling
from reporting.permissions import works_on_reports
from reporting.views.staff_people import MENU_LABEL

AT_ONCE = ""


class ToldForm(forms.Form):
    digest_hour = forms.TypedChoiceField(
        label=gettext_lazy("Mail"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=gettext_lazy("When somebody is in danger, the mail always comes at once."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        daily = [(hour, _("Once a day at %(hour)02d:00") % {"hour": hour}) for hour in range(24)]
        self.fields["digest_hour"].choices = [  # type: ignore[attr-defined]
            (AT_ONCE, _("At once, at most every 15 minutes")),
            *daily,
        ]


class ToldView(WagtailAdminTemplateMixin, View):
    """One's own choice alone: the address names nobody."""

    template_name = "reporting/admin/told.html"
    page_title = gettext_lazy("How I am told")
    header_icon = "mail"
    request: Any

    def get(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_form(self.kept())

    def kept(self) -> ToldForm:
        chosen = Telling.objects.filter(user=self.request.user).first()
        hour = chosen.digest_hour if chosen else None
        return ToldForm(initial={"digest_hour": AT_ONCE if hour is None else hour})

    def post(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        form = ToldForm(request.POST)
        if not form.is_valid():
            return self.render_form(form)
        choose(request.user, form.cleaned_data["digest_hour"])
        messages.success(request, _("Your choice was kept."))
        return redirect("people:told")

    def render_form(self, form: ToldForm, *, code: str = "") -> HttpResponse:
        user = self.request.user
        is_linked = line_links.can_link() and line_links.is_linked(user)
        return self.render_to_response(
            self.get_context_data(
                form=form,
                mail=user.email,
                has_line=may_link_line(user) or is_linked,
                is_linked=is_linked,
                bot=settings.LINE_BOT_ID,
                code=code,
            )
        )

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("people:index"), "label": MENU_LABEL},
            {"url": "", "label": self.get_page_title()},
        ]


def may_unlink_line(user: Any) -> bool:
    return line_links.can_link() and works_on_reports(user)


def may_link_line(user: Any) -> bool:
    """Whoever is told by mail, where there is LINE at all: it comes besides, never instead."""
    return may_unlink_line(user) and bool(user.email)


class LinkLineView(ToldView):
    """Shows a code, once: the page that answers is the only place where it stands."""

    opens_for = staticmethod(may_link_line)

    def get(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("people:told")

    def post(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_form(self.kept(), code=line_links.new_code(request.user))


class UnlinkLineView(View):
    opens_for = staticmethod(may_unlink_line)

    def get(self, request, *args: Any, **kwargs: Any) -> HttpResponseRedirect:
        return redirect("people:told")

    def post(self, request, *args: Any, **kwargs: Any) -> HttpResponseRedirect:
        line_links.unlink(request.user)
        messages.success(request, _("You are no longer told by LINE."))
        return redirect("people:told")


@transaction.atomic
def choose(user: Any, digest_hour: int | None) -> None:
    """Keeps the choice. What waited for the hour of the day comes now."""
    Telling.objects.update_or_create(user=user, defaults={"digest_hour": digest_hour})
    for way in (Notice, LineNotice):
        way.objects.filter(user=user, is_owed=True).update(not_before=timezone.now())
