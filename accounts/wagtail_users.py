"""Puts our screens of people and groups (views/wagtail_users.py) in place of Wagtail's own."""

from wagtail.users.apps import WagtailUsersAppConfig


class UsersConfig(WagtailUsersAppConfig):
    user_viewset = "accounts.views.wagtail_users.PeopleViewSet"
    group_viewset = "accounts.views.wagtail_users.GroupsViewSet"
