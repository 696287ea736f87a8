from django.apps import AppConfig


class ConfigAppConfig(AppConfig):
    """The wiring as an app, so that its commands are found."""

    name = "config"
