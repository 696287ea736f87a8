"""From Wagtail's query objects to one condition and one score, the same for every database."""

from collections.abc import Iterable
from functools import reduce
from operator import and_, or_
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Length, Replace
from wagtail.search.query import And, Boost, Fuzzy, MatchAll, Not, Or, Phrase, PlainText
from wagtail.search.utils import ADD

from search import tokens
from search.tokens import Term

BEST = 1_000_000  # the score of one word that could not be found more often
EVERYTHING = Q(pk__isnull=False)


class Plan(NamedTuple):
    """Which objects match, and the expressions whose sum says how well."""

    condition: Q
    scores: list[Combinable]


class SegmentedQueryMixin:
    """Answers a query from tokens; a subclass says where they are and how its database matches.

    Each thing searched for is a condition of its own, so that And, Or and Not are Django's own,
    however deep. SQLite's and PostgreSQL's own ranks differ, so the score counts instead:
    occurrences, more of them counting ever less, and the title by its boost.
    """

    is_prefix = False
    index_texts: dict[str, str]  # column of the index -> path to the tokens in it
    queryset: QuerySet
    fields: list[str] | None
    query: Any
    order_by_relevance: bool

    def located(self, queryset: QuerySet) -> QuerySet:
        """Give the queryset the aliases that matches() refers to."""
        raise NotImplementedError

    def matches(self, term: Term) -> Q:
        raise NotImplementedError

    @property
    def columns(self) -> list[str]:
        """The columns to look in; all fields but the title share one."""
        if self.fields is None:
            return ["title", "body"]
        return sorted({"title" if name == "title" else "body" for name in self.fields})

    def search(
        self,
        config: Any,
        start: int | None,
        stop: int | None,
        score_field: str | None = None,
        backend: Any = None,
    ) -> QuerySet:
        if isinstance(self.query, MatchAll):
            return self.queryset[start:stop]
        plan = self.plan(self.query)
        if plan is None:
            return self.queryset.none()
        found = self.located(self.queryset).filter(plan.condition)
        score = self.total(plan.scores)
        if score_field is not None:
            found = found.annotate(**{score_field: score or Value(0)})
        if self.order_by_relevance:
            found = found.order_by(*([score.desc()] if score else []), "-pk")
        elif not found.query.order_by:
            found = found.order_by("-pk")  # pages of results must not overlap
        return found[start:stop]

    def plan(self, query: Any, boost: float = 1.0) -> Plan | None:
        """Return what a query means here, or None when it holds no word at all."""
        match query:
            case PlainText() | Fuzzy():
                boost *= getattr(query, "boost", 1)
                terms = tokens.terms(query.query_string, is_prefix=self.is_prefix)
                return _joined((self.plan_term(term, boost) for term in terms), query.operator)
            case Phrase():
                term = tokens.phrase(query.query_string, is_prefix=self.is_prefix)
                return self.plan_term(term, boost) if term else None
            case Boost():
                return self.plan(query.subquery, boost * query.boost)
            case And():
                return _joined((self.plan(part, boost) for part in query.subqueries), "and")
            case Or():
                return _joined((self.plan(part, boost) for part in query.subqueries), "or")
            case Not():
                plan = self.plan(query.subquery)
                return Plan(~plan.condition, []) if plan else None
            case MatchAll():
                return Plan(EVERYTHING, [])
        raise NotImplementedError(f"{type(query).__name__} is not supported.")

    def plan_term(self, term: Term, boost: float) -> Plan:
        return Plan(self.matches(term), self.scores(term, boost))

    def scores(self, term: Term, boost: float) -> list[Combinable]:
        weights = {"title": self.title_boost * boost, "body": boost}
        return [
            _strength(self.index_texts[column], term, weights[column]) for column in self.columns
        ]

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
        return ADD(scores) if scores else None


class SegmentedAutocompleteMixin(SegmentedQueryMixin):
    """What is typed may be unfinished; among titles the shortest is the closest."""

    is_prefix = True

    @property
    def columns(self) -> list[str]:
        return ["autocomplete"]

    def scores(self, term: Term, boost: float) -> list[Combinable]:
        return []

    def total(self, scores: list[Combinable]) -> Any:
        return Value(BEST) - Length(self.index_texts["title"])


def _joined(plans: Iterable[Plan | None], operator: str) -> Plan | None:
    """Join what says something; a part that holds no word neither matches nor refuses."""
    telling = [plan for plan in plans if plan is not None]
    if not telling:
        return None
    condition = reduce(and_ if operator == "and" else or_, (plan.condition for plan in telling))
    return Plan(condition, [score for plan in telling for score in plan.scores])


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


def _count(path: str, text: str) -> Combinable:
    shorter = Replace(F(path), Value(text), Value(""))
    return (Length(path) - Length(shorter)) / Value(len(text))
