"""What one database keeps and another refuses is taken out before any of them sees it.

One such value must not stop its whole batch for ever, and the same batch must give the same rows
everywhere: PostgreSQL has no NUL in texts, MySQL no number that is not finite, and SQLite reads
one that is not a number back as null.
"""

import msgspec
import polars as pl

from vigie.model.frames import Refined

_NUL = "\0"


def storable(batch: Refined) -> Refined:
    """Return *batch* without NUL in texts and with null for numbers that are not finite."""
    return msgspec.structs.replace(
        batch,
        pages=_clean(batch.pages),
        listings={name: _clean(rows) for name, rows in batch.listings.items()},
    )


def _clean(rows: pl.DataFrame) -> pl.DataFrame:
    texts = pl.col(pl.String)
    lists = pl.col(pl.List(pl.String))
    numbers = pl.col(pl.Float64)
    found = rows.select(
        texts.str.contains(_NUL, literal=True).any(),
        lists.list.eval(pl.element().str.contains(_NUL, literal=True).any()).explode().any(),
        numbers.is_finite().not_().any(),
    )
    odd = {name for name in found.columns if found.item(0, name)} if found.height else set()
    return rows.with_columns(_mended(pl.col(name), rows.schema[name]) for name in sorted(odd))


def _mended(column: pl.Expr, kind: pl.DataType) -> pl.Expr:
    if kind == pl.Float64():
        return pl.when(column.is_finite()).then(column)
    if kind == pl.String():
        return column.str.replace_all(_NUL, "", literal=True)
    return column.list.eval(pl.element().str.replace_all(_NUL, "", literal=True))
