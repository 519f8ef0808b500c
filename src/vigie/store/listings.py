"""Keeping one kind's rows of a batch: which are new, what changed, what is seen again.

Works in waves: the first observation of every listing in the batch, then the second, and so on,
each wave on whole frames. Observations that come late, twice or are read again go one by one
through `fold.py`, which gives the same result by the slow road.
"""

from collections.abc import Iterator
from typing import Final

import msgspec
import polars as pl
from sqlalchemy import Connection

from vigie.model.fields import Kind
from vigie.model.position import What
from vigie.store import refold
from vigie.store.bulk import insert, read_listings, select_in, update, write_listings
from vigie.store.merge import Move, merge
from vigie.store.rows import ISO, iso, to_rows
from vigie.store.tables import LISTINGS, STATE_COLUMNS, changes, scope_members, sightings

Event = tuple[str, str, What, str]
"""kind, listing id, what, at: a row of the feed before it has its number."""

MOVE_COLUMNS: Final = ("listing_id", "at", "capture_id", "field", "old", "new", "cause")


class Outcome(msgspec.Struct):
    """What became of a kind's rows: the fate of each, and the news for the feed."""

    fates: pl.DataFrame
    """run, capture_id, item, fate of every row."""
    events: list[Event]
    reopened: dict[tuple[str, ...], int]
    """(run, source, watch, query) → listings that came back."""


def keep(connection: Connection, kind: Kind, rows: pl.DataFrame, scopes: pl.DataFrame) -> Outcome:
    """Keep the accepted rows and say the fate of each.

    Args:
        rows: The batch's rows of the kind; those with a fate already are left alone.
        scopes: source, watch, query → scope number.
    """
    done = rows.filter(pl.col("fate").is_not_null()).select("run", "capture_id", "item", "fate")
    fates = [done]
    # What cannot be read, or is not kept, is there all the same: it is not missing.
    named = rows.filter(pl.col("fate").is_not_null() & pl.col("id").is_not_null())
    _remember(connection, named, scopes)
    events: list[Event] = []
    reopened: dict[tuple[str, ...], int] = {}
    once, again = _first_on_page(rows.filter(pl.col("fate").is_null()))
    fates.append(again.select("run", "capture_id", "item", pl.lit("duplicate").alias("fate")))
    for wave in _waves(once):
        seen_in_run = _seen_in_run(connection, wave)
        old = read_listings(connection, kind, wave["id"].to_list())
        kept = _wave(connection, kind, wave, old)
        fates.append(_fates(kept, seen_in_run))
        events += _events(kind, kept)
        back = wave.join(kept.filter("reopened").select("id"), on="id", how="semi")
        for *key, count in back.group_by("run", "source", "watch", "query").len().iter_rows():
            reopened[tuple(key)] = reopened.get(tuple(key), 0) + count
        _remember(connection, wave, scopes)
    return Outcome(pl.concat(fates), events, reopened)


