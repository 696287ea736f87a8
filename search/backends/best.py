"""The best matches first, at a cost that does not grow with the number of matches.

To say how well a text matches, the text has to be read, and a common word is in most of them. So
those with the words in their title come first, then the others, each the last indexed first, and
only the first RANKED of them are weighed against one another: nothing that matches is left out.
The choice is the same on every database.

Words that are in many texts and nowhere together, as on PostgreSQL, or words of another language
than the reader's would have everything read for nothing. So whoever looks only so far down is
told of what was found among MOST_READ texts and MOST_PASSED entries, and that there may be more.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Case, Exists, IntegerField, OuterRef, Value, When
from django.db.models.functions import Cast

if TYPE_CHECKING:
    from .queries import Plan, SegmentedQueryMixin

RANKED = 50
LARGEST_CHUNK = 5_000  # SQLite takes some 30,000 parameters
MOST_READ = 1_000  # a tenth of a second for texts of a page's length
MOST_PASSED = 20_000

# What the database says of a candidate.
PASSED, REFUSED, MATCHES = 0, 1, 2

Match = tuple[int, Any]  # the primary keys of an index entry and of its object


class Candidate(NamedTuple):
    """An entry that the text index found."""

    entry: int
    key: str  # the primary key of its object, as the index keeps it
    verdict: int


class Best:
    """The matches of one query, as far down as somebody looks; kept, so that it is asked once."""

    gave_up = False  # there may be matches that nobody looked for

    def __init__(
        self, compiler: "SegmentedQueryMixin", plan: "Plan | None", in_title: "Plan | None"
    ) -> None:
        self._compiler, self._plan, self._in_title = compiler, plan, in_title
        self._matches: list[Match] = []
        self._scores: dict[Any, int] = {}
        self._depth: int | None = 0  # None when all matches are here

    def keys(self, start: int, stop: int | None) -> list[Any]:
        """Primary keys of the matches from one place to another, best first."""
        self._look_down_to(stop)
        return [key for _, key in self._matches[start:stop]]

    def score(self, key: Any) -> int:
        """How well an object matches; 0 for one that was not weighed."""
        return self._scores.get(key, 0)

    def _look_down_to(self, stop: int | None) -> None:
        if self._plan is None or self._depth is None:
            return
        if stop is not None and stop <= self._depth:
            return
        depth = None if stop is None else max(stop, RANKED)
        matches = self._titled(depth)
        if depth is None or len(matches) < depth:
            known = {entry for entry, _ in matches}
            others = self._find(self._plan, depth)
            matches += [match for match in others if match[0] not in known]
        self.gave_up = self.gave_up and depth is not None and len(matches) < depth
        self._matches = self._ranked(matches[:RANKED]) + matches[RANKED:depth]
        self._depth = depth

    def _titled(self, depth: int | None) -> list[Match]:
        if self._plan is None or self._in_title is None:
            return []
        # What holds the words in its title holds them, unless a Not says otherwise.
        told = self._plan.told & self._in_title.told
        return self._find(self._in_title._replace(told=told), depth)

    def _find(self, plan: "Plan", limit: int | None) -> list[Match]:
        """Matches of which the queryset holds the object, the last indexed first."""
        to_python = self._compiler.queryset.model._meta.pk.to_python
        found: list[Match] = []
        # A fourth more than is wanted: most candidates match, and each has its text read.
        size = min(limit + limit // 4, LARGEST_CHUNK) if limit else LARGEST_CHUNK
        before, read, passed = None, 0, 0
        while limit is None or len(found) < limit:
            chunk = self._compiler.newest(plan, before, size)
            for entry, key, verdict in chunk:
                read += verdict == REFUSED
                passed += verdict == PASSED
                if verdict == MATCHES:
                    found.append((entry, to_python(key)))
            if len(chunk) < size:
                break
            if limit is not None and (read >= MOST_READ or passed >= MOST_PASSED):
                self.gave_up = True
                break
            # Few of them are for this reader, so look further.
            before, size = chunk[-1].entry, min(4 * size, LARGEST_CHUNK)
            if limit is not None and not plan.is_exact:
                size = min(size, MOST_READ)
        return found[:limit]

    def _ranked(self, matches: list[Match]) -> list[Match]:
        assert self._plan is not None
        entries = self._compiler.entries().filter(pk__in=[entry for entry, _ in matches])
        score = self._compiler.total(self._plan.scores)
        scores = dict(entries.annotate(_score=score).values_list("pk", "_score"))
        self._scores = {key: scores.get(entry, 0) for entry, key in matches}
        return sorted(matches, key=lambda match: (self._scores[match[1]], match[0]), reverse=True)


def verdict(compiler: "SegmentedQueryMixin", plan: "Plan", object_id: str) -> Case:
    """Whether an entry's object is in the queryset, and only if so, whether its text matches.

    The queryset has what is live, public and of the reader's language. Long texts are read to say
    the rest, so the database must not do that first: in a CASE it keeps the order.
    """
    pk = compiler.queryset.model._meta.pk
    held = compiler.queryset.order_by().filter(pk=Cast(OuterRef(object_id), pk))
    tests = [] if plan.is_exact else [When(~plan.told, then=Value(REFUSED))]
    return Case(
        When(~Exists(held), then=Value(PASSED)),
        *tests,
        default=Value(MATCHES),
        output_field=IntegerField(),
    )


class BestFirstMixin:
    """Search results that come from Best, and counts of a slice that look no further than it."""

    query_compiler: "SegmentedQueryMixin"
    start: int
    stop: int | None
    _score_field: str | None

    @property
    def gave_up(self) -> bool:
        """Whether there may be more than was found, once somebody has looked."""
        best = self.query_compiler.best()
        return best is not None and best.gave_up

    def _do_search(self) -> list[Any]:
        best = self.query_compiler.best()
        if best is None:
            return super()._do_search()  # type: ignore[misc]
        keys = best.keys(self.start, self.stop)
        found: dict[Any, Any] = {}
        for first in range(0, len(keys), LARGEST_CHUNK):
            chunk = keys[first : first + LARGEST_CHUNK]
            found.update(
                (item.pk, item) for item in self.query_compiler.queryset.filter(pk__in=chunk)
            )
        if self._score_field is not None:
            for key, item in found.items():
                setattr(item, self._score_field, best.score(key))
        return [found[key] for key in keys if key in found]

    def _do_count(self) -> int:
        best = self.query_compiler.best()
        if best is None or self.stop is None:
            return super()._do_count()  # type: ignore[misc]
        return len(best.keys(self.start, self.stop))
