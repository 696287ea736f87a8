"""Search on SQLite: a term is one phrase of FTS5, which has no limit on a text's length."""

from typing import Any

from django.db.models import F, Lookup, Q, QuerySet
from modelsearch.backends.database.sqlite.sqlite import (
    SQLiteAutocompleteQueryCompiler,
    SQLiteFTSIndexEntry,
    SQLiteIndex,
    SQLiteSearchBackend,
    SQLiteSearchQueryCompiler,
)

from search.tokens import Term

from .indexing import TokenisedIndexMixin
from .queries import SegmentedAutocompleteMixin, SegmentedQueryMixin


class Match(Lookup):
    """FTS5's MATCH; a lookup, because FTS5 refuses the "= 1" that Django adds to an expression."""

    prepare_rhs = False

    def __init__(self, expression: str) -> None:
        super().__init__(None, expression)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str]]:
        # The table's hidden column of the same name, right under any alias of the table.
        return f"{SQLiteFTSIndexEntry._meta.db_table} MATCH %s", (self.rhs,)


class SQLiteMatchingMixin:
    index_texts = {column: f"index_entries__{column}" for column in ("title", "body")}
    columns: list[str]

    def located(self, queryset: QuerySet) -> QuerySet:
        return queryset.alias(_entry=F("index_entries__pk"))

    def matches(self, term: Term) -> Q:
        phrase = f'"{" ".join(term.tokens)}"' + ("*" if term.is_prefix else "")
        match = Match(f"{{{' '.join(self.columns)}}} : {phrase}")
        return Q(_entry__in=SQLiteFTSIndexEntry.objects.filter(match).values("pk"))


class SegmentedQueryCompiler(SQLiteMatchingMixin, SegmentedQueryMixin, SQLiteSearchQueryCompiler):
    pass


class SegmentedAutocompleteQueryCompiler(
    SQLiteMatchingMixin, SegmentedAutocompleteMixin, SQLiteAutocompleteQueryCompiler
):
    pass


class SegmentedIndex(TokenisedIndexMixin, SQLiteIndex):
    pass


class SegmentedSQLiteBackend(SQLiteSearchBackend):
    index_class = SegmentedIndex
    query_compiler_class = SegmentedQueryCompiler
    autocomplete_query_compiler_class = SegmentedAutocompleteQueryCompiler