def _first_on_page(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the first of each identity of a capture, and its repeats.

    A page that lists one identity twice says it once: the second is a duplicate and its values
    are those of the first.
    """
    ordered = rows.sort("at", "capture_id", "item")
    first = pl.struct("id", "at", "capture_id").is_first_distinct()
    return ordered.filter(first), ordered.filter(~first)


def _waves(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield frames with each id at most once, in the order of observation."""
    place = pl.int_range(pl.len()).over("id")
    waves = rows.with_columns(place.alias("_wave")).partition_by("_wave", include_key=False)
    yield from waves if rows.height else ()


def _seen_in_run(connection: Connection, wave: pl.DataFrame) -> pl.DataFrame:
    """Return the (id, run) of the wave that were counted in their run before."""
    found = select_in(
        connection,
        "SELECT DISTINCT listing_id, last_run FROM scope_members WHERE listing_id IN ({ids})",
        wave["id"].to_list(),
    )
    schema = {"id": pl.String(), "run": pl.String()}
    return pl.DataFrame([tuple(row) for row in found], schema=schema, orient="row")


def _wave(
    connection: Connection, kind: Kind, wave: pl.DataFrame, old: pl.DataFrame
) -> pl.DataFrame:
    """Keep one wave; return its rows with the flags new, changed, moved and reopened."""
    state = old.select("id", "last_seen_at", "seen_capture")
    placed = wave.join(state, on="id", how="left", maintain_order="left")
    later = (pl.col("at") > pl.col("last_seen_at")) | (
        (pl.col("at") == pl.col("last_seen_at")) & (pl.col("capture_id") > pl.col("seen_capture"))
    )
    is_new = pl.col("last_seen_at").is_null()
    fresh = placed.filter(is_new).select(wave.columns)
    next_ = placed.filter(later.fill_null(value=False)).select(wave.columns)
    rest = placed.filter(~is_new & ~later.fill_null(value=False)).select(wave.columns)
    parts = [_insert(connection, kind, fresh), _append(connection, kind, next_, old)]
    if rest.height:
        parts.append(refold.late(connection, kind, rest, old))
    return pl.concat(parts)


FLAGS: Final = ("new", "changed", "moved", "reopened")


def _flagged(rows: pl.DataFrame, **flags: bool | pl.Expr) -> pl.DataFrame:
    return rows.select(
        "id", "run", "query", "capture_id", "item", "at",
        *(
            (flag if isinstance(flag, pl.Expr) else pl.lit(flag)).alias(name)
            for name in FLAGS
            for flag in (flags.get(name, False),)
        ),
    )  # fmt: skip


def _insert(connection: Connection, kind: Kind, rows: pl.DataFrame) -> pl.DataFrame:
    if rows.height:
        made = rows.with_columns(
            pl.col("at").alias("first_seen_at"),
            pl.col("at").alias("last_seen_at"),
            pl.lit(None, pl.Datetime("ms", "UTC")).alias("changed_at"),
            pl.lit(None, pl.Datetime("ms", "UTC")).alias("closed_at"),
            pl.lit("open").alias("status"),
            pl.col("id").alias("cluster"),
            pl.col("capture_id").alias("seen_capture"),
        )
        write_listings(connection, kind, to_rows(made, kind.stored, ("seen_capture", "carried")))
        _sight(connection, rows)
    return _flagged(rows, new=True, moved=True)


def _append(
    connection: Connection, kind: Kind, rows: pl.DataFrame, old: pl.DataFrame
) -> pl.DataFrame:
    """Keep observations that are later than all that is known of their listings."""
    if not rows.height:
        return _flagged(rows)
    merged = merge(kind, rows, old)
    closed = pl.col("old.status") == "closed"
    now = pl.col("at")
    back = closed & (now > pl.col("old.closed_at"))
    still_closed = closed & ~back  # seen before it went, told late
    none = pl.lit(None, pl.Datetime("ms", "UTC"))
    made = merged.rows.with_columns(
        pl.col("old.first_seen_at").alias("first_seen_at"),
        now.alias("last_seen_at"),
        pl.when("changed").then(now).otherwise("old.changed_at").alias("changed_at"),
        pl.when(still_closed).then(pl.lit("closed")).otherwise(pl.lit("open")).alias("status"),
        pl.when(still_closed).then("old.closed_at").otherwise(none).alias("closed_at"),
        pl.col("old.cluster").alias("cluster"),
        pl.col("capture_id").alias("seen_capture"),
        pl.col("reading_all").alias("reading"),
        pl.col("carried_all").alias("carried"),
        back.alias("reopened"),
    )
    still = made.filter(~pl.col("moved") & ~pl.col("reopened"))
    if still.height:
        # Most rows of a second visit say nothing new: only when they were last seen is written.
        _touch(connection, kind, still)
    full = made.filter(pl.col("moved") | pl.col("reopened"))
    write_listings(connection, kind, to_rows(full, kind.stored, ("seen_capture", "carried")))
    moves: list[Move] = merged.moves + [
        (listing, iso(at), capture, "status", '"closed"', '"open"', "reopened")
        for listing, at, capture in full.filter("reopened")
        .select("id", "at", "capture_id")
        .iter_rows()
    ]
    insert(connection, changes, MOVE_COLUMNS, moves)
    _sight(connection, rows)
    return _flagged(
        made, changed=pl.col("changed"), moved=pl.col("moved"), reopened=pl.col("reopened")
    )


def _touch(connection: Connection, kind: Kind, rows: pl.DataFrame) -> None:
    volatile = [field.name for field in kind.values if field.volatile]
    fields = [*(kind[name] for name in volatile), kind["last_seen_at"], kind["capture_id"]]
    fields.append(kind["reading"])
    names = [*(field.name for field in fields), *STATE_COLUMNS]
    update(connection, LISTINGS[kind.name], names, to_rows(rows, fields, (*STATE_COLUMNS, "id")))


def _sight(connection: Connection, rows: pl.DataFrame) -> None:
    seen = rows.select("id", pl.col("at").dt.strftime(ISO), "capture_id", "carried", "reading")
    names = ("listing_id", "at", "capture_id", "carried", "reading")
    insert(connection, sightings, names, seen.rows(), or_="IGNORE")


def _remember(connection: Connection, wave: pl.DataFrame, scopes: pl.DataFrame) -> None:
    """Note in which scope and run each listing was last seen."""
    seen = wave.join(scopes, on=["source", "watch", "query"], how="left").select(
        "id", "scope", "run"
    )
    names = ("listing_id", "scope", "last_run")
    insert(connection, scope_members, names, seen.unique().rows(), or_="REPLACE")


def _fates(kept: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    marked = kept.join(
        seen.with_columns(pl.lit(value=True).alias("again")), on=["id", "run"], how="left"
    )
    fate = (
        pl.when("new").then(pl.lit("new"))
        .when("changed").then(pl.lit("changed"))
        .when(pl.col("again").fill_null(value=False)).then(pl.lit("duplicate"))
        .otherwise(pl.lit("unchanged"))
    )  # fmt: skip
    return marked.select("run", "capture_id", "item", fate.alias("fate"))


def _events(kind: Kind, kept: pl.DataFrame) -> list[Event]:
    what = (
        pl.when("new").then(pl.lit("new"))
        .when("reopened").then(pl.lit("reopened"))
        .when("changed").then(pl.lit("changed"))
        .when("moved").then(pl.lit("filled"))
    )  # fmt: skip
    news = kept.select("id", what.alias("what"), pl.col("at").dt.strftime(ISO)).filter(
        pl.col("what").is_not_null()
    )
    return [(kind.name, listing, What(word), at) for listing, word, at in news.iter_rows()]
