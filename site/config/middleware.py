from collections.abc import Callable

from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.urls import ResolverMatch
from django.utils import translation
from django.utils.cache import patch_vary_headers


class LanguageMiddleware(LocaleMiddleware):
    """Speaks the language of the address, else the reader's; and lets a 404 be a 404.

    Django's own sends what is not found on to the same path below a language. Wagtail answers
    every such path, so a report outside one's queue would be a redirect instead of a 404.
    """

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        staffs = dict(settings.WAGTAILADMIN_PERMITTED_LANGUAGES)
        # A telephone set to Lao would see the sign-in half in Lao and half in Thai.
        if request.path_info.startswith("/admin/") and translation.get_language() not in staffs:
            translation.activate(settings.LANGUAGE_CODE)
            request.LANGUAGE_CODE = settings.LANGUAGE_CODE

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if not translation.get_language_from_path(request.path_info):
            patch_vary_headers(response, ("Accept-Language",))
        response.headers.setdefault("Content-Language", translation.get_language() or "th")
        return response


# What no page of ours asks a phone for.
PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
)
# Below /admin/, seen with Chromium (tests/browser/test_policy.py): our own screens, where words of
# reporters are shown, need nothing but files of this origin, so a script that somebody typed does
# not run. `blob:` shows a picture before it is sent.
STAFF_POLICY = {
    "default-src": [SELF],
    "img-src": [SELF, "data:", "blob:"],
    "font-src": [SELF, "data:"],
    "object-src": [NONE],
    "base-uri": [SELF],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
}
# Wagtail's screens have scripts inside for dates, choosers and lists of panels, and the editor has
# styles; they take no nonce. A page's preview stands in a frame. No report is shown there.
EDITOR_POLICY = STAFF_POLICY | {
    "script-src": [SELF, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
    "frame-ancestors": [SELF],
}
OUR_SCREENS = {"wagtailadmin_home", "wagtailadmin_logout"}


def staff_policy(match: ResolverMatch | None) -> dict[str, list[str]]:
    """The policy of a screen below /admin/; what no screen answers gets the strict one."""
    if match is None or match.namespace in {"reports", "intake"}:
        return STAFF_POLICY
    name = match.url_name or ""
    is_ours = name in OUR_SCREENS or name.startswith(("account_", "mfa_"))
    return STAFF_POLICY if is_ours else EDITOR_POLICY


class HeadersMiddleware:
    """The headers that Django has no setting for, and the policies below /admin/."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        if request.path_info.startswith("/admin/"):
            # A preview comes out of the page's own answer, with the policy of the public page.
            response.headers.pop("Content-Security-Policy", None)
            # As csp's decorators do. A view that asked for a policy of its own keeps it.
            if not hasattr(response, "_csp_replace"):
                policy = staff_policy(request.resolver_match)
                response._csp_replace = policy  # type: ignore[attr-defined]
        return response
