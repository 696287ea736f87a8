"""The site and its groups: which pages there are to begin with, and who may edit them."""

from django.contrib.auth.models import Group, Permission
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

import articles.starter
import events.starter
import reporting.starter
from home.models import HomePage
from home.starter import ensure_home

STAFF, EDITORS, TRANSLATORS = "Staff", "Editors", "Translators"


def ensure_site() -> None:
    """Home, the index pages, the report form and the pages about the project, where missing."""
    home = ensure_home()
    articles.starter.ensure_index(home)
    events.starter.ensure_index(home)
    reporting.starter.ensure_form(home)


def ensure_groups() -> None:
    """Staff may enter the admin; editors own pages of every language, translators write drafts.

    What anybody may do with reports comes from memberships, never from a group.
    """
    enter = Permission.objects.get(codename="access_admin", content_type__app_label="wagtailadmin")
    for name in (STAFF, EDITORS, TRANSLATORS):
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.add(enter)
    editors, translators = Group.objects.get(name=EDITORS), Group.objects.get(name=TRANSLATORS)
    submit = Permission.objects.get(
        codename="submit_translation", content_type__app_label="wagtail_localize"
    )
    for group in (editors, translators):
        group.permissions.add(submit)
    editors.permissions.add(
        *Permission.objects.filter(
            content_type__app_label="reporting",
            content_type__model="category",
            codename__in=["add_category", "change_category"],
        )
    )
    editors.permissions.add(
        Permission.objects.get(
            content_type__app_label="home",
            content_type__model="sitesettings",
            codename="change_sitesettings",
        )
    )
    for home in HomePage.objects.all():
        _allow(editors, home, "add", "change", "publish")
        _allow(translators, home, "add", "change")
    for codename in (
        "add_image",
        "change_image",
        "choose_image",
        "add_document",
        "choose_document",
    ):
        GroupCollectionPermission.objects.get_or_create(
            group=editors,
            collection=Collection.get_first_root_node(),
            permission=Permission.objects.get(codename=codename),
        )


def _allow(group: Group, page: Page, *actions: str) -> None:
    for action in actions:
        permission = Permission.objects.get(
            content_type__app_label="wagtailcore",
            content_type__model="page",
            codename=f"{action}_page",
        )
        GroupPagePermission.objects.get_or_create(group=group, page=page, permission=permission)
