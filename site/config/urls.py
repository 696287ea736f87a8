"""Addresses: which part answers where (docs/design.md, section 7)."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.contrib.sitemaps.views import sitemap
from wagtail.documents import urls as wagtaildocs_urls

from config import files
from config.sitemaps import AllLanguages
from home import media
from home import views as home_views
from operations import health, metrics
from reporting.views import public as reporting_public

urlpatterns = [
    # Thai first, whatever the phone is set to; the other language is one tap away.
    path("", RedirectView.as_view(url="/th/"), name="root"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("robots.txt", files.robots, name="robots"),
    path(".well-known/security.txt", files.security, name="security"),
    path("sitemap.xml", sitemap, {"sitemaps": {"pages": AllLanguages}}, name="sitemap"),
    path("captcha/", include("reporting.captcha_urls")),
    path("admin/", include("accounts.urls")),  # before Wagtail's own sign-in and sign-out
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("media/<path:name>", media.picture, name="picture"),
]

urlpatterns += i18n_patterns(
    path("report/", reporting_public.report, name="report"),
    path("report/status/", reporting_public.status, name="report_status"),
    path("search/", include("search.urls")),
    # Wagtail's sign-in for readers asks for the password of a staff account, and nothing more.
    path("_util/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    path("", include([url for url in wagtail_urls.urlpatterns if url.name != "wagtail_serve"])),
    re_path(wagtail_urls.serve_pattern, home_views.serve, name="wagtail_serve"),
)
