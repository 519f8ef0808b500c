"""What each page of a batch looks like, counted without looking at any text's meaning; and how
what it says of listings that are known differs from what is known of them."""

from collections.abc import Mapping
from functools import cache
from typing import Final

import msgspec
import polars as pl

from vigie.model.fields import Field, Kind, Type

SHAPED_ITEMS: Final = 12
"""Items of a page whose texts are looked at: shapes repeat, patterns cost."""
COMPARED_ITEMS: Final = 40
"""Items of a page that are compared with what is known of them."""
SHAPES: Final = ("digits", "number", "date", "address", "markup", "word", "line", "text")
"""What a text can look like, the first that fits."""

_PATTERNS: Final = {
    "digits": r"^\s*\d+\s*$",
    "date": r"^\s*(?:\d{4}-\d\d-\d\d|\d\d?[/.]\d\d?[/.]\d{2,4})",
    "address": r"^\s*(?:https?:)?//|^\s*/[\w/%.-]*$",
    "markup": r"</?[a-zA-Z][^>]*>|&[a-z]{2,8};",
    "number": r"\d",
}
# UTF-8 read as Latin-1 or Windows-1252, and the sign of bytes that could not be read at all.
_MANGLED: Final = r"[ÃÂÙØ][\x{80}-\x{BF}\x{2018}-\x{2122}]|â€|\x{FFFD}"
_LOOKED_AT: Final = 80
"""Characters of a text in which a wrong encoding is looked for."""
_SHORT: Final = 40
_LINE: Final = 200


class FieldMeasure(msgspec.Struct, gc=False):
    """One field on one page."""

    filled: int
    shapes: tuple[int, ...]
    """Texts of each of `SHAPES`, among the first items; empty for other types."""
    distinct: int
    """Distinct values among all items."""
    middle: float | None
    """Median of log10 of the amounts that are not zero; None: no amounts."""
    compared: int = 0
    """Of the first items, listings that are known and had a value."""
    lost: int = 0
    """… that have none on this page."""
    altered: int = 0
    """… that have another."""


class PageMeasure(msgspec.Struct, gc=False):
    """The rows of one page that were read in one way (card or full)."""

    capture_id: str
    reading: str
    rows: int
    nulls: int
    """Shown fields without a value in the row that has most of them."""
    doubles: int
    """Rows of an identity that the page has named already."""
    looked: int
    """Items that the run shows here first, among the first ones."""
    fresh: int
    """… that nobody has seen before."""
    mangled: int
    """Texts that were read in a wrong encoding."""
    texts: int
    fields: dict[str, FieldMeasure]


def measured(kind: Kind) -> tuple[Field, ...]:
    """Return the fields that are measured: all that come from the site but optional mark-up."""
    return tuple(field for field in kind.values if field.name != "html")


def sampled(rows: pl.DataFrame, items: int = COMPARED_ITEMS) -> pl.DataFrame:
    """Return the first items of each page."""
    return rows.filter(pl.col("item").rank("ordinal").over("capture_id") <= items)


def measure(
    kind: Kind, rows: pl.DataFrame, firsts: pl.DataFrame, known: pl.DataFrame
) -> list[PageMeasure]:
    """Return the measures of *rows* (`refined_schema`, none with a fate), a page at a time.

    Args:
        firsts: The rows that are compared with what is known: the first that the run shows of each
            listing, so that it makes no difference how the run was split into batches.
        known: What the store has (`stored_schema`) of the listings of *firsts*.
    """
    if not rows.height:
        return []
    whole = rows.with_columns(_of_rows(kind)).group_by(BY, maintain_order=True).agg(_of_pages(kind))
    shapes = sampled(rows, SHAPED_ITEMS).select(*BY, *_shapes(kind))
    told = whole.join(
        shapes.group_by(BY, maintain_order=True).agg(_counted(kind)),
        on=BY, how="left", maintain_order="left",
    )  # fmt: skip
    told = told.join(_compared(kind, firsts, known), on=BY, how="left", maintain_order="left")
    fields = measured(kind)
    return [_page(row, fields) for row in told.iter_rows(named=True)]


BY: Final = ("capture_id", "reading")

Exprs = tuple[pl.Expr, ...]
"""Expressions of a kind: made once, not for every batch."""


def _texts(kind: Kind) -> tuple[Field, ...]:
    return tuple(field for field in measured(kind) if field.type is Type.TEXT)


def _amounts(kind: Kind) -> tuple[Field, ...]:
    amounts = (Type.MONEY, Type.NUMBER, Type.INTEGER)
    return tuple(field for field in measured(kind) if field.type in amounts)


@cache
def _of_rows(kind: Kind) -> Exprs:
    texts = _texts(kind)
    return (
        # What is read from one text is missing together: only what is shown is counted.
        pl.sum_horizontal(
            pl.col(field.name).is_null() for field in measured(kind) if field.shown
        ).alias("_nulls"),
        pl.sum_horizontal(_mangled(field.name) for field in texts).alias("_mangled"),
        pl.sum_horizontal(pl.col(field.name).is_not_null() for field in texts).alias("_texts"),
    )


