"""Frames of listings between the stages: which columns, of which types.

A frame that steps receive has the kind's shown fields and `CARRIED`; the steps add the fields
they read. `refined_schema` is what the store receives.
"""

from datetime import datetime
from typing import Final

import msgspec
import polars as pl

from vigie.model.capture import RunEnd
from vigie.model.fields import Field, Kind, Type
from vigie.model.removal import Removal

DTYPES: Final[dict[Type, pl.DataType]] = {
    Type.TEXT: pl.String(),
    Type.TEXTS: pl.List(pl.String()),
    Type.ENUM: pl.String(),
    Type.MONEY: pl.Decimal(14, 2),
    Type.INSTANT: pl.Datetime("ms", "UTC"),
    Type.INTEGER: pl.Int64(),
    Type.NUMBER: pl.Float64(),
    Type.COORDINATE: pl.Float64(),
    Type.BOOLEAN: pl.Boolean(),
}

CARRIED: Final[dict[str, pl.DataType]] = {
    "id": pl.String(),
    "source": pl.String(),
    "native_id": pl.String(),
    "run": pl.String(),
    "watch": pl.String(),
    "query": pl.String(),
    "capture_id": pl.String(),
    "item": pl.Int32(),  # place of the item on its page
    "at": pl.Datetime("ms", "UTC"),  # time of the capture: orders readings
    "read_at": pl.Datetime("ms", "UTC"),  # the same, null when the capture is undated
    "zone": pl.String(),  # IANA zone in which the site writes dates
    "reading": pl.String(),
    "layer": pl.String(),
    "revision": pl.Int32(),
    "carried": pl.Int64(),  # bit i: the page tells `Kind.shown[i]`
    "fate": pl.String(),  # null until decided; steps and refine set rejected, quarantined
    "reason": pl.String(),
    "detail": pl.String(),
}
"""What every row carries beside the kind's fields."""

PAGES: Final[dict[str, pl.DataType]] = {
    "capture_id": pl.String(),
    "run": pl.String(),
    "source": pl.String(),
    "watch": pl.String(),
    "query": pl.String(),
    "url": pl.String(),
    "at": pl.Datetime("ms", "UTC"),
    "status": pl.Int32(),
    "state": pl.String(),  # vigie.model.fates.State
    "why": pl.String(),  # what condemned the page, or why no answer came
    "found": pl.Int32(),
    "total": pl.Int64(),  # what the site announces
    "layer": pl.String(),
    "body_bytes": pl.Int64(),
}
"""One row a capture or failure; a failure has an empty capture id."""


def dtype(field: Field) -> pl.DataType:
    """Return the Arrow type of *field*, as Polars names it."""
    return DTYPES[field.type]


def shown_schema(kind: Kind) -> dict[str, pl.DataType]:
    """Return the columns that steps of *kind* receive."""
    return CARRIED | {field.name: dtype(field) for field in kind.shown}


def refined_schema(kind: Kind) -> dict[str, pl.DataType]:
    """Return the columns that the store receives for *kind*."""
    return CARRIED | {field.name: dtype(field) for field in kind.values}


def stored_schema(kind: Kind) -> dict[str, pl.DataType]:
    """Return the columns that the store gives back for *kind*."""
    return {field.name: dtype(field) for field in kind.stored}


class Refined(msgspec.Struct, frozen=True):
    """A batch, read and cleaned: one row per page and one per listing found, none dropped."""

    pages: pl.DataFrame
    listings: dict[str, pl.DataFrame]
    """By kind, with `refined_schema`."""
    ends: tuple[RunEnd, ...] = ()
    gone: tuple[tuple[str, str, datetime, str], ...] = ()
    """(kind, listing id, at, capture id) of listings whose own page said 404 or 410."""
    removed: tuple[tuple[str, Removal, datetime, str], ...] = ()
    """(source, what, at, capture id): what a page says was deleted at its site, to be erased."""


def reject(
    rows: pl.DataFrame, *, when: pl.Expr, reason: str, detail: pl.Expr | None = None
) -> pl.DataFrame:
    """Mark the rows *when* as rejected with *reason*; a row already marked keeps its first mark."""
    hit = when.fill_null(value=False) & pl.col("fate").is_null()
    return rows.with_columns(
        pl.when(hit).then(pl.lit("rejected")).otherwise("fate").alias("fate"),
        pl.when(hit).then(pl.lit(reason)).otherwise("reason").alias("reason"),
        pl.when(hit)
        .then(pl.lit(None, pl.String) if detail is None else detail)
        .otherwise("detail")
        .alias("detail"),
    )
