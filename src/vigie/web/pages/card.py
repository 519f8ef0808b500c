"""What a list shows of one listing, ready for its template."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec
import polars as pl

from vigie.contracts import Shelf
from vigie.model.fields import Kind
from vigie.web.amounts import amount
from vigie.web.cluster import elsewhere
from vigie.web.picture import picture
from vigie.web.question import CLUSTERED
from vigie.web.slug import listing_path


class Move(msgspec.Struct, frozen=True):
    """The last move of a price: from, to, and as a share of the former (-0.08: 8 % less)."""

    old: Decimal
    new: Decimal

    @property
    def share(self) -> float:
        return float((self.new - self.old) / self.old)


class Card(msgspec.Struct, frozen=True):
    """One listing of a list."""

    row: dict[str, Any]
    path: str
    others: tuple[str, ...]
    """Sources that show the same offer elsewhere, this listing's own left out."""
    passage: str = ""
    picture: str | None = None
    move: Move | None = None


def cards(
    shelf: Shelf, kind: Kind, rows: pl.DataFrame, passages: Mapping[str, str], *, demo: bool
) -> list[Card]:
    """Return the cards of *rows*, in their order."""
    found = []
    told = rows.to_dicts()
    others = elsewhere(shelf, told) if kind.name in CLUSTERED else {}
    for row in told:
        images: Sequence[str] = row.get("images") or ()
        shown = (address for url in images if (address := picture(url, demo)))
        found.append(
            Card(
                row=row,
                path=listing_path(kind.plural, row["id"], row.get("title")),
                others=others.get(row["id"], ()),
                passage=passages.get(row["id"], ""),
                picture=next(shown, None),
                move=last_move(shelf, row, "price") if kind.name == "ad" else None,
            )
        )
    return found


def last_move(shelf: Shelf, row: Mapping[str, Any], field: str) -> Move | None:
    """Return the last change of a price by the site; None when it never moved."""
    if row["changed_at"] is None or row[field] is None:
        return None
    for change in reversed(shelf.history(row["id"]).rows(named=True)):
        if change["field"] == field and change["cause"] == "site":
            old, new = amount(change["old"]), amount(change["new"])
            return Move(old, new) if old and new and old != new else None
    return None
