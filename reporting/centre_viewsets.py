"""The screens for centres, for who holds which role in them, and for partner agencies."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views.generic import CreateView, DeleteView, EditView
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup

from home.confirming import ConfirmedMixin
from home.viewsets import KeptWhileInUse, index_with
from reporting import standing
from reporting.models import Agency, CoordinationCentre, Membership
from reporting.permissions import membership_policy
from reporting.referral_forms import AgencyForm, ChangedAgencyForm
from reporting.staff_forms import MembershipForm


class CentreViewSet(ModelViewSet):
    """Centres. A district with a centre and members is a working queue."""

    model = CoordinationCentre
    name = "centres"
    icon = "group"
    add_to_reference_index = False
    copy_view_enabled = False
    delete_view_class = KeptWhileInUse
    index_view_class = index_with("district")
    form_fields = ["district", "is_active"]
    list_display = ["district", "is_active"]
    list_filter = ["is_active", "district__province"]
    list_per_page = 50
    search_fields = ["district__code", "district__name_th", "district__name_en"]
    ordering = ["district__code"]


class MembershipGateMixin:
    """Lists, offers and opens only the roles of people whose roles the visitor may give."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        standing.remember(request.user)  # the list asks four times for each row
        if "pk" in kwargs:
            get_object_or_404(self.visible_to(request.user), pk=kwargs["pk"])
        super().setup(request, *args, **kwargs)  # type: ignore[misc]

    def visible_to(self, user: Any) -> Any:
        return membership_policy.instances_user_has_any_permission_for(user, ["view", "change"])

    def get_base_queryset(self) -> Any:
        queryset = super().get_base_queryset()  # type: ignore[misc]
        if queryset.model is not Membership:  # history lists log entries, gated by pk already
            return queryset
        visible = self.visible_to(self.request.user)  # type: ignore[attr-defined]
        return queryset.filter(pk__in=visible.values("pk"))

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()  # type: ignore[misc]
        if not issubclass(self.get_form_class(), MembershipForm):  # type: ignore[attr-defined]
            return kwargs
        request = self.request  # type: ignore[attr-defined]
        kwargs["offer"] = membership_policy.offer_to(request.user)
        if "user" in request.GET:  # from the person's own page
            kwargs.setdefault("initial", {})["user"] = request.GET["user"]
        return kwargs


class MembershipViewSet(ModelViewSet):
    """Who holds which role where, and from when until when."""

    model = Membership
    name = "memberships"
    icon = "user"
    add_to_reference_index = False
    copy_view_enabled = False
    index_view_class = index_with("user", "centre__district")
    list_display = ["user", "role", "centre", "starts_on", "ends_on"]
    list_filter = ["role", "centre"]
    list_per_page = 50
    search_fields = ["user__username", "user__first_name", "user__last_name"]
    ordering = ["centre__district__code", "role"]

    def construct_view(self, view_class: type, **kwargs: Any) -> Callable[..., HttpResponse]:
        mixins: tuple[type, ...] = (MembershipGateMixin, view_class)
        if issubclass(view_class, (CreateView, EditView, DeleteView)):
            mixins = (MembershipGateMixin, ConfirmedMixin, view_class)
        gated = type(view_class.__name__, mixins, {"__module__": __name__})
        return super().construct_view(gated, **kwargs)

    def get_form_class(self, for_update: bool = False) -> type[MembershipForm]:
        return MembershipForm


class AgencyViewSet(ModelViewSet):
    """Partner agencies. One that was referred to is taken out of use and stays on record."""

    model = Agency
    name = "agencies"
    icon = "group"
    add_to_reference_index = False
    copy_view_enabled = False
    delete_view_class = KeptWhileInUse
    list_display = ["name_th", "name_en", "code", "is_active"]
    list_filter = ["is_active"]
    list_per_page = 50
    search_fields = ["name_th", "name_en", "code"]
    ordering = ["sort_order", "code"]

    def get_form_class(self, for_update: bool = False) -> type[AgencyForm]:
        return ChangedAgencyForm if for_update else AgencyForm


class CentresGroup(ModelViewSetGroup):
    items = (CentreViewSet, MembershipViewSet, AgencyViewSet)
    menu_label = _("Centres")
    menu_name = "centres"
    menu_icon = "group"
    menu_order = 700


centres_group = CentresGroup()
