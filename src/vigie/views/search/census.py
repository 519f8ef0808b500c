"""What stands in a generation of the index: whose documents, in which clusters, with which digest.

Following the feed needs it to find the clusters that a change touches; the reconciler
to prove that the index holds what the store holds.
"""

from collections.abc import Collection, Iterable, Iterator

import msgspec
import polars as pl
from tantivy import Occur, Query

from vigie.views.search import plan
from vigie.views.search.documents import alone, crowd
from vigie.views.search.generation import Generation
from vigie.views.search.rows import Entry, entries


class Differences(msgspec.Struct, frozen=True):
    """Keys of documents that index and store do not agree on; a cluster's key ends in its grain."""

    missing: tuple[str, ...]
    """The store has the rows, the index not the document."""
    extra: tuple[str, ...]
    """The index has a document without rows."""
    different: tuple[str, ...]
    """The document was made of other values than the rows have."""

    def __bool__(self) -> bool:
        return bool(self.missing or self.extra or self.different)


def _found(generation: Generation, query: Query, limit: int) -> Iterator[dict[str, str]]:
    if generation.size:
        for _, address in generation.searcher.search(
            query, limit=min(limit, generation.size), count=False
        ).hits:
            stored = generation.searcher.doc(address)
            yield {name: stored[name][0] for name in ("key", "cluster")}


def clusters_of(generation: Generation, ids: Collection[str]) -> dict[str, str]:
    """Return the cluster that each listing of *ids* stands in; absent: it has no document."""
    query = Query.term_set_query(generation.schema, "key", sorted(ids))
    return {one["key"]: one["cluster"] for one in _found(generation, query, len(ids))}


def crowded(generation: Generation, clusters: Collection[str], ids: Collection[str]) -> set[str]:
    """Return those of *clusters* that have documents of other listings than *ids*."""
    query = Query.term_set_query(generation.schema, "cluster", sorted(clusters))
    found = _found(generation, query, generation.size)
    return {one["cluster"] for one in found if one["key"] not in ids}


def reconcile(generation: Generation, rows: Iterable[tuple[str, pl.DataFrame]]) -> Differences:
    """Compare the index with every row of the store, document by document.

    Each document carries a digest of all that it was made of. The documents that the rows give
    are made again and compared, those of clusters included; so equal digests prove that every
    question is answered as from the rows.

    Args:
        rows: All rows by kind (`stored_schema`), as `Feed.snapshot` gives them.
    """
    wanted: dict[str, int] = {}
    crowds: dict[str, list[Entry]] = {}
    heads: dict[str, Entry] = {}
    for kind, frame in rows:
        for one in entries(plan.kind_named(kind), frame):
            if one.cluster == one.id:
                heads[one.id] = one
            else:
                crowds.setdefault(one.cluster, []).append(one)
    for cluster, members in crowds.items():
        whole = [*members, heads.pop(cluster)] if cluster in heads else members
        sheets = crowd(sorted(whole, key=lambda one: one.id))
        wanted.update((sheet.key, sheet.digest) for sheet in sheets)
    for one in heads.values():
        sheet = alone(one)
        wanted[sheet.key] = sheet.digest
    indexed = _digests(generation)
    return Differences(
        missing=tuple(sorted(wanted.keys() - indexed.keys())),
        extra=tuple(sorted(indexed.keys() - wanted.keys())),
        different=tuple(
            sorted(key for key, digest in wanted.items() if indexed.get(key, digest) != digest)
        ),
    )


def _digests(generation: Generation) -> dict[str, int]:
    """Return the digest of every document by key; a key that stands twice has digest -1."""
    term = Query.term_query(generation.schema, "lane", plan.CURSOR_LANE, index_option="basic")
    query = Query.boolean_query([(Occur.Must, Query.all_query()), (Occur.MustNot, term)])
    if not generation.size:
        return {}
    hits = generation.searcher.search(query, limit=generation.size, count=False).hits
    addresses = [address for _, address in hits]
    digests = generation.searcher.fast_field_values("digest", addresses) if addresses else []
    found: dict[str, int] = {}
    for address, digest in zip(addresses, digests, strict=True):
        key = generation.searcher.doc(address)["key"][0]
        found[key] = -1 if key in found else int(digest or 0)
    return found