@cache
def _of_pages(kind: Kind) -> Exprs:
    amounts = _amounts(kind)
    return (
        pl.len().alias("_rows"),
        pl.col("_nulls").max(),
        pl.col("_mangled").sum(),
        pl.col("_texts").sum(),
        (pl.len() - pl.col("id").n_unique()).alias("_doubles"),
        *(pl.col(f.name).is_not_null().sum().alias(f"filled {f.name}") for f in measured(kind)),
        *(
            pl.col(f.name).drop_nulls().n_unique().alias(f"distinct {f.name}")
            for f in (*_texts(kind), *amounts)
        ),
        *(_middle(f.name) for f in amounts),
    )


@cache
def _shapes(kind: Kind) -> Exprs:
    return tuple(_shape(field.name) for field in _texts(kind))


@cache
def _counted(kind: Kind) -> Exprs:
    """Return, for each text, how many have each of `SHAPES`."""
    return tuple(
        pl.concat_list((pl.col(f.name) == place).sum() for place in range(len(SHAPES))).alias(
            f"shapes {f.name}"
        )
        for f in _texts(kind)
    )


@cache
def _lasting(kind: Kind) -> tuple[str, ...]:
    return tuple(field.name for field in measured(kind) if not field.volatile)


@cache
def _moved(kind: Kind) -> Exprs:
    """Return, for each field, how many known values there were, are gone, and are others."""
    had = {name: pl.col(f"old {name}").is_not_null() for name in _lasting(kind)}
    return (
        *(had[name].sum().alias(f"compared {name}") for name in had),
        *((had[name] & pl.col(name).is_null()).sum().alias(f"lost {name}") for name in had),
        *(
            (had[name] & (pl.col(name) != pl.col(f"old {name}"))).sum().alias(f"altered {name}")
            for name in had
        ),
    )


def _compared(kind: Kind, firsts: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return per page what it shows of listings that are known."""
    lasting = _lasting(kind)
    fresh = firsts.group_by(BY).agg(
        pl.len().alias("_looked"),
        (~pl.col("id").is_in(known["id"].implode())).sum().alias("_fresh"),
    )
    both = firsts.select(*BY, "id", *lasting).join(
        known.select("id", *(pl.col(name).alias(f"old {name}") for name in lasting)), on="id"
    )
    return fresh.join(both.group_by(BY).agg(_moved(kind)), on=BY, how="left")


def _middle(name: str) -> pl.Expr:
    amount = pl.col(name).cast(pl.Float64)
    return amount.filter(amount > 0).log10().median().alias(f"middle {name}")


def _mangled(name: str) -> pl.Expr:
    return pl.col(name).str.slice(0, _LOOKED_AT).str.contains(_MANGLED).fill_null(value=False)


def _page(row: Mapping[str, object], fields: tuple[Field, ...]) -> PageMeasure:
    found: dict[str, FieldMeasure] = {}
    for field in fields:
        name = field.name
        shapes = row.get(f"shapes {name}")
        middle = row.get(f"middle {name}")
        found[name] = FieldMeasure(
            filled=_whole(row[f"filled {name}"]),
            shapes=tuple(shapes) if isinstance(shapes, list) else (),
            distinct=_whole(row.get(f"distinct {name}")),
            middle=middle if isinstance(middle, float) else None,
            compared=_whole(row.get(f"compared {name}")),
            lost=_whole(row.get(f"lost {name}")),
            altered=_whole(row.get(f"altered {name}")),
        )
    return PageMeasure(
        capture_id=str(row["capture_id"]), reading=str(row["reading"]),
        rows=_whole(row["_rows"]), nulls=_whole(row["_nulls"]), doubles=_whole(row["_doubles"]),
        looked=_whole(row["_looked"]), fresh=_whole(row["_fresh"]),
        mangled=_whole(row["_mangled"]), texts=_whole(row["_texts"]), fields=found,
    )  # fmt: skip


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _shape(name: str) -> pl.Expr:
    """Return the place in `SHAPES` of each text; null where there is none."""
    text = pl.col(name).str.slice(0, _LINE + 1)
    place = {shape: number for number, shape in enumerate(SHAPES)}
    length = text.str.len_chars()
    return (
        pl.when(text.is_null()).then(None)
        .when(text.str.contains(_PATTERNS["digits"])).then(place["digits"])
        .when(text.str.contains(_PATTERNS["date"])).then(place["date"])
        .when(text.str.contains(_PATTERNS["address"])).then(place["address"])
        .when(text.str.contains(_PATTERNS["markup"])).then(place["markup"])
        .when((length <= _SHORT) & text.str.contains(_PATTERNS["number"])).then(place["number"])
        .when(length <= _SHORT).then(place["word"])
        .when(length <= _LINE).then(place["line"])
        .otherwise(place["text"])
        .alias(name)
    )  # fmt: skip
