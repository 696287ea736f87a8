"""What must hold before this runs in production."""

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register

from reporting import sealing


@register(Tags.security, deploy=True)
def public_keys_are_configured(app_configs, **kwargs):
    if sealing.has_keys():
        return []
    return [
        Warning(
            "REPORT_PUBLIC_KEYS names no key of the project office: no report can be received.",
            hint="Run `manage.py keys create` and set REPORT_PUBLIC_KEYS.",
            id="reporting.W001",
        )
    ]


@register(Tags.security)
def captcha_test_mode_is_for_the_demo(app_configs, **kwargs):
    if settings.CAPTCHA_TEST_MODE and not getattr(settings, "DEMO", False):
        return [Error("CAPTCHA_TEST_MODE lets programs file reports.", id="reporting.E001")]
    return []
