"""Comparing a frame of new observations with the rows they meet, all at once.

The rules are `fold.py`'s; a test proves on random observations that both give the same.
"""

from typing import Final

import msgspec
import polars as pl

from vigie.model.fields import Kind
from vigie.model.kinds import PRECISIONS
from vigie.store.fold import POSTED, leads
from vigie.store.rows import iso, json_text

_OLD: Final = "old."


Move = tuple[str, str, str, str, str | None, str | None, str]
"""listing_id, at, capture_id, field, old, new (JSON text), cause: a row of `changes`."""


class Merged(msgspec.Struct, frozen=True):
    """Rows that exist already, after their new observation."""

    rows: pl.DataFrame
    """`refined` columns with merged values; and changed, filled, moved (booleans), carried_all."""
    moves: list[Move]
    """What to write as history."""


def merge(kind: Kind, new: pl.DataFrame, old: pl.DataFrame) -> Merged:
    """Merge *new* observations (one per id) into *old* rows (all of those ids exist).

    Every observation is later than the row's last.
    """
    lead = leads(kind)
    joined = new.join(
        old.rename({name: _OLD + name for name in old.columns}),
        left_on="id", right_on=_OLD + "id", how="left", maintain_order="left",
    )  # fmt: skip
    differs: dict[str, pl.Expr] = {}
    for field in kind.values:
        name = field.name
        if name in POSTED:
            continue
        # A partial reading (a card's title alone) does not undo what was read from all raws.
        needed = pl.col(_OLD + "carried") & kind.masks[name]
        carried = ((pl.col("carried") & kind.masks[name]) != 0) & (
            (pl.col("carried") & needed) == needed
        )
        differs[name] = carried & pl.col(name).ne_missing(pl.col(_OLD + name))
        if field.first_told:
            differs[name] &= pl.col(_OLD + name).is_null()
    flags = joined.with_columns(
        expression.fill_null(value=False).alias(f"moves.{name}")
        for name, expression in differs.items()
    )
    if "posted_at" in kind.by_name:
        flags = flags.with_columns(_posted_moves().fill_null(value=False).alias("moves.posted"))
    values = [
        pl.when(f"moves.{name}").then(name).otherwise(_OLD + name).alias(name) for name in differs
    ]
    if "posted_at" in kind.by_name:
        values += [
            pl.when("moves.posted").then(name).otherwise(_OLD + name).alias(name)
            for name in POSTED
            if name != "posted_raw"
        ]
        late_raw = pl.col(_OLD + "posted_raw").is_null() & (
            (pl.col("carried") & kind.masks["posted_raw"]) != 0
        )
        values.append(
            pl.when(pl.col("moves.posted") | late_raw)
            .then("posted_raw")
            .otherwise(_OLD + "posted_raw")
            .alias("posted_raw")
        )
    changed = [
        pl.col(f"moves.{name}") & pl.col(_OLD + name).is_not_null()
        for name in differs
        if name in lead
    ]
    visible = [pl.col(f"moves.{name}") for name in differs if not kind[name].volatile]
    if "posted_at" in kind.by_name:
        visible.append(pl.col("moves.posted"))
    flags = flags.with_columns(
        pl.any_horizontal(changed).alias("changed"),
        pl.any_horizontal(visible).alias("moved"),
    )
    return Merged(_rows(flags, values, new), _moves(kind, flags, list(differs), lead))


def _posted_moves() -> pl.Expr:
    rank = {name: place for place, name in enumerate(PRECISIONS)}
    old_at, new_at = pl.col(_OLD + "posted_at"), pl.col("posted_at")
    old = pl.col(_OLD + "posted_precision").replace_strict(rank, default=None, return_dtype=pl.Int8)
    new = pl.col("posted_precision").replace_strict(rank, default=None, return_dtype=pl.Int8)
    exact = pl.col("posted_precision") == "second"
    same = pl.when(exact).then(new_at > old_at).otherwise(new_at < old_at)
    better = pl.when(old != new).then(new < old).otherwise(same)
    known = new_at.is_not_null() & new.is_not_null()
    return known & (old_at.is_null() | old.is_null() | better)


def _rows(flags: pl.DataFrame, values: list[pl.Expr], new: pl.DataFrame) -> pl.DataFrame:
    state = ("first_seen_at", "last_seen_at", "changed_at", "status", "closed_at", "cluster")
    merged = {value.meta.output_name() for value in values}
    return flags.select(
        *(pl.col(name) for name in new.columns if name not in merged),
        *values,
        "changed", "moved",
        (pl.col(_OLD + "carried") | pl.col("carried")).alias("carried_all"),
        pl.when(pl.col("reading") == "full").then(pl.lit("full")).otherwise(_OLD + "reading")
        .alias("reading_all"),
        *(pl.col(_OLD + name) for name in state),
    )  # fmt: skip


def _moves(kind: Kind, flags: pl.DataFrame, names: list[str], lead: frozenset[str]) -> list[Move]:
    """Return what belongs to the history: (listing_id, at, capture_id, field, old, new, cause)."""
    found: list[Move] = []
    for name in names:
        if kind[name].volatile:
            continue
        had = pl.col(_OLD + name).is_not_null()
        told_null = (pl.col(_OLD + "carried") & kind.masks[name]) != 0
        hit = flags.filter(pl.col(f"moves.{name}") & (had | told_null))
        if not hit.height:
            continue
        raws = [f"moves.{raw}" for raw in kind[name].of if raw in lead]
        if name in lead:
            from_site = pl.lit(value=True)
        else:
            from_site = pl.any_horizontal(raws) if raws else pl.lit(value=False)
        cause = (
            pl.when(~had)
            .then(pl.lit("fill"))
            .when(from_site)
            .then(pl.lit("site"))
            .otherwise(pl.lit("drift"))
        )
        rows = hit.select("id", "at", "capture_id", _OLD + name, name, cause.alias("cause"))
        found += [
            (listing, iso(at), capture, name, json_text(old), json_text(new), why)
            for listing, at, capture, old, new, why in rows.iter_rows()
        ]
    return found
