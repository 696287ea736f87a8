"""Programs that are told that something came in: HQ adds, switches and removes their addresses."""

from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.log_actions import log

from reporting.channels import https, webhook
from reporting.models import Endpoint
from reporting.permissions import is_hq
from reporting.sealing import HQ, SealingUnavailable
from reporting.views import staff_words as words
from reporting.views.staff_lists import centres

MOST = 50


class EndpointForm(forms.Form):
    """A name, an address and a queue. The secret is made here and shown once."""

    required_css_class = "required"
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=300,
        help_text=gettext_lazy("https:// and reachable from the internet."),
    )
    queue = forms.ChoiceField(
        label=gettext_lazy("Queue"),
        help_text=gettext_lazy(
            "The program learns that something came in there, and in which hour. Nothing else."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        queues = [(str(pk), str(centre)) for pk, centre in centres().items()]
        self.fields["queue"].choices = [(HQ, words.project_office()), *queues]  # type: ignore[attr-defined]

    def clean_url(self) -> str:
        url = self.cleaned_data["url"].strip()
        try:
            host, port, _path = https.checked(url)
            https.public_address(host, port)
        except https.Refused:
            raise forms.ValidationError(
                _("Only an address that begins with https:// and is reachable from the internet.")
            ) from None
        except OSError:
            pass  # staff's processes may have no way out to ask; the worker looks before each POST
        return url

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if Endpoint.objects.count() >= MOST:
            raise forms.ValidationError(_("There are too many endpoints. Remove one first."))
        if found.get("url") and Endpoint.objects.filter(url=found["url"], centre=self.centre_id):
            self.add_error("url", _("This address is told of this queue already."))
        return found

    @property
    def centre_id(self) -> int | None:
        chosen = self.cleaned_data.get("queue", HQ)
        return None if chosen == HQ else int(chosen)


class EndpointsView(WagtailAdminTemplateMixin, View):
    """The list with a form to add one; the answer to the form shows the secret, once."""

    opens_for = staticmethod(is_hq)
    template_name = "reporting/admin/endpoints.html"
    page_title = gettext_lazy("Endpoints")
    header_icon = "link"
    request: Any

    def get(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_list(EndpointForm())

    def post(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        form = EndpointForm(request.POST)
        if not form.is_valid():
            return self.render_list(form)
        secret = webhook.new_secret()
        try:
            sealed = webhook.sealed(secret)
        except SealingUnavailable as problem:
            form.add_error(None, str(problem))
            return self.render_list(form)
        with transaction.atomic():
            endpoint = Endpoint.objects.create(
                name=form.cleaned_data["name"],
                url=form.cleaned_data["url"],
                centre_id=form.centre_id,
                **sealed,
            )
            log(endpoint, "reporting.add_endpoint", user=request.user)
        return self.render_list(EndpointForm(), secret=secret)

    def render_list(self, form: EndpointForm, *, secret: str = "") -> HttpResponse:
        rows = [
            {
                "endpoint": endpoint,
                "queue": words.queue(centres().get(endpoint.centre_id or 0)),
                "state": state_of(endpoint),
            }
            for endpoint in Endpoint.objects.all()[:MOST]
        ]
        return self.render_to_response(self.get_context_data(rows=rows, form=form, secret=secret))

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]


def state_of(endpoint: Endpoint) -> str:
    if endpoint.is_active:
        return _("on, and answers") if not endpoint.failures else _("on, and did not answer")
    return _("switched off: it did not answer") if endpoint.failures else _("switched off")


class EndpointActionView(View):
    opens_for = staticmethod(is_hq)

    def get(self, request, *args: Any, **kwargs: Any) -> HttpResponseRedirect:
        return redirect("endpoints:index")

    def post(self, request, *args: Any, endpoint: int, **kwargs: Any) -> HttpResponseRedirect:
        with transaction.atomic():
            self.act(get_object_or_404(Endpoint.objects.select_for_update(), pk=endpoint))
        return redirect("endpoints:index")

    def act(self, endpoint: Endpoint) -> None:
        raise NotImplementedError


class SwitchView(EndpointActionView):
    """On becomes off, and off becomes on with a clean slate."""

    def act(self, endpoint: Endpoint) -> None:
        endpoint.is_active, endpoint.failures = not endpoint.is_active, 0
        endpoint.is_owed = False
        endpoint.save(update_fields=["is_active", "failures", "is_owed"])
        log(endpoint, "reporting.switch_endpoint", user=self.request.user)
        told = _("It is on.") if endpoint.is_active else _("It is off.")
        messages.success(self.request, told)


class RemoveView(EndpointActionView):
    def act(self, endpoint: Endpoint) -> None:
        log(endpoint, "reporting.remove_endpoint", user=self.request.user)
        endpoint.delete()
        messages.success(self.request, _("The endpoint was removed, and its secret with it."))
