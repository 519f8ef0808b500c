"""What one database keeps and another refuses is mended before any of them sees it.

One such value must not stop its whole batch for ever, and the same batch must give the same rows
everywhere: PostgreSQL has no NUL in texts, MySQL no number that is not finite, SQLite reads one
that is not a number back as null and has no zero below zero, and only SQLite takes a text that is
longer than its column.
"""

from typing import Any, Final

import msgspec
import polars as pl

from vigie.model.capture import RunEnd
from vigie.model.fields import Kind, Type
from vigie.model.frames import Refined
from vigie.model.identity import digest
from vigie.model.kinds import KINDS

LONG: Final = 16_000
"""Characters of a text: a `TEXT` of MySQL holds 65,535 bytes, and a character may take four."""
NAMES: Final = {"watch": 128, "query": 255}
"""Names that stand for what was asked, and their columns' lengths."""
HELD_LENGTHS: Final = {"native_id": LONG, "author_key": 32, "detail": LONG, "reason": 64}
"""Columns of `quarantine` that are shorter than those of listings."""
WORD: Final = 32
"""Characters of a listing's fields that are one of a few words."""

_NUL = "\0"
_MARK: Final = "~"
_DIGEST: Final = len(digest(""))


def storable(batch: Refined) -> Refined:
    """Return *batch* as every database keeps it.

    Without NUL in texts, null for numbers that are not finite, zero without a sign, coordinates as
    exact as they are kept, and names that are longer than their column `fitted` to it.
    """
    return msgspec.structs.replace(
        batch,
        pages=_fitted(_clean(batch.pages), NAMES | {"url": LONG, "why": LONG, "layer": WORD}),
        listings={
            name: _fitted(_clean(rows, KINDS[name]), NAMES) for name, rows in batch.listings.items()
        },
        ends=tuple(map(_end, batch.ends)),
    )


def fitted(text: str, most: int) -> str:
    """Return *text*, or, when it has more than *most* characters, its beginning and a digest.

    Two names remain two, and the same name is the same at all times and on all databases.
    """
    if len(text) <= most:
        return text
    return f"{text[: most - len(_MARK) - _DIGEST]}{_MARK}{digest(text)}"


def held(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows for `quarantine` with texts that fit its columns."""
    return _fitted(rows, HELD_LENGTHS)


def _end(end: RunEnd) -> RunEnd:
    if max(len(end.watch), len(end.query), len(end.reason)) <= min(NAMES.values()):
        return end
    names: dict[str, Any] = {name: fitted(getattr(end, name), most) for name, most in NAMES.items()}
    return msgspec.structs.replace(end, **names, reason=fitted(end.reason, LONG))


def _fitted(rows: pl.DataFrame, lengths: dict[str, int]) -> pl.DataFrame:
    for name, most in lengths.items():
        if name not in rows.columns:
            continue
        long = rows[name].filter(rows[name].str.len_bytes() > most).unique().to_list()
        turns = {text: fitted(text, most) for text in long}
        if turns:
            rows = rows.with_columns(pl.col(name).replace(turns))
    return rows


def _clean(rows: pl.DataFrame, kind: Kind | None = None) -> pl.DataFrame:
    texts = pl.col(pl.String)
    lists = pl.col(pl.List(pl.String))
    numbers = pl.col(pl.Float64)
    found = rows.select(
        texts.str.contains(_NUL, literal=True).any(),
        lists.list.eval(pl.element().str.contains(_NUL, literal=True).any()).explode().any(),
        numbers.is_finite().not_().any(),
    )
    odd = {name for name in found.columns if found.item(0, name)} if found.height else set()
    mended = rows.with_columns(_mended(pl.col(name), rows.schema[name]) for name in sorted(odd))
    if kind is None:
        return mended
    exact = [field.name for field in kind.values if field.type is Type.COORDINATE]
    words = [field.name for field in kind.values if field.type is Type.ENUM]
    return mended.with_columns(
        *(pl.col(name).round(6) for name in exact),
        *(pl.col(name).str.slice(0, WORD) for name in words),
    ).with_columns(numbers + 0.0)  # -0.0 + 0.0 is 0.0, which -1e-7 is rounded to


def _mended(column: pl.Expr, kind: pl.DataType) -> pl.Expr:
    if kind == pl.Float64():
        return pl.when(column.is_finite()).then(column)
    if kind == pl.String():
        return column.str.replace_all(_NUL, "", literal=True)
    return column.list.eval(pl.element().str.replace_all(_NUL, "", literal=True))
