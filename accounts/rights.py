"""What a group lets its people do, in words that can be compared: codes, never titles.

A number after `#` is that of a page, after `/` of a collection, after `@` of a site.
"""

from typing import NamedTuple

from django.contrib.auth.models import Group

CODE = ("content_type__app_label", "codename")


class Rights(NamedTuple):
    """A group as it is now."""

    name: str
    rights: frozenset[str]


def of_group(pk: object) -> Rights | None:
    """None where there is no such group, as before it is made and after it is removed."""
    group = Group.objects.filter(pk=pk).first() if pk else None
    if group is None:
        return None
    pages = group.page_permissions.values_list("permission__codename", "page_id")
    sites = group.site_permissions.values_list("permission__codename", "site_id")
    collections = group.collection_permissions.values_list("permission__codename", "collection_id")
    return Rights(
        group.name,
        frozenset(
            [
                *(".".join(pair) for pair in group.permissions.values_list(*CODE)),
                *(f"{code} #{page}" for code, page in pages),
                *(f"{code} /{collection}" for code, collection in collections),
                *(f"{code} @{site}" for code, site in sites),
            ]
        ),
    )
