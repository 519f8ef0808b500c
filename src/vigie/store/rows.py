"""Frames to rows of a database and back: the same values on every database.

The values are SQLite's; a server's own are turned by `vigie.store.dialect`. SQLite keeps money as
integer cents, instants as ISO 8601 text to the millisecond and lists as canonical JSON text, so
that a value written and read again is equal to the bit.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec
import polars as pl

from vigie.model.fields import Field, Type
from vigie.model.frames import dtype

ISO: Final = "%Y-%m-%dT%H:%M:%S%.3fZ"

_RAW: Final[dict[Type, pl.DataType]] = {
    Type.MONEY: pl.Int64(),
    Type.INSTANT: pl.String(),
    Type.TEXTS: pl.String(),
    Type.BOOLEAN: pl.Int64(),
}


def to_rows(frame: pl.DataFrame, fields: Sequence[Field], extra: Sequence[str] = ()) -> list[Any]:
    """Return the frame's rows as tuples that SQLite keeps, the *extra* columns last."""
    columns = [_outward(field) for field in fields]
    made = frame.select(*columns, *(pl.col(name) for name in extra))
    for place, field in enumerate(fields):
        if field.type is Type.TEXTS:
            texts = [json_text(value) for value in frame[field.name].to_list()]
            made.replace_column(place, pl.Series(field.name, texts, pl.String()))
    return made.rows()


def from_rows(
    rows: Sequence[Sequence[Any]], fields: Sequence[Field], extra: dict[str, pl.DataType]
) -> pl.DataFrame:
    """Return rows of the database as a frame, the *extra* columns last."""
    raw = {field.name: _RAW.get(field.type, dtype(field)) for field in fields} | extra
    # Column by column: twice as fast as giving Polars the rows.
    columns = zip(*rows, strict=True) if rows else ((),) * len(raw)
    frame = pl.DataFrame(
        [
            pl.Series(name, values, dtype=kind)
            for (name, kind), values in zip(raw.items(), columns, strict=True)
        ]
    )
    return frame.with_columns(_inward(field) for field in fields if field.type in _RAW)


class Stamp(str):
    """An instant as SQLite keeps it. A driver that writes instants otherwise knows it by this."""

    __slots__ = ()


def iso(at: datetime) -> str:
    """Return an instant as SQLite keeps it."""
    at = at.astimezone(UTC)
    return Stamp(f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z")


def instant(text: str | None) -> datetime | None:
    """Return the instant that `iso` wrote."""
    return None if text is None else datetime.fromisoformat(text)


def instants(*names: str) -> list[pl.Expr]:
    """Return expressions that read columns written by `iso`."""
    return [pl.col(n).str.to_datetime(ISO, time_unit="ms", time_zone="UTC") for n in names]


def json_text(value: object) -> str | None:
    """Return a value as canonical JSON text; null stays null."""
    if value is None:
        return None
    if isinstance(value, datetime):
        value = iso(value)
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return msgspec.json.encode(value).decode()


def of_json(field: Field, text: str | None) -> Any:
    """Return the value that `json_text` wrote for *field*."""
    if text is None:
        return None
    if field.type is Type.MONEY:
        return Decimal(text)
    value = msgspec.json.decode(text)
    if field.type is Type.INSTANT:
        return datetime.fromisoformat(value)
    if field.type in (Type.NUMBER, Type.COORDINATE):
        return float(value)
    return value


def _outward(field: Field) -> pl.Expr:
    column = pl.col(field.name)
    match field.type:
        case Type.MONEY:
            return (column * 100).cast(pl.Int64)
        case Type.INSTANT:
            return column.dt.strftime(ISO)
        case Type.BOOLEAN:
            return column.cast(pl.Int64)
        case Type.COORDINATE:
            return column.round(6) + 0.0  # a server keeps the sign of zero, SQLite does not
        case Type.TEXTS:
            return pl.lit(None, pl.String).alias(field.name)
    return column


def _inward(field: Field) -> pl.Expr:
    column = pl.col(field.name)
    match field.type:
        case Type.MONEY:
            return (column.cast(pl.Decimal(16, 2)) / 100).cast(pl.Decimal(14, 2))
        case Type.INSTANT:
            return instants(field.name)[0]
        case Type.BOOLEAN:
            return column.cast(pl.Boolean)
    return column.str.json_decode(pl.List(pl.String()))
