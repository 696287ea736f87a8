"""Search on PostgreSQL: a vector finds the candidates, their text decides.

A vector keeps 256 places of a token and none past 16,383, so PostgreSQL's own phrases go blind
in the later parts of a long text, and Thai has few units that come often. Here the vector only
says that all tokens are there; that they are neighbours is read from the text beside it.
"""

from functools import reduce
from operator import and_, or_
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q
from modelsearch.backends.database.postgres.postgres import (
    PostgresAutocompleteQueryCompiler,
    PostgresIndex,
    PostgresSearchBackend,
    PostgresSearchQueryCompiler,
    PostgresSearchResults,
)

from search.tokens import Term

from .best import BestFirstMixin, Candidate, verdict
from .indexing import TokenisedIndexMixin
from .queries import Plan, SegmentedAutocompleteMixin, SegmentedQueryMixin, needle


class PostgresMatchingMixin(SegmentedQueryMixin):
    index_texts = {column: f"{column}_text" for column in ("title", "body")}

    def joined_roughs(self, roughs: list[Q], operator: str) -> Q:
        return reduce(and_ if operator == "and" else or_, roughs)

    def newest(self, plan: Plan, before: int | None, size: int) -> list[Candidate]:
        entries = self.entries() if plan.rough is None else self.entries().filter(plan.rough)
        if before is not None:
            entries = entries.filter(pk__lt=before)
        # PostgreSQL asks for a verdict, which is dear, after it has sorted and cut.
        entries = entries.order_by("-pk").annotate(verdict=verdict(self, plan, "object_id"))
        return [Candidate(*row) for row in entries.values_list("pk", "object_id", "verdict")[:size]]


class SegmentedQueryCompiler(PostgresMatchingMixin, PostgresSearchQueryCompiler):
    def matches(self, term: Term, columns: list[str]) -> Q:
        # Each column for itself, because each vector has an index and their sum has none.
        return reduce(or_, (self.matches_in(column, term) for column in columns))

    def matches_in(self, column: str, term: Term) -> Q:
        condition = Q(**{column: _tsquery(term, " & ")})
        if len(term.tokens) > 1:
            condition &= Q(**{f"{column}_text__contains": needle(term)})
        return condition

    def told(self, term: Term, columns: list[str]) -> Q:
        # A vector is as long as the text, and reading it would take as long again.
        return reduce(or_, (Q(**{f"{column}_text__contains": needle(term)}) for column in columns))

    def rough(self, term: Term, columns: list[str]) -> tuple[Q, bool]:
        held = [Q(**{column: _tsquery(term, " & ")}) for column in columns]
        return reduce(or_, held), len(term.tokens) == 1


class SegmentedAutocompleteQueryCompiler(
    PostgresMatchingMixin, SegmentedAutocompleteMixin, PostgresAutocompleteQueryCompiler
):
    """The fields completed are short, as titles are: here PostgreSQL's phrases are enough."""

    def matches(self, term: Term, columns: list[str]) -> Q:
        return reduce(or_, (Q(**{column: _tsquery(term, " <-> ")}) for column in columns))

    def rough(self, term: Term, columns: list[str]) -> tuple[Q, bool]:
        return self.matches(term, columns), True


def _tsquery(term: Term, operator: str) -> SearchQuery:
    # Tokens are letters and digits, so nothing in them can be read as an operator.
    raw = operator.join(term.tokens) + (":*" if term.is_prefix else "")
    return SearchQuery(raw, search_type="raw", config="simple")


class SegmentedIndex(TokenisedIndexMixin, PostgresIndex):
    pass


class SegmentedResults(BestFirstMixin, PostgresSearchResults):
    pass


class SegmentedPostgresBackend(PostgresSearchBackend):
    index_class = SegmentedIndex
    query_compiler_class = SegmentedQueryCompiler
    autocomplete_query_compiler_class = SegmentedAutocompleteQueryCompiler
    results_class = SegmentedResults

    def __init__(self, params: dict[str, Any]) -> None:
        # No stemmer and no stop words: tokens are not words of any language.
        super().__init__({**params, "SEARCH_CONFIG": "simple"})
