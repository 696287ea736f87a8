"""Wagtail's own screens of people and groups, which superusers have: without what would open an
account, and with a line in the log of accounts for what they change."""

from wagtail.users.apps import WagtailUsersAppConfig


class UsersConfig(WagtailUsersAppConfig):
    user_viewset = "accounts.views.wagtail_users.PeopleViewSet"
    group_viewset = "accounts.views.wagtail_users.GroupsViewSet"
