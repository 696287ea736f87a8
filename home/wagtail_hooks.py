"""Registrations in the Wagtail admin."""

from typing import Any

from django.http import Http404, HttpRequest
from wagtail import hooks

from home.viewsets import places_group


class NothingHere:
    """A viewset of REST framework that has nothing for anybody."""

    def initial(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        raise Http404


@hooks.register("register_admin_viewset")
def register_places() -> Any:
    return places_group


@hooks.register("construct_admin_api", order=1000)  # after Wagtail's own
def list_no_files(router: Any) -> None:
    """Wagtail's internal API shows files to all who sign in, and no screen asks it for any.

    For pictures it fails besides: originals have no address (home.files). Its addresses stay,
    because every screen names them to its scripts.
    """
    for name, viewset in list(router._endpoints.items()):
        if name != "pages":
            router.register_endpoint(name, type(viewset.__name__, (NothingHere, viewset), {}))
