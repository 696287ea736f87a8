"""Addresses: which part answers where (docs/design.md, section 7), in which role (section 9).

`public` serves readers and reporters, `staff` the admin, `worker` nothing, `all` everything; each
says whether it is well. What a role does not serve is a 404 there, never a redirect.
"""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from django.views.generic import RedirectView
from wagtail import urls as wagtail_urls
from wagtail.contrib.sitemaps.views import sitemap
from wagtail.documents import urls as wagtaildocs_urls

from config import files, health
from config.addresses import Addresses, named_only
from config.sitemaps import AllLanguages
from reporting.views import public as reporting_public

HEALTH: Addresses = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]

# Pages show them, and so do their previews and the editors' screens.
FILES: Addresses = [
    path("documents/", include(wagtaildocs_urls)),
]

REPORTERS: Addresses = [
    path("captcha/", include("reporting.captcha_urls")),
    *i18n_patterns(
        path("report/", reporting_public.report, name="report"),
        path("report/status/", reporting_public.status, name="report_status"),
    ),
]

READERS: Addresses = [
    # Thai first, whatever the phone is set to; the other language is one tap away.
    path("", RedirectView.as_view(url="/th/"), name="root"),
    path("robots.txt", files.robots, name="robots"),
    path(".well-known/security.txt", files.security, name="security"),
    path("sitemap.xml", sitemap, {"sitemaps": {"pages": AllLanguages}}, name="sitemap"),
    *i18n_patterns(
        path("search/", include("search.urls")),
        path("", include(wagtail_urls)),
    ),
]


def staff() -> Addresses:
    """The admin; the public role never loads it."""
    from wagtail.admin import urls as wagtailadmin_urls

    return [path("admin/", include(wagtailadmin_urls))]


def public() -> Addresses:
    # Wagtail's sign-in for readers asks for a password alone, of staff accounts.
    signing_in = [url for url in wagtail_urls.urlpatterns if url.name == "wagtailcore_login"]
    sign_in = i18n_patterns(path("", include(named_only(signing_in))))
    return [*HEALTH, *sign_in, *FILES, *REPORTERS, *READERS]


def addresses(role: str) -> Addresses:
    """Reporters come before readers: Wagtail answers whatever else stands below a language."""
    if role == "public":
        return public()
    if role == "staff":  # draws pages as previews, which link to all the others
        return [*HEALTH, *staff(), *FILES, *named_only([*REPORTERS, *READERS])]
    if role == "worker":  # its mails link to everything
        return [*HEALTH, *named_only([*staff(), *FILES, *REPORTERS, *READERS])]
    return [*HEALTH, *staff(), *FILES, *REPORTERS, *READERS]


urlpatterns = addresses(settings.ROLE)
