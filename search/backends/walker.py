"""Wagtail's query objects taken apart, the same for every index."""

from collections.abc import Iterable
from typing import Any

from wagtail.search.query import And, Boost, Fuzzy, MatchAll, Not, Or, Phrase, PlainText

from search import tokens
from search.tokens import Term


class QueryWalkerMixin:
    """Plans a query; a subclass says what the plan of each part is in the words of its index."""

    is_prefix = False
    everything: Any  # the plan that finds all

    @property
    def columns(self) -> list[Any]:
        """Where to look, unless somebody says otherwise."""
        raise NotImplementedError

    def plan_term(self, term: Term, boost: float, columns: list[Any]) -> Any:
        raise NotImplementedError

    def negated(self, plan: Any) -> Any:
        raise NotImplementedError

    def joined(self, plans: list[Any], operator: str) -> Any:
        raise NotImplementedError

    def plan(self, query: Any, boost: float = 1.0, columns: list[Any] | None = None) -> Any:
        """Return what a query means here, or None when it holds no word at all."""
        columns = columns or self.columns
        match query:
            case PlainText() | Fuzzy():
                boost *= getattr(query, "boost", 1)
                terms = tokens.terms(query.query_string, is_prefix=self.is_prefix)
                plans = (self.plan_term(term, boost, columns) for term in terms)
                return self._join(plans, query.operator)
            case Phrase():
                term = tokens.phrase(query.query_string, is_prefix=self.is_prefix)
                return self.plan_term(term, boost, columns) if term else None
            case Boost():
                return self.plan(query.subquery, boost * query.boost, columns)
            case And() | Or():
                parts = (self.plan(part, boost, columns) for part in query.subqueries)
                return self._join(parts, "and" if isinstance(query, And) else "or")
            case Not():
                plan = self.plan(query.subquery, boost, columns)
                return self.negated(plan) if plan else None
            case MatchAll():
                return self.everything
        raise NotImplementedError(f"{type(query).__name__} is not supported.")

    def _join(self, plans: Iterable[Any], operator: str) -> Any:
        """Join what says something; a part that holds no word neither matches nor refuses."""
        telling = [plan for plan in plans if plan is not None]
        return self.joined(telling, operator) if telling else None
