"""One generation of the index: a searcher that no commit changes, and the answers it gives.

Hits, total and facets of an answer come from one generation, so they agree with each other.
"""

from typing import Any, Final

import msgspec
import tantivy
from tantivy import Occur, Order, Query

from vigie.errors import UsageError
from vigie.model.ask import Answer, Ask, Bucket
from vigie.views.search import plan
from vigie.views.search.queries import Plea, plea
from vigie.views.search.question import clean
from vigie.views.search.rows import DIGITS

KEPT_ANSWERS: Final = 256
"""Answers remembered per generation: pages ask the same questions again."""

ALL_BUCKETS: Final = 1_000_000
"""Buckets a segment may pass on: cutting earlier would make counts inexact."""

Hit = tuple[Any, tantivy.DocAddress]


class Generation:
    """Answers questions as of one feed position."""

    def __init__(self, index: tantivy.Index) -> None:
        self.schema: tantivy.Schema = index.schema
        self.searcher: tantivy.Searcher = index.searcher()
        self.size: int = self.searcher.num_docs
        self.seq = self._seq()
        self._answers: dict[bytes, Answer] = {}

    def _seq(self) -> int:
        query = Query.term_query(self.schema, "lane", plan.CURSOR_LANE, index_option="basic")
        hits = self.searcher.search(query, limit=1, count=False).hits
        return int(self.searcher.doc(hits[0][1])["seq"][0]) if hits else 0

    def answer(self, ask: Ask) -> Answer:
        """Answer *ask*, without snippets."""
        try:
            key = msgspec.msgpack.encode(ask)
        except UnicodeEncodeError:  # a lone surrogate; the pieces are cleaned one by one
            return self._answer(ask)
        known = self._answers.get(key)
        if known is None:
            known = self._answer(ask)
            if len(self._answers) >= KEPT_ANSWERS:
                self._answers.clear()
            self._answers[key] = known
        return known

    def _answer(self, ask: Ask) -> Answer:
        if ask.limit < 0 or ask.offset < 0 or ask.facet_size < 0:
            raise UsageError("limit, offset and facet_size cannot be below zero")
        asked = plea(self.schema, ask)
        query = asked.query()
        name, descending = _sorting(asked, ask.sort)
        if name is None:
            total, ids = self._relevant(asked.scoring(), ask.limit, ask.offset)
        else:
            order = Order.Desc if descending else Order.Asc
            total, ids = self._sorted(query, name, order, ask.limit, ask.offset)
        return Answer(
            ids=tuple(ids), total=total, facets=self._facets(asked, query, ask), seq=self.seq
        )

    def ids(self, hits: list[Hit]) -> list[str]:
        """Return the listing ids of *hits*."""
        return [self.searcher.doc(address)["id"][0] for _, address in hits]

    def count(self, query: Query) -> int:
        """Return how many documents *query* finds."""
        return _total(self.searcher.search(query, limit=1))

    def _relevant(self, query: Query, limit: int, offset: int) -> tuple[int, list[str]]:
        """Return the total and the page of ids, best first, equals by id.

        Tantivy leaves equals in the order of its files, which merges change; a run of equals
        that reaches into the page is therefore fetched whole and ordered here.
        """
        if limit == 0 or offset >= self.size:
            return self.count(query), []
        end = offset + min(limit, self.size)
        reach = min(end + 1, self.size)
        found = self.searcher.search(query, limit=reach)
        total, hits = _total(found), found.hits
        while len(hits) > end and hits[-1][0] == hits[end - 1][0] and len(hits) < total:
            reach = min(reach * 4, self.size)
            hits = self.searcher.search(query, limit=reach, count=False).hits
        first, last = offset, min(end, len(hits))
        if first >= last:
            return total, []
        while first > 0 and hits[first - 1][0] == hits[offset][0]:
            first -= 1
        while last < len(hits) and hits[last][0] == hits[last - 1][0]:
            last += 1
        scores = [score for score, _ in hits[first:last]]
        ranked = sorted(
            zip(scores, self.ids(hits[first:last]), strict=True), key=lambda hit: (-hit[0], hit[1])
        )
        return total, [one for _, one in ranked[offset - first : end - first]]

    def _sorted(
        self, query: Query, name: str, order: Order, limit: int, offset: int
    ) -> tuple[int, list[str]]:
        """Return the total and the page of ids by a sort key; those without it last, by id."""
        if limit == 0 or offset >= self.size:
            return self.count(query), []
        found = self.searcher.search(
            query,
            limit=min(limit, self.size),
            offset=offset,
            order_by_field=plan.order(name),
            order=order,
        )
        keys = [key for key, _ in found.hits]
        ids = [key[DIGITS:] for key in keys if key is not None]
        missing = len(keys) - len(ids)
        if missing:
            known = Query.exists_query(plan.order(name))
            unknown = Query.boolean_query([(Occur.Must, query), (Occur.MustNot, known)])
            before = 0 if ids else offset - (_total(found) - self.count(unknown))
            rest = self.searcher.search(
                unknown,
                limit=missing,
                offset=before,
                count=False,
                order_by_field="id",
                order=Order.Asc,
            )
            ids += [key for key, _ in rest.hits]
        return _total(found), ids

    def _facets(self, asked: Plea, query: Query, ask: Ask) -> dict[str, tuple[Bucket, ...]]:
        """Count each facet as if its own filter were not there."""
        shared = [name for name in ask.facets if name not in asked.own]
        counted: dict[str, dict[str, int]] = {}
        if shared and ask.facet_size:
            counted.update(self._counts(query, shared, ask.facet_size))
        for name in ask.facets:
            if name in asked.own:
                counted[name] = self._own_counts(asked, name, ask)
        return {
            name: tuple(
                Bucket(value, count)
                for value, count in sorted(
                    counted.get(name, {}).items(), key=lambda bucket: (-bucket[1], bucket[0])
                )
            )
            for name in ask.facets
        }

    def _own_counts(self, asked: Plea, name: str, ask: Ask) -> dict[str, int]:
        """Count a facet that is filtered by; what is wanted is counted even when it is rare."""
        query = asked.query(without=name)
        counts = self._counts(query, [name], ask.facet_size)[name] if ask.facet_size else {}
        for value in map(clean, ask.filters[name]):
            if value not in counts:
                term = Query.term_query(self.schema, plan.facet(name), value, index_option="basic")
                counts[value] = self.count(
                    Query.boolean_query([(Occur.Must, query), (Occur.Must, term)])
                )
        return counts

    def _counts(self, query: Query, names: list[str], size: int) -> dict[str, dict[str, int]]:
        wanted = {
            name: {
                "terms": {
                    "field": plan.facet(name),
                    "size": min(size, ALL_BUCKETS),
                    "segment_size": ALL_BUCKETS,
                }
            }
            for name in names
        }
        found = self.searcher.aggregate(query, wanted)
        return {
            name: {bucket["key"]: int(bucket["doc_count"]) for bucket in found[name]["buckets"]}
            for name in names
        }


def _total(found: tantivy.SearchResult) -> int:
    return int(found.count)  # type: ignore[attr-defined]  # tantivy's stub leaves it out


def _sorting(asked: Plea, sort: str) -> tuple[str | None, bool]:
    """Return the field to sort by, None for relevance, and whether the greatest comes first."""
    if sort in ("", "relevance"):
        return (None, True) if asked.worded else (plan.WHEN, True)
    name = sort.removeprefix("-")
    known = [field.name for field in plan.sorts(asked.kind)]
    if name not in known:
        raise UsageError(
            f"{asked.kind.plural} cannot be sorted by {name!r}: "
            f"there are relevance, {', '.join(known)}"
        )
    return name, sort.startswith("-")
