"""Addresses: which part answers where (docs/design.md, section 7), in which role (section 9).

`public` serves readers and reporters, `staff` the admin, `worker` nothing, `all` everything; each
says whether it is well. What a role does not serve is a 404 there, never a redirect.
"""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path
from django.views.decorators.cache import never_cache
from django.views.generic import RedirectView
from wagtail import urls as wagtail_urls
from wagtail.contrib.sitemaps.views import sitemap
from wagtail.documents import urls as wagtaildocs_urls

from config import files
from config.addresses import Addresses, named_only, whole_site_patterns
from config.sitemaps import AllLanguages
from home import media
from home import views as home_views
from operations import health, metrics
from reporting.views import files as reporting_files
from reporting.views import line as reporting_line
from reporting.views import public as reporting_public
from reporting.views import status as reporting_status

HEALTH: Addresses = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]

# Pages show them, and so do their previews and the editors' screens.
FILES: Addresses = [
    path("documents/", include(wagtaildocs_urls)),
    path("media/<path:name>", media.picture, name="picture"),
]

REPORTERS: Addresses = [
    path("captcha/", include("reporting.captcha_urls")),
    *i18n_patterns(
        path("report/", reporting_public.report, name="report"),
        path("report/status/", reporting_status.status, name="report_status"),
        path("report/files/", reporting_files.files, name="report_files"),
        path("report/files/piece/", reporting_files.piece, name="report_file_piece"),
    ),
]

READERS: Addresses = [
    # Thai first, whatever the phone is set to; the other languages are one tap away.
    path("", RedirectView.as_view(url="/th/"), name="root"),
    path("robots.txt", files.robots, name="robots"),
    path(".well-known/security.txt", files.security, name="security"),
    path("sitemap.xml", sitemap, {"sitemaps": {"pages": AllLanguages}}, name="sitemap"),
    *whole_site_patterns(
        path("search/", include("search.urls"), {"pages": home_views.readable_pages}),
    ),
    *i18n_patterns(
        path("", include([url for url in wagtail_urls.urlpatterns if url.name != "wagtail_serve"])),
        re_path(wagtail_urls.serve_pattern, home_views.serve, name="wagtail_serve"),
    ),
]

# Before Wagtail's own sign-in and sign-out.
SIGNING_IN: Addresses = [path("admin/", include("accounts.urls"))]
# Wagtail's sign-in for readers asks for the password of a staff account, and nothing more.
READERS_SIGN_IN: Addresses = i18n_patterns(
    path("_util/login/", RedirectView.as_view(pattern_name="account_login", query_string=True))
)


def staff() -> Addresses:
    """The public role never loads Wagtail's admin."""
    from wagtail.admin import urls as wagtailadmin_urls
    from wagtail.admin.auth import require_admin_access

    from accounts.views.own_account import OwnAccountView
    from reporting.views.admin_home import AdminHomeView

    first_page = never_cache(require_admin_access(AdminHomeView.as_view()))
    own_account = never_cache(require_admin_access(OwnAccountView.as_view()))
    return [
        path("metrics", metrics.metrics, name="metrics"),
        path("line/", reporting_line.hear, name="line"),
        *SIGNING_IN,
        path("admin/", first_page, name="wagtailadmin_home"),
        path("admin/account/", own_account, name="wagtailadmin_account"),
        path("admin/", include(wagtailadmin_urls)),
    ]


def addresses(role: str) -> Addresses:
    """Reporters come before readers: Wagtail answers whatever else stands below a language."""
    if role == "public":  # whoever is signed in and reads is pointed to the sign-in's screens
        elsewhere = named_only([*SIGNING_IN, *READERS_SIGN_IN])
        return [*HEALTH, *elsewhere, *FILES, *REPORTERS, *READERS]
    if role == "staff":  # draws pages as previews, which link to all the others
        return [*HEALTH, *staff(), *FILES, *named_only([*REPORTERS, *READERS_SIGN_IN, *READERS])]
    everything = [*staff(), *FILES, *REPORTERS, *READERS_SIGN_IN, *READERS]
    if role == "worker":  # its mails link to everything
        return [*HEALTH, *named_only(everything)]
    return [*HEALTH, *everything]


urlpatterns = addresses(settings.ROLE)
handler500 = "config.errors.server_error"
