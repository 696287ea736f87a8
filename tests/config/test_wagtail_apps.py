"""Wagtail's apps start as Wagtail's own do, but for the API that no address serves."""

import ast
import inspect
import textwrap
from importlib.util import resolve_name

import pytest
from django.apps import apps

from config import wagtail_apps

OURS = [
    wagtail_apps.RedirectsConfig,
    wagtail_apps.SnippetsConfig,
    wagtail_apps.DocumentsConfig,
    wagtail_apps.ImagesConfig,
]
API = ".api.v3"


def said(config: type) -> tuple[list[str], dict[str, str]]:
    """What `ready` says without the API, and where each name in it comes from."""
    package = config.__module__.rpartition(".")[0]
    body = ast.parse(textwrap.dedent(inspect.getsource(config.ready))).body[0].body
    at_import = ast.parse(inspect.getsource(inspect.getmodule(config))).body
    sources = {}
    for node in [*at_import, *body]:
        if isinstance(node, ast.ImportFrom):
            place = resolve_name("." * node.level + (node.module or ""), package)
            sources |= {alias.name: place for alias in node.names}
    kept, names = [], set()
    for node in body:
        used = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        is_api = any(API in f"{sources.get(name, '')}." for name in used)
        if not isinstance(node, ast.ImportFrom) and not is_api:
            kept.append(ast.unparse(node))
            names |= used & sources.keys()
    return kept, {name: sources[name] for name in names}


@pytest.mark.parametrize("ours", OURS, ids=lambda config: config.__name__)
def test_each_start_says_what_wagtails_own_says(ours):
    theirs = ours.__mro__[1]
    assert said(ours) == said(theirs)
    assert "add_router" in inspect.getsource(theirs.ready), "Wagtail's own would do again"


def test_no_other_app_brings_the_api_back():
    assert {type(apps.get_app_config(config.label)) for config in OURS} == set(OURS)
    others = [type(app) for app in apps.get_app_configs() if type(app) not in OURS]
    assert [app for app in others if API in inspect.getsource(app)] == []
