"""Which role answers at which address: a role that does not serve an address does not find it."""

from collections.abc import Iterable
from typing import Any, NoReturn

from django.http import Http404, HttpRequest
from django.urls import URLPattern, URLResolver
from django.urls.resolvers import LocalePrefixPattern

from home.languages import speaks_whole_site

Addresses = list[URLPattern | URLResolver]


class WholeSitePrefix(LocalePrefixPattern):
    """The prefix of a language that speaks the whole site; below any other nothing is found."""

    def match(self, path: str) -> Any:
        return super().match(path) if speaks_whole_site() else None


def whole_site_patterns(*urls: URLPattern | URLResolver) -> Addresses:
    """As i18n_patterns, for what is spoken in Thai and English only."""
    return [URLResolver(WholeSitePrefix(), list(urls))]


def not_here(request: HttpRequest, *args: object, **kwargs: object) -> NoReturn:
    """Answers as if the address did not exist. A redirect would tell what another role serves."""
    raise Http404


def named_only(addresses: Iterable[URLPattern | URLResolver]) -> Addresses:
    """The same addresses by name, answering 404.

    Pages of one role link to those of another (the frame of a preview links to the report form),
    and the proxy brings whoever follows the link to the process that serves it.
    """
    return [_named_only(address) for address in addresses]


def _named_only(address: URLPattern | URLResolver) -> URLPattern | URLResolver:
    if isinstance(address, URLPattern):
        return URLPattern(address.pattern, not_here, address.default_args, address.name)
    return URLResolver(
        address.pattern,
        named_only(address.url_patterns),
        address.default_kwargs,
        address.app_name,
        address.namespace,
    )
