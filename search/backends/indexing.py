"""Objects as the index sees them: every text already turned into tokens."""

from collections.abc import Iterable
from copy import copy
from functools import partial
from typing import Any

from django.db import models, transaction
from wagtail.search.index import AutocompleteField, RelatedFields, SearchField

from search import tokens


class Tokenised:
    """Stands in for an object while it is indexed.

    modelsearch's indexes make their own ObjectIndexer, which asks an object for its key and its
    search fields and these for their values: that is all there is to answer.
    """

    def __init__(self, wrapped: models.Model) -> None:
        self.wrapped = wrapped
        self.pk = wrapped.pk

    def get_search_fields(self) -> list[Any]:
        return [tokenised(field) for field in self.wrapped.get_search_fields()]  # type: ignore[attr-defined]


class TokenisedIndexMixin:
    def add_items(self, model: type[models.Model], objs: Iterable[models.Model]) -> None:
        # modelsearch on SQLite looks, then writes: two workers at the same page would both insert.
        with transaction.atomic():
            super().add_items(model, [Tokenised(obj) for obj in objs])  # type: ignore[misc]

    def _refresh_title_norms(self, full: bool = False) -> None:
        # Nothing here ranks by them, and modelsearch reads the whole index for them on each save.
        pass


def tokenised(field: Any) -> Any:
    """A copy of a search field that gives tokens for text."""
    wrapper = copy(field)
    if isinstance(field, RelatedFields):
        wrapper.fields = [tokenised(inner) for inner in field.fields]
        wrapper.get_value = lambda obj: field.get_value(_unwrapped(obj))
    elif isinstance(field, SearchField | AutocompleteField):
        # A prefix is typed without a thought for plurals, so autocomplete keeps words whole.
        fold_plurals = isinstance(field, SearchField)
        to_tokens = partial(tokens.indexed, fold_plurals=fold_plurals)
        wrapper.get_value = lambda obj: to_tokens(_text(field.get_value(_unwrapped(obj))))
    return wrapper


def _unwrapped(obj: Any) -> Any:
    return obj.wrapped if isinstance(obj, Tokenised) else obj


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return "\n".join(_text(item) for item in value)
    return str(value)
