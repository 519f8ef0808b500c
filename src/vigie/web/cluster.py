"""Where else the same offer stands."""

from collections.abc import Mapping, Sequence
from typing import Any

from vigie.contracts import Shelf


def elsewhere(shelf: Shelf, rows: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Return, by id, the sources of the other members of each row's cluster, each once, sorted.

    The listing's own source is among them when it shows the offer twice.
    """
    found = {}
    for row in rows:
        members = shelf.members(row["cluster"]).iter_rows(named=True) if row["cluster"] else ()
        found[row["id"]] = tuple(sorted({m["source"] for m in members if m["id"] != row["id"]}))
    return found
