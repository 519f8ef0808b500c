"""A row as the index sees it: an entry, and the entry of a cluster made of its members'.

Columns are turned into index values by Polars, then rows are walked once. A sort key is text: 19
digits that sort like the value, then the listing's id, so that no two keys are equal and pages
never overlap, whatever generation of the index they are read from.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final

import msgspec
import polars as pl

from vigie.model.fields import Field, Kind, Type
from vigie.views.search import plan
from vigie.views.search.words import plain, stems

SHIFT: Final = 2**62
"""Added to whole numbers so that each has as many digits and none a sign."""

MARKUP: Final = "html"
"""The text once more, with its tags: whoever has it says no more."""

DIGITS: Final = 19
"""Digits of a sort key; the rest of it is the id."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the index keeps of one listing, or of several that are one cluster."""

    kind: str
    id: str
    cluster: str
    open: bool
    fullness: int
    """How much it says: the fullest open member stands for its cluster."""
    words: dict[str, list[str]]
    """Index field → texts, analysed."""
    values: dict[str, Any]
    """Index field → one value or several; absent: unknown."""


def _whole(field: Field) -> pl.Expr:
    """Return the field as whole numbers: milliseconds, hundredths, or as they are."""
    column = pl.col(field.name)
    if field.type is Type.INSTANT:
        return column.dt.epoch("ms")
    if field.type is Type.MONEY:
        return (column.cast(pl.Decimal(18, 2)) * 100).cast(pl.Int64)
    return column.cast(pl.Int64)


def _facet(field: Field) -> pl.Expr:
    """Return the field's values to count; the empty text where nothing is said."""
    column = pl.col(field.name)
    if field.type is not Type.TEXTS:
        return column.cast(pl.String).fill_null("")
    said = column.list.drop_nulls().list.unique(maintain_order=True)
    return pl.when(said.list.len() > 0).then(said).otherwise(pl.lit([""], pl.List(pl.String)))


def _there(field: Field) -> pl.Expr:
    column = pl.col(field.name)
    return column.list.len() > 0 if field.type is Type.TEXTS else column.is_not_null()


def _heads(kind: Kind) -> Iterator[pl.Expr]:
    """Yield id, cluster, open, fullness."""
    yield pl.col("id")
    yield pl.coalesce("cluster", "id").alias("cluster")
    yield (pl.col("status").fill_null("open") != "closed").alias("open")
    said = pl.sum_horizontal(
        _there(field).fill_null(value=False) for field in kind.content if field.name != MARKUP
    )
    yield ((pl.col("reading") == "full").fill_null(value=False) * 1000 + said).alias("fullness")


def _values(kind: Kind) -> Iterator[pl.Expr]:
    """Yield what the index holds as values, named as there."""
    yield from (_facet(field).alias(plan.facet(field.name)) for field in plan.facets(kind))
    whole = {field.name: _whole(field) for field in plan.sorts(kind)}
    whole[plan.WHEN] = pl.coalesce(
        _whole(kind[name]) for name in plan.DATED_BY if name in kind.by_name
    )
    for name, number in whole.items():
        digits = (number + SHIFT).cast(pl.String)
        yield pl.concat_str(digits, "id").alias(plan.order(name))
    yield whole[plan.WHEN].alias("dated")
    if pair := plan.amounts(kind):
        low, high = (_whole(kind[name]) for name in pair)
        yield pl.coalesce(low, high).alias("least")
        yield pl.coalesce(high, low).alias("most")
    having = [
        pl.when(pl.any_horizontal(_there(kind[name]) for name in names)).then(pl.lit([what]))
        for what, names in plan.having(kind).items()
    ]
    if having:
        empty = pl.lit([], pl.List(pl.String))
        yield pl.concat_list(one.otherwise(empty) for one in having).alias("has")


@cache
def needed(kind: Kind) -> frozenset[str]:
    """Return the columns that `entries` looks at."""
    looked = [*_heads(kind), *_values(kind), *(pl.col(one.name) for one in plan.searched(kind))]
    return frozenset(name for one in looked for name in one.meta.root_names())


def entries(kind: Kind, rows: pl.DataFrame) -> Iterator[Entry]:
    """Yield one entry per row (`stored_schema`), in order."""
    heads = rows.select(*_heads(kind))
    values = rows.select(*_values(kind))
    texts = [
        (plan.groups(field.searchable), field.searchable, rows[field.name].to_list())
        for field in plan.searched(kind)
    ]
    columns = zip(*(column.to_list() for column in values.iter_columns()), strict=True)
    names = values.columns
    for at, (head, row) in enumerate(zip(heads.iter_rows(), columns, strict=True)):
        words: dict[str, list[str]] = {}
        for groups, weight, column in texts:
            said = column[at]
            if not said:
                continue
            for text in (said,) if isinstance(said, str) else said:
                if not text:
                    continue
                stemmed = stems(text)
                for group in groups:
                    words.setdefault(group, []).append(stemmed)
                if weight >= plan.NEAR_WEIGHT:
                    words.setdefault("near", []).append(plain(text))
        yield Entry(
            kind=kind.name,
            id=head[0],
            cluster=head[1],
            open=head[2],
            fullness=head[3],
            words=words,
            values={
                name: value for name, value in zip(names, row, strict=True) if value is not None
            },
        )


def merge(members: Sequence[Entry]) -> Entry:
    """Return the entry of the cluster of *members*, which stand for the same offer.

    It answers to every value of every member. It is "not said" only where no member says. Its
    instants are the newest, its amounts the lowest; its pay spans its members'. The fullest open
    member gives its id, the smallest id among equals.
    """
    first = min(members, key=lambda one: (not one.open, -one.fullness, one.id))
    newest = {
        plan.order(field.name)
        for field in plan.sorts(plan.kind_named(first.kind))
        if field.type is Type.INSTANT
    } | {plan.order(plan.WHEN)}
    values: dict[str, Any] = {}
    for name in sorted({name for one in members for name in one.values}):
        told = [one.values[name] for one in members if name in one.values]
        if name.startswith(plan.order("")):
            digits = [key[:DIGITS] for key in told]
            values[name] = (max(digits) if name in newest else min(digits)) + first.id
        else:
            distinct = {one for value in told for one in _listed(value)}
            values[name] = sorted(distinct - {""} or distinct)
    return Entry(
        kind=first.kind,
        id=first.id,
        cluster=first.cluster,
        open=first.open,
        fullness=first.fullness,
        words={
            name: sorted({text for one in members for text in one.words.get(name, ())})
            for name in sorted({name for one in members for name in one.words})
        },
        values=values,
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
