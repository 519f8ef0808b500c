"""The demo's stand-in sites, in the place of the real ones: when collecting and when showing."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

    from vigie.store import SqlStore


class StandIn:
    """Stand-in sites on loopback, which only the demo may put in the place of the real ones."""

    def __init__(
        self, rewrite: Mapping[str, str], allow_hosts: frozenset[str], clock: Callable[[], datetime]
    ) -> None:
        self._rewrite, self._allow_hosts, self.clock = rewrite, allow_hosts, clock

    def options(self) -> dict[str, Any]:
        """Return the collector's options: no pause, and these loopback addresses let through."""
        return {"rewrite": self._rewrite, "allow_hosts": self._allow_hosts, "pause_seconds": 0.0,
                "backoff_seconds": 0.05, "patience_seconds": 1.0}  # fmt: skip


class StagedShelf:
    """The store as the demo's pages read it: pictures come from the stand-in sites.

    Listings keep the addresses that a real site would give; the stand-ins' ports change at every
    start, so they are put in when a page is made.
    """

    def __init__(self, shelf: "SqlStore", stand_ins: Mapping[str, str]) -> None:
        self._shelf = shelf
        self._stand_ins = stand_ins

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shelf, name)

    def get(
        self, kind: str, ids: Sequence[str], columns: Collection[str] | None = None
    ) -> "pl.DataFrame":
        import polars as pl

        rows = self._shelf.get(kind, ids, columns)
        if "images" not in rows.columns:
            return rows
        staged = pl.element().str.replace_many(
            list(self._stand_ins), list(self._stand_ins.values())
        )
        return rows.with_columns(pl.col("images").list.eval(staged))
