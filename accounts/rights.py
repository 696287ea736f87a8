"""What a group lets its people do, in words that can be compared: codes, never titles.

A number after `#` is that of a page, after `/` of a collection, after `@` of a site.
"""

from typing import Any, NamedTuple

from django.contrib.auth.models import Group
from wagtail.models import GroupCollectionPermission, GroupPagePermission, GroupSitePermission

PLACES: tuple[tuple[str, Any, str], ...] = (
    ("#", GroupPagePermission, "page_id"),
    ("/", GroupCollectionPermission, "collection_id"),
    ("@", GroupSitePermission, "site_id"),
)


class Rights(NamedTuple):
    """A group as it is now."""

    name: str
    rights: frozenset[str]


def of_group(pk: str | int | None) -> Rights | None:
    """None where there is no such group, as before it is made and after it is removed."""
    group = Group.objects.filter(pk=pk).first() if pk else None
    if group is None:
        return None
    of_models = group.permissions.values_list("content_type__app_label", "codename")
    rights = [f"{app}.{codename}" for app, codename in of_models]
    for sign, given, place in PLACES:
        rights += [
            f"{codename} {sign}{number}"
            for codename, number in given.objects.filter(group=group).values_list(
                "permission__codename", place
            )
        ]
    return Rights(group.name, frozenset(rights))
