"""Filters that a person keeps under a name: their own, and nobody else's."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from wagtail.admin import messages

from home.models import User
from reporting.models import Membership, SavedFilter
from reporting.models.desk import MOST_FILTERS
from reporting.views.staff_filters import QueueFilters

NAME = forms.CharField(max_length=40)


class Saved(NamedTuple):
    """A saved filter as the list shows it."""

    pk: int
    name: str
    url: str
    is_current: bool


def saved_filters(user: User, *, chosen: Mapping[str, str]) -> list[Saved]:
    """The person's filters; the one that is in use is marked."""
    index = reverse("reports:index")
    return [
        Saved(one.pk, one.name, f"{index}?{urlencode(one.choices)}", one.choices == chosen)
        for one in SavedFilter.objects.filter(user=user)[:MOST_FILTERS]
    ]


class SaveFilterView(View):
    """Keeps what the list is narrowed to, as far as it is on offer; a search is not kept."""

    request: Any

    def get(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.back()

    def post(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        filters = QueueFilters(request.GET, sees_all_queues=Membership.objects.is_hq(request.user))
        name = " ".join(request.POST.get("name", "").split())
        if problem := self.keep(name, filters.chosen):
            messages.error(request, problem)
        else:
            messages.success(request, _("The filter was kept under its name."))
        return self.back()

    def keep(self, name: str, choices: dict[str, str]) -> str:
        """What is wrong; empty when the filter was kept."""
        user = self.request.user
        if not choices:
            return _("Choose a filter or an order first.")
        if SavedFilter.objects.filter(user=user).count() >= MOST_FILTERS:
            return _("You keep as many filters as can be kept. Please remove one first.")
        try:
            name = NAME.clean(name)
        except ValidationError:
            return _("Give the filter a name of at most 40 letters.")
        _kept, is_new = SavedFilter.objects.get_or_create(
            user=user, name=name, defaults={"choices": choices}
        )
        return "" if is_new else _("You have a filter of that name. Please choose another name.")

    def back(self) -> HttpResponseRedirect:
        query = self.request.GET.urlencode()
        return redirect(reverse("reports:index") + (f"?{query}" if query else ""))


class RemoveFilterView(View):
    """Forgets one of the person's filters; somebody else's answers 404."""

    def get(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("reports:index")

    def post(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        get_object_or_404(SavedFilter, pk=kwargs["saved"], user=request.user).delete()
        messages.success(request, _("The filter was removed."))
        return redirect("reports:index")
