"""What a person is, asked of the database once a request.

A page of the staff asks some twenty times: its gate, its lists, its steps and every item of the
menu. Wagtail's frame asks three times more, for rights over pages, files and settings that people
of a centre do not have.
"""

from typing import Any

from django.db.models import Exists, OuterRef
from wagtail.models import GroupCollectionPermission, GroupPagePermission, GroupSitePermission
from wagtail.permission_policies.collections import CollectionOwnershipPermissionPolicy
from wagtail.permission_policies.pages import PagePermissionPolicy
from wagtail.permission_policies.sites import SitePermissionPolicy

from reporting.models import Membership
from reporting.models.centre import PLACES

RIGHTS_OF_GROUPS = {
    PagePermissionPolicy.permission_cache_name: GroupPagePermission,
    CollectionOwnershipPermissionPolicy.permission_cache_name: GroupCollectionPermission,
    SitePermissionPolicy.permission_cache_name: GroupSitePermission,
}


def remember(user: Any) -> None:
    """Looks once; until this object of theirs goes with its request, nothing asks again."""
    if not (user.is_authenticated and user.is_active):
        return
    rights = [
        Exists(model.objects.filter(group__user=OuterRef("user")))
        for model in RIGHTS_OF_GROUPS.values()
    ]
    memberships = Membership.objects.current().filter(user=user).order_by("pk")
    found = list(memberships.values_list("role", "centre_id", *rights))
    setattr(user, PLACES, [(role, centre) for role, centre, *_ in found])
    for name, *has in zip(RIGHTS_OF_GROUPS, *(row[2:] for row in found), strict=True):
        if has and not any(has):
            setattr(user, name, ())  # where Wagtail's policies keep what they found
