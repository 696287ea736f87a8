"""What keeps this from being called ready for production."""

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register


@register(Tags.security, deploy=True)
def second_factor_is_not_built_yet(app_configs, **kwargs) -> list[CheckMessage]:
    """Staff accounts open reports: a password alone is too little outside the demo."""
    if not settings.SECOND_FACTOR_REQUIRED:
        return []
    return [
        Warning(
            "Sign-in has no second factor yet: do not put real reports into this release.",
            hint="See docs/not_yet.md.",
            id="config.W001",
        )
    ]
