"""Search on PostgreSQL: a vector finds the candidates, their text decides.

A vector keeps 256 places of a token and none past 16,383, so PostgreSQL's own phrases go blind
in the later parts of a long text, and Thai has few units that come often. Here the vector only
says that all tokens are there; that they are neighbours is read from the text beside it.
"""

from functools import reduce
from operator import or_
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import F, Q, QuerySet
from modelsearch.backends.database.postgres.postgres import (
    PostgresAutocompleteQueryCompiler,
    PostgresIndex,
    PostgresSearchBackend,
    PostgresSearchQueryCompiler,
)

from search.tokens import Term

from .indexing import TokenisedIndexMixin
from .queries import SegmentedAutocompleteMixin, SegmentedQueryMixin, needle


class PostgresTextsMixin:
    index_texts = {column: f"index_entries__{column}_text" for column in ("title", "body")}
    columns: list[str]


class SegmentedQueryCompiler(PostgresTextsMixin, SegmentedQueryMixin, PostgresSearchQueryCompiler):
    def located(self, queryset: QuerySet) -> QuerySet:
        vectors = {f"_{column}": F(f"index_entries__{column}") for column in self.columns}
        texts = {f"_{column}_text": F(self.index_texts[column]) for column in self.columns}
        return queryset.alias(**vectors, **texts)

    def matches(self, term: Term) -> Q:
        # Each column for itself, because each vector has an index and their sum has none.
        return reduce(or_, (self.matches_in(column, term) for column in self.columns))

    def matches_in(self, column: str, term: Term) -> Q:
        condition = Q(**{f"_{column}": _tsquery(term, " & ")})
        if len(term.tokens) > 1:
            condition &= Q(**{f"_{column}_text__contains": needle(term)})
        return condition


class SegmentedAutocompleteQueryCompiler(
    PostgresTextsMixin, SegmentedAutocompleteMixin, PostgresAutocompleteQueryCompiler
):
    """The fields completed are short, as titles are: here PostgreSQL's phrases are enough."""

    def located(self, queryset: QuerySet) -> QuerySet:
        return queryset.alias(_vector=F("index_entries__autocomplete"))

    def matches(self, term: Term) -> Q:
        return Q(_vector=_tsquery(term, " <-> "))


def _tsquery(term: Term, operator: str) -> SearchQuery:
    # Tokens are letters and digits, so nothing in them can be read as an operator.
    raw = operator.join(term.tokens) + (":*" if term.is_prefix else "")
    return SearchQuery(raw, search_type="raw", config="simple")


class SegmentedIndex(TokenisedIndexMixin, PostgresIndex):
    pass


class SegmentedPostgresBackend(PostgresSearchBackend):
    index_class = SegmentedIndex
    query_compiler_class = SegmentedQueryCompiler
    autocomplete_query_compiler_class = SegmentedAutocompleteQueryCompiler

    def __init__(self, params: dict[str, Any]) -> None:
        # No stemmer and no stop words: tokens are not words of any language.
        super().__init__({**params, "SEARCH_CONFIG": "simple"})
