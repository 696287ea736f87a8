"""From Wagtail's query objects to OpenSearch's language, and from its answer to rows.

Every row is read from the database through the queryset that was searched: what was unpublished,
made private or deleted a moment ago is never shown, whatever the index still says.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Model, OrderBy, QuerySet
from modelsearch.backends.base import FilterError
from modelsearch.backends.elasticsearchbase import Field
from modelsearch.backends.opensearch3 import (
    OpenSearch3AutocompleteQueryCompiler,
    OpenSearch3SearchQueryCompiler,
    OpenSearch3SearchResults,
)
from opensearchpy.exceptions import OpenSearchException
from wagtail.search.backends import get_search_backend
from wagtail.search.query import MatchAll

from search.backends.walker import QueryWalkerMixin
from search.tokens import Term

from .index import COMPLETION_LENGTH, TokenMapping
from .outage import outage

PATIENCE = 2  # seconds that a reader waits before the database is asked
WINDOW = 10_000  # results within reach of one question: OpenSearch's own limit
BEGINNINGS = 2_000  # tokens that the open end of a phrase may stand for
Query = dict[str, Any]
NOTHING: Query = {"match_none": {}}


class TokenQueryMixin(QueryWalkerMixin):
    """Each thing searched for is a clause of its own, as in the database (../queries.py)."""

    mapping_class = TokenMapping
    DEFAULT_OPERATOR = "and"
    HANDLES_ORDER_BY_EXPRESSIONS = True  # by leaving them to the database
    everything: Query = {"match_all": {}}
    queryset: QuerySet
    query: Any
    fields: list[str] | None
    remapped_fields: list[Any] | None
    order_by_relevance: bool
    instead: Any = None  # what the database answers, once it was asked

    @property
    def is_for_the_database(self) -> bool:
        """Whether nothing is looked for, or the order is one that only the database knows."""
        order = () if self.order_by_relevance else self.queryset.query.order_by
        is_computed = any(isinstance(field, OrderBy) for field in order)
        return is_computed or isinstance(self.query, MatchAll)

    def in_database(self) -> Any:
        """The same question to the database's own index; kept, so that it is asked once."""
        if self.instead is None:
            backend = get_search_backend("database")
            ask = backend.autocomplete if self.is_prefix else backend.search
            self.instead = ask(
                self.query,
                self.queryset,
                fields=self.fields,
                order_by_relevance=self.order_by_relevance,
            )
        return self.instead

    @property
    def columns(self) -> list[Field]:
        return self.remapped_fields or []

    def get_inner_query(self) -> Query:
        return self.plan(self.query) or NOTHING

    def plan_term(self, term: Term, boost: float, columns: list[Field]) -> Query:
        """A term in any column; what is a word by itself stands before a part of another."""
        found = {"dis_max": {"queries": [occurrence(term, column, boost) for column in columns]}}
        if not term.whole:
            return found
        word = Term((term.whole,))
        whole = [occurrence(word, column, boost) for column in columns]
        return {"bool": {"must": [found], "should": whole}}

    def negated(self, plan: Query) -> Query:
        return {"bool": {"must_not": [plan]}}

    def joined(self, plans: list[Query], operator: str) -> Query:
        if operator == "and":
            return {"bool": {"must": plans}}
        return {"bool": {"should": plans, "minimum_should_match": 1}}

    def get_sort(self) -> list[dict[str, str]]:
        # Equal matches need an order too, or pages of results overlap.
        order = super().get_sort() or [{"_score": "desc"}]  # type: ignore[misc]
        return [*order, {"pk": "desc"}]


class TokenQueryCompiler(TokenQueryMixin, OpenSearch3SearchQueryCompiler):
    pass


class TokenAutocompleteCompiler(TokenQueryMixin, OpenSearch3AutocompleteQueryCompiler):
    """What is typed may be unfinished; among titles the shortest is the closest."""

    is_prefix = True

    @property
    def columns(self) -> list[Field]:
        return [Field(name) for name in self.remapped_fields or ["_edgengrams"]]

    def get_sort(self) -> list[dict[str, str]]:
        if self.order_by_relevance:
            return [{COMPLETION_LENGTH: "asc"}, {"pk": "desc"}]
        return super().get_sort()


def occurrence(term: Term, column: Field, boost: float) -> Query:
    """A term in one column: its tokens as neighbours in order."""
    boost *= column.boost
    if len(term.tokens) == 1:
        kind = "prefix" if term.is_prefix else "term"
        return {kind: {column.field_name: {"value": term.tokens[0], "boost": boost}}}
    phrase = {"query": " ".join(term.tokens), "boost": boost}
    if term.is_prefix:
        phrase["max_expansions"] = BEGINNINGS
        return {"match_phrase_prefix": {column.field_name: phrase}}
    return {"match_phrase": {column.field_name: phrase}}


class TokenResults(OpenSearch3SearchResults):
    """Up to WINDOW results, from one question to OpenSearch and one query."""

    query_compiler: TokenQueryMixin
    start: int
    stop: int | None
    _score_field: str | None

    def _do_search(self) -> list[Model]:
        found = self._asked(self._search)
        return self._in_database().results() if found is None else found

    def _do_count(self) -> int:
        count = self._asked(self._count)
        return self._in_database().count() if count is None else count

    def facet(self, field_name: str) -> dict[Any, int]:
        facet = self._asked(lambda: super(TokenResults, self).facet(field_name))
        return self._in_database().facet(field_name) if facet is None else facet

    @property
    def gave_up(self) -> bool:
        """Whether the database had to answer and did not look at everything."""
        instead = self.query_compiler.instead
        return instead is not None and instead.gave_up

    def _asked(self, ask: Callable[[], Any]) -> Any:
        """What OpenSearch answers, or None when the database has to."""
        if self.query_compiler.is_for_the_database or outage.is_on:
            return None
        try:
            return ask()
        except (OpenSearchException, FilterError) as error:
            outage.note(error)
            return None

    def _in_database(self) -> Any:
        results = self.query_compiler.in_database()[self.start : self.stop]
        results._score_field = self._score_field
        return results

    def _search(self) -> list[Model]:
        if self.start >= self._stop_in_reach:
            return []
        answer = self._backend_do_search(
            self._get_es_body(),
            index=self._index_name,
            _source=False,
            stored_fields="pk",
            from_=self.start,
            size=self._stop_in_reach - self.start,
        )
        return list(self._get_results_from_hits(answer["hits"]["hits"]))

    def _count(self) -> int:
        answer = self.backend.es.count(
            index=self._index_name,
            body=self._get_es_body(for_count=True),
            request_timeout=PATIENCE,
        )
        return max(0, min(answer["count"], self._stop_in_reach) - self.start)

    def _backend_do_search(self, body: Query, **options: Any) -> Any:
        return self.backend.es.search(body=body, request_timeout=PATIENCE, **options)

    def _get_results_from_hits(self, hits: list[dict[str, Any]]) -> Iterator[Model]:
        for hit in hits:  # there is no score where another order was asked for
            hit["_score"] = hit["_score"] or 0
        return super()._get_results_from_hits(hits)

    @property
    def _stop_in_reach(self) -> int:
        return WINDOW if self.stop is None else min(self.stop, WINDOW)

    @property
    def _index_name(self) -> str:
        return self.backend.get_index_for_model(self.query_compiler.queryset.model).name
