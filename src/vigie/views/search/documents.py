"""Documents of the index: one per listing, and up to two per cluster of several listings.

A listing alone in its cluster, as most are, is one document that answers both grains. A cluster
of several is a document of its own, made of its members; when only some of them are open it is
two, so that what is asked of open offers is answered by open members alone.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import tantivy

from vigie.model.ask import Grain
from vigie.views.search import plan
from vigie.views.search.rows import Entry, merge


class Sheet(msgspec.Struct, frozen=True, gc=False):
    """A document before it is tantivy's: its key, its digest and all of its values."""

    key: str
    digest: int
    values: dict[str, Any]

    def document(self, schema: tantivy.Schema) -> tantivy.Document:
        """Return it as tantivy takes it."""
        return tantivy.Document.from_dict(self.values, schema)


def _sheet(key: str, entry: Entry, lanes: list[str]) -> Sheet:
    values: dict[str, Any] = {"key": key, "id": entry.id, "cluster": entry.cluster, "lane": lanes}
    values |= entry.words
    values |= entry.values
    state = hashlib.blake2b(msgspec.msgpack.encode(values), digest_size=8)
    digest = int.from_bytes(state.digest(), "big") >> 1  # tantivy's integers are signed
    values["digest"] = digest
    return Sheet(key, digest, values)


def _lanes(kind: str, grains: Sequence[Grain], *, is_open: bool) -> list[str]:
    status: plan.Status = "open" if is_open else "closed"
    return [plan.lane(kind, grain, which) for grain in grains for which in (status, "all")]


def alone(entry: Entry) -> Sheet:
    """Return the document of a listing that is a cluster by itself."""
    return _sheet(entry.id, entry, _lanes(entry.kind, ("listing", "cluster"), is_open=entry.open))


def crowd(members: Sequence[Entry]) -> Iterator[Sheet]:
    """Yield the documents of one cluster: of each member, then of the cluster.

    A cluster is open when a member is, else closed.
    """
    if len(members) == 1:
        yield alone(members[0])
        return
    for one in members:
        yield _sheet(one.id, one, _lanes(one.kind, ("listing",), is_open=one.open))
    kind, cluster = members[0].kind, members[0].cluster
    still_open = [one for one in members if one.open]
    if 0 < len(still_open) < len(members):
        lanes = [plan.lane(kind, "cluster", "open")]
        yield _sheet(f"{cluster}/open", merge(still_open), lanes)
        lanes = [plan.lane(kind, "cluster", "all")]
    else:
        lanes = _lanes(kind, ("cluster",), is_open=bool(still_open))
    yield _sheet(f"{cluster}/all", merge(members), lanes)


def cursor(seq: int) -> tantivy.Document:
    """Return the document that holds the feed's position."""
    return tantivy.Document(key=plan.CURSOR_LANE, lane=plan.CURSOR_LANE, seq=seq)
