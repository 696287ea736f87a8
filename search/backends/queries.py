"""From Wagtail's query objects to a condition on the index, the same for every database."""

from functools import reduce
from operator import and_, or_
from typing import Any, NamedTuple

from django.db.models import F, Model, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Length, Replace
from modelsearch.utils import get_descendants_content_types_pks
from wagtail.search.models import IndexEntry
from wagtail.search.query import MatchAll
from wagtail.search.utils import ADD

from search.tokens import Term

from .best import Best, Candidate
from .walker import QueryWalkerMixin

BEST = 1_000_000  # the score of one word that could not be found more often


class Plan(NamedTuple):
    """Which entries of the index match, and the expressions whose sum says how well."""

    condition: Q
    told: Q  # the same, from the text of an entry at hand and without the text index
    # Finds at least the same entries, and from the database's text index alone; in its own words,
    # or None where it cannot say.
    rough: Any
    is_exact: bool  # the rough condition finds no more than the condition
    scores: list[Combinable]


class SegmentedQueryMixin(QueryWalkerMixin):
    """Answers a query from tokens; a subclass says where they are and how its database matches.

    Each thing searched for is a condition of its own, so that And, Or and Not are Django's own,
    however deep. SQLite's and PostgreSQL's own ranks differ, so the score counts instead:
    occurrences, more of them counting ever less, and the title by its boost.
    """

    everything = Plan(Q(pk__isnull=False), Q(pk__isnull=False), None, False, [])
    index_texts: dict[str, str]  # column of the index -> the column with its tokens as text
    queryset: QuerySet
    fields: list[str] | None
    query: Any
    order_by_relevance: bool
    _best: Best | None = None

    def matches(self, term: Term, columns: list[str]) -> Q:
        """The entries that hold the term in one of the columns."""
        raise NotImplementedError

    def told(self, term: Term, columns: list[str]) -> Q:
        """The same for entries at hand, where that is quicker without the text index."""
        return self.matches(term, columns)

    def rough(self, term: Term, columns: list[str]) -> tuple[Any, bool]:
        """The same from the text index alone, and whether that is exact."""
        raise NotImplementedError

    def joined_roughs(self, roughs: list[Any], operator: str) -> Any:
        raise NotImplementedError

    def newest(self, plan: Plan, before: int | None, size: int) -> list[Candidate]:
        """What the text index finds, the last indexed first, from a place on."""
        raise NotImplementedError

    @property
    def columns(self) -> list[str]:
        """The columns to look in; all fields but the title share one."""
        if self.fields is None:
            return ["title", "body"]
        return sorted({"title" if name == "title" else "body" for name in self.fields})

    def entries(self) -> QuerySet:
        model: type[Model] = self.queryset.model
        kinds = get_descendants_content_types_pks(model)
        return IndexEntry.objects.filter(content_type_id__in=kinds)

    def best(self) -> Best | None:
        """The matches in order of relevance, or None where another order is asked for."""
        if not self.order_by_relevance or isinstance(self.query, MatchAll):
            return None
        if self._best is None:
            both = self.columns == ["title", "body"]
            in_title = self.plan(self.query, columns=["title"]) if both else None
            self._best = Best(self, self.plan(self.query), in_title)
        return self._best

    def search(
        self,
        config: Any,
        start: int | None,
        stop: int | None,
        score_field: str | None = None,
        backend: Any = None,
    ) -> QuerySet:
        """Everything that matches, in the queryset's own order or the newest first."""
        if isinstance(self.query, MatchAll):
            return self.queryset[start:stop]
        plan = self.plan(self.query)
        if plan is None:
            return self.queryset.none()
        # From the entries to the objects: the other way round reads every object there is.
        keys = self.entries().filter(plan.condition)
        keys = keys.values_list(Cast("object_id", self.queryset.model._meta.pk))
        found = self.queryset.filter(pk__in=keys)
        if score_field is not None:
            found = found.annotate(**{score_field: Value(0)})
        if self.order_by_relevance or not found.query.order_by:
            found = found.order_by("-pk")  # pages of results must not overlap
        return found[start:stop]

    def plan_term(self, term: Term, boost: float, columns: list[str]) -> Plan:
        rough, is_exact = self.rough(term, columns)
        matches, told = self.matches(term, columns), self.told(term, columns)
        return Plan(matches, told, rough, is_exact, self.scores(term, boost, columns))

    def negated(self, plan: Plan) -> Plan:
        return Plan(~plan.condition, ~plan.told, None, False, [])

    def joined(self, plans: list[Plan], operator: str) -> Plan:
        roughs = [plan.rough for plan in plans if plan.rough is not None]
        is_told = roughs if operator == "and" else len(roughs) == len(plans)
        join = and_ if operator == "and" else or_
        return Plan(
            reduce(join, (plan.condition for plan in plans)),
            reduce(join, (plan.told for plan in plans)),
            self.joined_roughs(roughs, operator) if is_told else None,
            all(plan.is_exact for plan in plans),
            [score for plan in plans for score in plan.scores],
        )

    def scores(self, term: Term, boost: float, columns: list[str]) -> list[Combinable]:
        weights = {"title": self.title_boost * boost, "body": boost}
        return [_strength(self.index_texts[column], term, weights[column]) for column in columns]

    @property
    def title_boost(self) -> float:
        return next(
            (
                field.boost or 1.0
                for field in self.queryset.model.get_searchable_search_fields()
                if field.field_name == "title"
            ),
            1.0,
        )

    def total(self, scores: list[Combinable]) -> Any:
        return ADD(scores) if scores else Value(0)


class SegmentedAutocompleteMixin(SegmentedQueryMixin):
    """What is typed may be unfinished; among titles the shortest is the closest."""

    is_prefix = True

    @property
    def columns(self) -> list[str]:
        return ["autocomplete"]

    def scores(self, term: Term, boost: float, columns: list[str]) -> list[Combinable]:
        return []

    def total(self, scores: list[Combinable]) -> Any:
        return Value(BEST) - Length(self.index_texts["title"])


def _strength(path: str, term: Term, weight: float) -> Combinable:
    """From 0 for no occurrence towards the weight for many; a part of a word counts half.

    n / (n + 1), in whole numbers: fractions differ from one database to the other.
    """
    count = _count(path, needle(term))
    halves = count + _count(path, f" {term.whole} ") if term.whole else count * Value(2)
    best = round(BEST * weight)
    return Value(best) - Value(2 * best) / (halves + Value(2))


def needle(term: Term) -> str:
    """What the tokens of a term look like in an indexed text."""
    return f" {' '.join(term.tokens)}" + ("" if term.is_prefix else " ")


class _Bytes(Length):
    """The length of tokens, which are ASCII: PostgreSQL knows it of texts that it does not read."""

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function="OCTET_LENGTH", **extra)


def _count(path: str, text: str) -> Combinable:
    shorter = Replace(F(path), Value(text), Value(""))
    return (_Bytes(path) - _Bytes(shorter)) / Value(len(text))
