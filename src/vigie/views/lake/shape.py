"""A kind's table in the lake: its columns with what they mean, and rows in that form."""

from typing import Any, Final

import polars as pl
from deltalake import Field as Column
from deltalake import Schema
from deltalake.schema import ArrayType, PrimitiveType

from vigie.model.fields import Field, Kind, Type
from vigie.model.identity import digest
from vigie.model.kinds import KINDS

DAY: Final = "date"
"""Partition beside the source: the day (UTC) on which the listing was first seen."""
PARTITIONS: Final = ("source", DAY)
SEARCHED: Final = ("status", "first_seen_at")
"""Columns whose least and highest values stand in the table's log. No other: what is erased must
not live on there."""
_UNHEARD: Final = ("last_seen_at", "capture_id")

_TYPES: Final[dict[Type, Any]] = {
    Type.TEXT: PrimitiveType("string"),
    Type.TEXTS: ArrayType(PrimitiveType("string"), contains_null=True),
    Type.ENUM: PrimitiveType("string"),
    Type.MONEY: PrimitiveType("decimal(14,2)"),
    Type.INSTANT: PrimitiveType("timestamp"),
    Type.INTEGER: PrimitiveType("long"),
    Type.NUMBER: PrimitiveType("double"),
    Type.COORDINATE: PrimitiveType("double"),
    Type.BOOLEAN: PrimitiveType("boolean"),
}


def schema(kind: Kind) -> Schema:
    """Return the table's schema; each column's comment is its line of the data dictionary."""
    columns = [
        Column(field.name, _TYPES[field.type], nullable=True, metadata={"comment": _comment(field)})
        for field in kind.stored
    ]
    meaning = "Day (UTC) on which the listing was first seen. Partition."
    columns.append(Column(DAY, PrimitiveType("date"), nullable=True, metadata={"comment": meaning}))
    return Schema(columns)


def columns_digest() -> str:
    """Return what changes when a kind gets or loses a column, or one changes its type."""
    told = [f"{kind.name}.{one.name} {one.type}" for kind in KINDS.values() for one in kind.stored]
    return digest(*told)


def in_shape(kind: Kind, rows: pl.DataFrame) -> pl.DataFrame:
    """Return *rows* (`stored_schema`) with the table's columns and types."""
    return rows.select(
        *(_column(field) for field in kind.stored),
        pl.col("first_seen_at").dt.date().alias(DAY),
    )


def _column(field: Field) -> pl.Expr:
    column = pl.col(field.name)
    # Delta's instants are microseconds.
    return column.cast(pl.Datetime("us", "UTC")) if field.type is Type.INSTANT else column


def _comment(field: Field) -> str:
    values = f" One of: {', '.join(field.values)}." if field.values else ""
    # A listing that is seen again unchanged is no news, so the lake does not hear of it.
    late = " As of the listing's last change." if field.volatile or field.name in _UNHEARD else ""
    return " ".join(field.meaning.split()) + values + late
