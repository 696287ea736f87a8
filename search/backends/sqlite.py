"""Search on SQLite: a term is one phrase of FTS5, which has no limit on a text's length."""

from typing import Any

from django.db.models import Lookup, Q
from modelsearch.backends.database.sqlite.sqlite import (
    SQLiteAutocompleteQueryCompiler,
    SQLiteFTSIndexEntry,
    SQLiteIndex,
    SQLiteSearchBackend,
    SQLiteSearchQueryCompiler,
    SQLiteSearchResults,
)
from modelsearch.utils import get_descendants_content_types_pks

from search.tokens import Term

from .best import BestFirstMixin, Candidate, verdict
from .indexing import TokenisedIndexMixin
from .queries import Plan, SegmentedAutocompleteMixin, SegmentedQueryMixin


class Match(Lookup):
    """FTS5's MATCH; a lookup, because FTS5 refuses the "= 1" that Django adds to an expression."""

    prepare_rhs = False

    def __init__(self, expression: str) -> None:
        super().__init__(None, expression)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str]]:
        # The table's hidden column of the same name, right under any alias of the table.
        return f"{SQLiteFTSIndexEntry._meta.db_table} MATCH %s", (self.rhs,)


class SQLiteMatchingMixin(SegmentedQueryMixin):
    index_texts = {column: column for column in ("title", "body")}

    def matches(self, term: Term, columns: list[str]) -> Q:
        match = Match(_expression(term, columns))
        return Q(pk__in=SQLiteFTSIndexEntry.objects.filter(match).values("pk"))

    def rough(self, term: Term, columns: list[str]) -> tuple[str, bool]:
        return _expression(term, columns), True

    def joined_roughs(self, roughs: list[str], operator: str) -> str:
        return f"({f' {operator.upper()} '.join(roughs)})"

    def newest(self, plan: Plan, before: int | None, size: int) -> list[Candidate]:
        if plan.rough is None:
            entries, path = self.entries().order_by("-pk"), ""
        else:
            # FTS5 walks backwards by itself, and stops when enough is found.
            kinds = get_descendants_content_types_pks(self.queryset.model)
            entries, path = (
                SQLiteFTSIndexEntry.objects.filter(
                    Match(plan.rough), index_entry__content_type_id__in=kinds
                ).order_by("-index_entry_id"),
                "index_entry__",
            )
        if before is not None:
            entries = entries.filter(pk__lt=before)
        object_id = f"{path}object_id"
        entries = entries.annotate(verdict=verdict(self, plan, object_id))
        return [Candidate(*row) for row in entries.values_list("pk", object_id, "verdict")[:size]]


class SegmentedQueryCompiler(SQLiteMatchingMixin, SQLiteSearchQueryCompiler):
    pass


class SegmentedAutocompleteQueryCompiler(
    SQLiteMatchingMixin, SegmentedAutocompleteMixin, SQLiteAutocompleteQueryCompiler
):
    pass


def _expression(term: Term, columns: list[str]) -> str:
    phrase = f'"{" ".join(term.tokens)}"' + ("*" if term.is_prefix else "")
    return f"{{{' '.join(columns)}}} : {phrase}"


class SegmentedIndex(TokenisedIndexMixin, SQLiteIndex):
    pass


class SegmentedResults(BestFirstMixin, SQLiteSearchResults):
    pass


class SegmentedSQLiteBackend(SQLiteSearchBackend):
    index_class = SegmentedIndex
    query_compiler_class = SegmentedQueryCompiler
    autocomplete_query_compiler_class = SegmentedAutocompleteQueryCompiler
    results_class = SegmentedResults
