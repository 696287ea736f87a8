"""What every page shows around its content: menu, language switch, dates."""

from datetime import date
from typing import NamedTuple

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template import Context
from django.urls import NoReverseMatch, ResolverMatch, resolve, reverse
from django.utils import timezone, translation
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from wagtail.models import Page

from home import changes, dates
from home.frame import frame_of
from home.languages import WHOLE, speaks_whole_site

register = template.Library()


class MenuLink(NamedTuple):
    title: str
    url: str
    current: str = ""  # for aria-current: this page, or true for one below it


class HeaderAndFooter(NamedTuple):
    """What header and footer lead to, in the reader's language."""

    home: str
    menu: tuple[MenuLink, ...]
    privacy: MenuLink | None
    is_whole_site: bool = True  # else there is no search, and little more than the report path


class LanguageLink(NamedTuple):
    """Where a reader of another language goes from here."""

    code: str
    name: str
    url: str
    is_current: bool
    is_translated: bool
    # What to say when this page does not exist in that language, in that language.
    note: str = ""


@register.filter
def day(value: date | None) -> SafeString | str:
    """A date as a `<time>` element in the reader's calendar."""
    return dates.day_element(value) if value else ""


@register.simple_tag
def period(start: date | None, end: date | None, certainty: str = "exact") -> SafeString:
    """The days of an event as `<time>` elements, with what is not known about them."""
    return dates.range_element(start, end, certainty)


@register.simple_tag(takes_context=True)
def site_frame(context: Context) -> HeaderAndFooter:
    """The pages that header and footer lead to: those of the home page marked for menus."""
    request = context.get("request")
    frame = frame_of(request) if request else None
    if request is None or frame is None:
        home = _home_path(get_language() or settings.LANGUAGE_CODE)
        return HeaderAndFooter(home, (), None, speaks_whole_site())
    links = frame.links(request)
    here = getattr(context.get("page"), "path", "")
    menu = tuple(
        MenuLink(link.title, link.url, _current(here, link.path, is_here=link.url == request.path))
        for link in links.menu
    )
    privacy = MenuLink(links.privacy.title, links.privacy.url) if links.privacy else None
    return HeaderAndFooter(links.home, menu, privacy, speaks_whole_site())


def _current(here: str, path: str, *, is_here: bool) -> str:
    if not here.startswith(path):
        return ""
    return "page" if is_here else "true"


@register.simple_tag(takes_context=True)
def languages(context: Context) -> list[LanguageLink]:
    """This page in each language that has it; the home page where Thai or English has not.

    Lao and Khmer have few pages: from one that they lack, nothing leads to them.
    """
    request = context.get("request")
    page = context.get("page")
    addresses = _addresses(request, page)
    current = get_language()
    links = []
    for code, _name in settings.LANGUAGES:
        is_translated = code in addresses
        if not (is_translated or code in WHOLE or code == current):
            continue
        links.append(
            LanguageLink(
                code=code,
                name=translation.get_language_info(code)["name_local"].capitalize(),
                url=addresses.get(code) or _home_path(code),
                is_current=code == current,
                is_translated=is_translated,
                note="" if is_translated else _note(code, page),
            )
        )
    return links


@register.simple_tag(takes_context=True)
def absolute(context: Context, url: str) -> str:
    """An address with its host, for machines that read the head of a page."""
    request = context.get("request")
    return request.build_absolute_uri(url) if request else url


class KeptNode(template.Node):
    def __init__(
        self, nodes: template.NodeList, values: list[template.base.FilterExpression]
    ) -> None:
        self.nodelist, self.values = nodes, values

    def render(self, context: Context) -> SafeString:
        request = context.get("request")
        frame = frame_of(request) if request else None
        key = (
            frame.site.pk if frame else None,
            get_language(),
            timezone.localdate(),  # events pass at midnight
            *(value.resolve(context) for value in self.values),
        )
        return changes.kept.get(key, lambda: self.nodelist.render(context))


@register.tag
def kept(parser: template.base.Parser, token: template.base.Token) -> KeptNode:
    """`{% kept "footer" frame %}...{% endkept %}`: made once, until something public changes.

    What stands inside may differ by site, language, day and the values named, and by nothing else.
    Never keep a page's own words in it: a preview would show and leave behind what is not public.
    """
    _tag, *values = token.split_contents()
    nodes = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(nodes, [parser.compile_filter(value) for value in values])


def _addresses(request: HttpRequest | None, page: Page | None) -> dict[str, str]:
    """Where this page lives, by language; without a page, the same view in each language."""
    if isinstance(page, Page) and page.pk:
        # An alias repeats the page of another language: it is not a translation of it.
        translations = getattr(page, "known_translations", None)
        if translations is None:  # home.views.serve found them together with the page
            translations = (
                Page.objects.live()
                .filter(translation_key=page.translation_key)
                .select_related("locale")
            )
        return {
            found.locale.language_code: found.get_url(request)
            for found in translations
            if found.alias_of_id is None
        }
    match = request.resolver_match if request else None
    # Wagtail serves every address that no view claims, so its own name without a page means 404.
    if request is None or match is None or match.view_name == "wagtail_serve":
        return {}
    try:
        found = {code: _address(match, code) for code, _name in settings.LANGUAGES}
    except NoReverseMatch:  # a view without a name: what another role serves is not found here
        return {}
    here = found[get_language() or settings.LANGUAGE_CODE]
    query = request.META.get("QUERY_STRING", "")
    # A view outside the languages has one address for all of them.
    return {
        code: f"{url}?{query}" if query else url
        for code, url in found.items()
        if url and (code == get_language() or url != here)
    }


def _address(match: ResolverMatch, code: str) -> str:
    """A view's address in a language, from what its address holds and no more; empty without one.

    Django's translate_url also names what urls.py hands a view, and then finds no address for one
    below an include.
    """
    with translation.override(code):
        captured = match.captured_kwargs  # type: ignore[attr-defined]  # django-stubs lacks it
        url = reverse(match.view_name, args=match.args, kwargs=captured)
        # A name leads somewhere in each language; what is spoken in some only is not found there.
        return url if code in WHOLE or resolve(url).view_name == match.view_name else ""


def _home_path(code: str) -> str:
    with translation.override(code):
        try:
            return reverse("wagtail_serve", args=[""])
        except NoReverseMatch:
            return f"/{code}/"


def _note(code: str, page: Page | None) -> str:
    with translation.override(code):
        if page is None:
            return _("home page")
        return _("this page is not translated; go to the home page")
