"""The best matches first, at a cost that does not grow with the number of matches.

To say how well a text matches, the text has to be read, and a common word is in most of them. So
only RANKED matches are weighed: those with the words in their title, then those that came into
the index last. The others follow them, the last indexed first: nothing that matches is left out.
The choice is the same on every database.
"""

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

if TYPE_CHECKING:
    from .queries import Plan, SegmentedQueryMixin

RANKED = 50
LARGEST_CHUNK = 5_000  # SQLite takes some 30,000 parameters

Match = tuple[int, Any]  # the primary keys of an index entry and of its object


class Best:
    """The matches of one query, as far down as somebody looks; kept, so that it is asked once."""

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
        titled: list[Match] = []
        if self._in_title is not None:
            # What holds the words in its title holds them, unless a Not says otherwise.
            condition = self._plan.condition & self._in_title.condition
            titled = self._find(self._in_title._replace(condition=condition), RANKED)
        known = {entry for entry, _ in titled}
        others = self._find(self._plan, None if depth is None else depth + len(known))
        matches = titled + [match for match in others if match[0] not in known]
        self._matches = self._ranked(matches[:RANKED]) + matches[RANKED:]
        self._depth = depth

    def _find(self, plan: "Plan", limit: int | None) -> list[Match]:
        """Matches of which the queryset holds the object, the last indexed first."""
        found: list[Match] = []
        before, size = None, min(2 * (limit or LARGEST_CHUNK), LARGEST_CHUNK)
        while limit is None or len(found) < limit:
            chunk = self._compiler.newest(plan.rough, before, size)
            found += self._confirmed(self._held(chunk), plan, limit and limit - len(found))
            if len(chunk) < size:
                break
            # Few of them are for this reader, so look further.
            before, size = chunk[-1][0], min(4 * size, LARGEST_CHUNK)
        return found[:limit]

    def _held(self, chunk: list[tuple[int, str]]) -> list[Match]:
        """Those whose object is in the queryset: live, public, of the reader's language."""
        queryset: QuerySet = self._compiler.queryset.order_by()
        to_python = queryset.model._meta.pk.to_python
        matches = [(entry, to_python(key)) for entry, key in chunk]
        if not matches:
            return []
        held = queryset.filter(pk__in=[key for _, key in matches])
        keys = set(held.values_list("pk", flat=True))
        return [match for match in matches if match[1] in keys]

    def _confirmed(self, matches: list[Match], plan: "Plan", limit: int | None) -> list[Match]:
        """Those that match truly; long texts are read for it, so no more than are needed."""
        if plan.is_exact:
            return matches
        found: list[Match] = []
        step = limit or LARGEST_CHUNK
        for first in range(0, len(matches), step):
            part = matches[first : first + step]
            entries = self._compiler.entries().filter(plan.condition, pk__in=[pk for pk, _ in part])
            confirmed = set(entries.values_list("pk", flat=True))
            found += [match for match in part if match[0] in confirmed]
            if limit is not None and len(found) >= limit:
                break
        return found

    def _ranked(self, matches: list[Match]) -> list[Match]:
        assert self._plan is not None
        entries = self._compiler.entries().filter(pk__in=[entry for entry, _ in matches])
        score = self._compiler.total(self._plan.scores)
        scores = dict(entries.annotate(_score=score).values_list("pk", "_score"))
        self._scores = {key: scores.get(entry, 0) for entry, key in matches}
        return sorted(matches, key=lambda match: (self._scores[match[1]], match[0]), reverse=True)


class BestFirstMixin:
    """Search results that come from Best, and counts of a slice that look no further than it."""

    query_compiler: "SegmentedQueryMixin"
    start: int
    stop: int | None
    _score_field: str | None

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
