"""What must hold before this runs in production."""

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security)
def second_factor_is_demanded(app_configs, **kwargs) -> list[CheckMessage]:
    """Staff accounts open reports: a password alone is too little outside the demo."""
    if settings.SECOND_FACTOR_REQUIRED or getattr(settings, "DEMO", False):
        return []
    return [Error("SECOND_FACTOR_REQUIRED is off outside the demo.", id="accounts.E001")]
