"""Listings to index: rows as the store gives them, and the clusters they stand in."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import polars as pl

from vigie.model.ask import Answer
from vigie.model.frames import stored_schema
from vigie.model.identity import listing_id
from vigie.model.kinds import KINDS
from vigie.model.position import Change, What
from vigie.views.search.index import SearchIndex

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Shown:
    """Rows by id, as a store would hold them, and the changes that led to them."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.kinds: dict[str, str] = {}
        self.seq = 0
        self.broken: Exception | None = None

    def put(self, native_id: str, kind: str = "job", **values: Any) -> Change:
        """Add a listing, or replace the values named; return the change."""
        source = values.pop("source", "wttj")
        one = listing_id("wttj", native_id)
        row = self.rows.setdefault(
            one,
            {"id": one, "native_id": native_id, "status": "open", "cluster": one}
            | {"first_seen_at": NOON, "reading": "full"},
        )
        row.update(values, source=source)
        self.kinds[one] = kind
        return self._change(one, What.NEW)

    def gather(self, *native_ids: str) -> list[Change]:
        """Put listings in one cluster."""
        ids = [listing_id("wttj", one) for one in native_ids]
        for one in ids:
            self.rows[one]["cluster"] = min(ids)
        return [self._change(one, What.LINKED) for one in ids]

    def erase(self, native_id: str) -> Change:
        one = listing_id("wttj", native_id)
        del self.rows[one]
        return self._change(one, What.ERASED)

    def _change(self, one: str, what: What) -> Change:
        self.seq += 1
        return Change(self.seq, self.kinds[one], one, what, NOON)

    def frames(self, ids: Sequence[str] | None = None) -> dict[str, pl.DataFrame]:
        """Return rows by kind, all of them or those of *ids*."""
        chosen = list(self.rows) if ids is None else [one for one in ids if one in self.rows]
        return {
            kind: pl.DataFrame(
                [
                    {name: self.rows[one].get(name) for name in stored_schema(KINDS[kind])}
                    for one in chosen
                    if self.kinds[one] == kind
                ],
                schema=stored_schema(KINDS[kind]),
            )
            for kind in sorted({self.kinds[one] for one in chosen})
        }

    def members(self, clusters: Sequence[str]) -> dict[str, pl.DataFrame]:
        if self.broken:
            raise self.broken
        wanted = set(clusters)
        return self.frames([one for one, row in self.rows.items() if row["cluster"] in wanted])

    def follow(self, index: SearchIndex, *changes: Change) -> None:
        """Let the index follow *changes*."""
        ids = list(dict.fromkeys(change.id for change in changes))
        index.apply(changes, self.frames(ids), self.seq)

    def rebuild(self, index: SearchIndex) -> None:
        index.rebuild(self.seq, iter(self.frames().items()))


def native(shown: Shown, answer: Answer) -> list[str]:
    return [shown.rows[one]["native_id"] for one in answer.ids]
