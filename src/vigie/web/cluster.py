"""Where else the same offer stands."""

from collections.abc import Mapping, Sequence
from typing import Any

from vigie.contracts import Shelf


def elsewhere(shelf: Shelf, rows: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Return, by id, the sources of the other members of each row's cluster, each once, sorted.

    The listing's own source is among them when it shows the offer twice.
    """
    clusters = {row["cluster"] for row in rows if row["cluster"]}
    together: dict[str, list[tuple[str, str]]] = {}
    for member in shelf.members(sorted(clusters)).iter_rows(named=True):
        together.setdefault(member["cluster"], []).append((member["id"], member["source"]))
    return {
        row["id"]: tuple(sorted({s for i, s in together.get(row["cluster"], ()) if i != row["id"]}))
        for row in rows
    }
