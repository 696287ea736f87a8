"""The small files that programs look for at fixed addresses."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone


def robots(request: HttpRequest) -> HttpResponse:
    """Keeps searchers away from the report path and from staff."""
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /*/report/status/",
        f"Sitemap: {request.build_absolute_uri('/sitemap.xml')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")


def security(request: HttpRequest) -> HttpResponse:
    """Whom to tell about a weakness (RFC 9116)."""
    expires = timezone.now() + timedelta(days=180)
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: th, en",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")
