"""Wagtail's own screens of people, which superusers have, without what would open an account."""

from wagtail.users.apps import WagtailUsersAppConfig


class UsersConfig(WagtailUsersAppConfig):
    user_viewset = "accounts.views.wagtail_users.PeopleViewSet"
