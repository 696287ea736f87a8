"""Registrations in the Wagtail admin."""

from typing import Any

from wagtail import hooks

from home.viewsets import places_group


@hooks.register("register_admin_viewset")
def register_places() -> Any:
    return places_group
