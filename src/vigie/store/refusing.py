"""Refusing what was erased when a page shows it once more.

What a site said it removed may stand on older pages. What somebody here had erased may stand on
the site for long: it is refused at every visit, and every capture that shows it is noted for the
spool to erase, until somebody lets it back.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
import polars as pl
from sqlalchemy import Connection

from vigie.model.frames import Refined
from vigie.store import dialect
from vigie.store.bulk import insert, select_in
from vigie.store.tables import erasures, removals

ASKED: Final = 2
"""`removals.known` of what was erased here because somebody asked."""


def author(source: str, key: str) -> str:
    """Return the name under which all posts of an author are refused."""
    return f"author {source} {key}"


def refuse_from_now_on(connection: Connection, ids: Sequence[str]) -> None:
    """Let listings that are erased now not come back, whoever shows them."""
    now = dialect.now(connection)
    names = ("name", "at", "known")
    insert(connection, removals, names, [(one, now, ASKED) for one in ids], or_="REPLACE")


def let_back(connection: Connection, ids: Sequence[str]) -> int:
    """Refuse no more what somebody here had erased; return how many of *ids* were."""
    sql = "SELECT name FROM removals WHERE name IN ({ids}) AND known = ?"
    found = [(row[0],) for row in select_in(connection, sql, ids, ASKED)]
    if found:
        connection.exec_driver_sql("DELETE FROM removals WHERE name = ?", found)
    return len(found)


def refuse(connection: Connection, batch: Refined) -> Refined:
    """Return *batch* with the rows rejected that were removed, here or by their site."""
    if connection.exec_driver_sql("SELECT 1 FROM removals LIMIT 1").scalar() is None:
        return batch
    again: set[str] = set()
    others: set[str] = set()
    listings = {}
    for kind, rows in batch.listings.items():
        marked, hit = _marked(connection, rows)
        listings[kind] = marked
        again |= set(rows.filter(hit)["capture_id"])
        others |= set(rows.filter(~hit)["capture_id"])
    insert(connection, erasures, ("capture_id",), [(one,) for one in sorted(again)], or_="IGNORE")
    # Where a page shows nothing else, its address may say what it was.
    only = pl.col("capture_id").is_in(sorted(again - others))
    pages = batch.pages.with_columns(url=pl.when(only).then(pl.lit("")).otherwise("url"))
    return msgspec.structs.replace(batch, pages=pages, listings=listings)


def _marked(connection: Connection, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """Return *rows* with those rejected that are refused, and which they are."""
    names = rows.select("id")
    if "author_key" in rows.columns:
        of = pl.concat_str(pl.lit("author "), "source", pl.lit(" "), "author_key")
        names = rows.select("id", of.alias("author"))
    wanted = {one for column in names for one in column.drop_nulls()}
    known: dict[str, int] = {
        row[0]: row[1]
        for row in select_in(
            connection, "SELECT name, known FROM removals WHERE name IN ({ids})", sorted(wanted)
        )
    }
    gone = pl.any_horizontal(pl.col(name).is_in(list(known)) for name in names.columns)
    hit = names.select(gone.fill_null(value=False)).to_series() & rows["fate"].is_null()
    asked = names["id"].is_in([name for name, how in known.items() if how == ASKED])
    reason = pl.when(asked).then(pl.lit("erased_here")).otherwise(pl.lit("removed_at_source"))
    return rows.with_columns(
        pl.when(hit).then(pl.lit("rejected")).otherwise("fate").alias("fate"),
        pl.when(hit).then(reason).otherwise("reason").alias("reason"),
        pl.when(hit).then(None).otherwise("detail").alias("detail"),
        # A rejected row is remembered by its id; of a removed one nothing is.
        pl.when(hit).then(None).otherwise("id").alias("id"),
        pl.when(hit).then(None).otherwise("native_id").alias("native_id"),
    ), hit
