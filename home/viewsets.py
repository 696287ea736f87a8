"""Admin screens for places. Rows are added and retired here; no release is needed for either."""

from typing import Any

from django.db.models import ProtectedError, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.admin.views.generic import DeleteView, IndexView
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup

from home.models import Counterpart, Crossing, District, Province, Subdistrict


class KeptWhileInUse(DeleteView):
    """Refuses to delete what other rows stand on, without telling which rows those are."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except ProtectedError:
            messages.error(
                self.request, _("It is in use and stays. Take it out of use on its own page.")
            )
            return redirect(self.get_success_url())


class RelatedIndexView(IndexView):
    """A list that fetches in one query what its columns show of other rows."""

    related: tuple[str, ...] = ()

    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().select_related(*self.related)


def index_with(*related: str) -> type[RelatedIndexView]:
    return type("IndexView", (RelatedIndexView,), {"related": related})


SOURCE = MultiFieldPanel(
    [FieldPanel("evidence"), FieldPanel("source_note")], gettext_lazy("Source")
)


class PlaceViewSet(ModelViewSet):
    """What the screens of all places share."""

    copy_view_enabled = False
    delete_view_class = KeptWhileInUse
    list_per_page = 50
    search_fields = ["name_th", "name_en", "code"]
    icon = "site"


class ProvinceViewSet(PlaceViewSet):
    model = Province
    name = "provinces"
    list_display = ["code", "name_th", "name_en"]
    form_fields = ["code", "name_th", "name_en"]


class DistrictViewSet(PlaceViewSet):
    model = District
    name = "districts"
    index_view_class = index_with("province")
    list_display = ["code", "name_th", "name_en", "province", "is_target", "is_active"]
    list_filter = ["is_target", "is_active", "border", "visit_group", "province"]
    panels = [
        FieldRowPanel([FieldPanel("code"), FieldPanel("province")]),
        FieldRowPanel([FieldPanel("name_th"), FieldPanel("name_en")]),
        MultiFieldPanel(
            [FieldPanel("is_active"), FieldPanel("is_target")], gettext_lazy("In the project")
        ),
        FieldRowPanel([FieldPanel("border"), FieldPanel("visit_group")]),
        FieldRowPanel([FieldPanel("latitude"), FieldPanel("longitude")]),
        SOURCE,
    ]


class SubdistrictViewSet(PlaceViewSet):
    model = Subdistrict
    name = "subdistricts"
    index_view_class = index_with("district")
    list_display = ["code", "name_th", "name_en", "district"]
    list_filter = ["district__province"]
    form_fields = ["code", "name_th", "name_en", "district"]


class CounterpartViewSet(PlaceViewSet):
    model = Counterpart
    name = "counterparts"
    list_display = ["name_en", "name_local", "province_en", "country"]
    list_filter = ["country"]
    search_fields = ["name_en", "name_local", "province_en"]
    panels = [
        FieldRowPanel([FieldPanel("name_en"), FieldPanel("name_local")]),
        FieldRowPanel([FieldPanel("country"), FieldPanel("province_en")]),
        FieldPanel("districts"),
        SOURCE,
    ]


class CrossingViewSet(PlaceViewSet):
    """Crossings open and close often: their status comes first, in the list and on the form."""

    model = Crossing
    name = "crossings"
    index_view_class = index_with("district")
    list_display = ["name_th", "name_en", "status", "kind", "district"]
    list_filter = ["status", "kind", "district__province"]
    search_fields = ["name_th", "name_en", "district__name_th", "district__name_en"]
    panels = [
        MultiFieldPanel(
            [FieldPanel("status"), FieldPanel("status_note_th"), FieldPanel("status_note_en")],
            gettext_lazy("How it stands today"),
        ),
        FieldRowPanel([FieldPanel("name_th"), FieldPanel("name_en")]),
        FieldRowPanel([FieldPanel("kind"), FieldPanel("district")]),
        FieldPanel("evidence"),
    ]


class PlacesGroup(ModelViewSetGroup):
    items = (
        CrossingViewSet,
        DistrictViewSet,
        SubdistrictViewSet,
        ProvinceViewSet,
        CounterpartViewSet,
    )
    menu_label = gettext_lazy("Places")
    menu_name = "places"
    menu_icon = "site"
    menu_order = 690


places_group = PlacesGroup()
