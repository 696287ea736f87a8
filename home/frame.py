"""What stands around every page: the site, its settings, its home pages, sections and menus.

Two queries fetch it, and it stays in the process until something public changes.
"""

from typing import NamedTuple

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import BooleanField, Exists, ExpressionWrapper, Q, QuerySet
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.utils.translation import get_language
from wagtail.models import Locale, Page, PageViewRestriction, Site

from home import changes
from home.models import SiteSettings

PRIVACY_SLUG = "how-reports-are-protected"


class Link(NamedTuple):
    title: str
    url: str
    path: str  # the page's place in the tree


class Links(NamedTuple):
    """What header and footer lead to, in one language."""

    home: str
    menu: list[Link]
    privacy: Link | None


class Frame:
    """One site, with the pages that all its pages lead to, in every language."""

    def __init__(self, site: Site, pages: list[Page]) -> None:
        self.site = site
        key = site.root_page.translation_key
        self._homes = [page for page in pages if page.translation_key == key]
        roots = tuple(page.path for page in self._homes)
        self._pages = [page for page in pages if page.path.startswith(roots)]
        self._links: dict[str, Links] = {}

    @property
    def settings(self) -> SiteSettings:
        """The site's settings; as they are to begin with when nobody has saved any."""
        return getattr(self.site, "sitesettings", None) or SiteSettings(site=self.site)

    @property
    def is_open(self) -> bool:
        """Whether no page anywhere is kept from anybody, which spares each page the question."""
        return self.site.is_open

    @property
    def home(self) -> Page:
        """The home page in the reader's language, else in the site's own."""
        language = get_language()
        of_language = (page for page in self._homes if page.locale.language_code == language)
        return next(of_language, self.site.root_page)

    @property
    def locale(self) -> Locale:
        """The reader's language as Wagtail knows it."""
        locale = self.home.locale
        return locale if locale.language_code == get_language() else Locale.get_active()

    def sections(self, home: Page) -> dict[str, Page]:
        """The pages below a home page that it has one of at most, by the name of their model."""
        sections = (page for page in self._held() if page.path.startswith(home.path))
        # Deferred: the methods of its model work; only a field of its own would make a query.
        found = {page.specific_class._meta.label: page.specific_deferred for page in sections}
        for page in found.values():
            page.is_open = self.is_open
        return found

    def find(self, path: str) -> Page | None:
        """The home page or section at this address below the home page of the language."""
        url_path = self.home.url_path + path
        return next((page for page in self._held() if page.url_path == url_path), None)

    def translations(self, page: Page) -> list[Page]:
        """The home page or section in each language; nothing for any other page."""
        return [held for held in self._held() if held.translation_key == page.translation_key]

    def links(self, request: HttpRequest) -> Links:
        """The links of header and footer, in the reader's language."""
        home = self.home
        if home.path not in self._links:
            below = [page for page in self._pages if page.path.startswith(home.path)]
            menu = [page for page in below if page.show_in_menus and page.is_child_of(home)]
            privacy = next((page for page in below if page.is_privacy), None)
            self._links[home.path] = Links(
                home.get_url(request),
                [_link(page, request) for page in menu],
                _link(privacy, request) if privacy else None,
            )
        return self._links[home.path]

    def _held(self) -> list[Page]:
        return [*self._homes, *(page for page in self._pages if page.is_section)]


def frame_of(request: HttpRequest) -> Frame | None:
    """The frame of the site that is asked; None where no site answers."""
    if not hasattr(request, "_frame"):
        frame = _chosen(_frames(), request)
        request._frame = frame  # type: ignore[attr-defined]
        if frame:
            # Where Wagtail's Site.find_for_request keeps what it found, and looks first.
            request._wagtail_site = frame.site  # type: ignore[attr-defined]
    return request._frame  # type: ignore[attr-defined]


def _chosen(frames: list[Frame], request: HttpRequest) -> Frame | None:
    """By host and port, else the only one of the host, else the default, as Wagtail chooses."""
    host, port = split_domain_port(request.get_host())[0], request.get_port()
    same_host = [frame for frame in frames if frame.site.hostname == host]
    exact = [frame for frame in same_host if str(frame.site.port) == port]
    default = [frame for frame in frames if frame.site.is_default_site]
    only = same_host if len(same_host) == 1 or not default else []
    return next(iter([*exact, *only, *default]), None)


@changes.until_changed
def _frames() -> list[Frame]:
    sites = list(
        Site.objects.select_related("root_page__locale", "sitesettings").annotate(
            is_open=~Exists(PageViewRestriction.objects.all())
        )
    )
    pages = list(_pages([site.root_page for site in sites]))
    return [Frame(site, pages) for site in sites]


def _pages(roots: list[Page]) -> "QuerySet[Page]":
    """Live home pages and, below them, sections, what stands in menus, and the privacy page."""
    is_home = Q(translation_key__in=[root.translation_key for root in roots])
    is_section = Q(content_type__in=_section_types())
    is_privacy = Q(
        translation_key__in=Page.objects.filter(slug=PRIVACY_SLUG).values("translation_key")
    )
    below_home = Q(depth__in={root.depth + 1 for root in roots})
    return (
        Page.objects.live()
        .filter(is_home | is_privacy | (below_home & (is_section | Q(show_in_menus=True))))
        .annotate(is_section=_truth(below_home & is_section), is_privacy=_truth(is_privacy))
        .select_related("locale")
        .order_by("path")
    )


def _truth(condition: Q) -> ExpressionWrapper:
    return ExpressionWrapper(condition, output_field=BooleanField())


def _section_types() -> list[ContentType]:
    """Of the models that a home page has one page of at most."""
    single = [
        model
        for model in apps.get_models()
        if issubclass(model, Page) and getattr(model, "max_count_per_parent", None) == 1
    ]
    return list(ContentType.objects.get_for_models(*single).values())


def _link(page: Page, request: HttpRequest) -> Link:
    return Link(page.title, page.get_url(request), page.path)
