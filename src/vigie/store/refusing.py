"""Refusing what was erased when a page shows it once more.

What a site said it removed may stand on older pages. What somebody here had erased may stand on
the site for long: it is refused at every visit, and every capture that shows it is noted for the
spool to erase, until somebody lets it back.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final

import msgspec
import polars as pl
from sqlalchemy import Connection

from vigie.model.frames import Refined
from vigie.store import dialect
from vigie.store.bulk import insert, select_in
from vigie.store.tables import erasures, removals
from vigie.store.traces import ADDRESSES, Traces, blank_requests, known_by

ASKED_BEFORE: Final = timedelta(days=1)
"""So long before a batch's first page a request for a refused listing's address may have left."""
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
    """Return *batch* without what was removed, here or by its site: such rows are rejected, and
    keep nothing that says what they were, whatever else is wrong with them."""
    if connection.exec_driver_sql("SELECT 1 FROM removals LIMIT 1").scalar() is None:
        return batch
    again: set[str] = set()
    others: set[str] = set()
    told: dict[str, Traces] = {}
    listings = {}
    for kind, rows in batch.listings.items():
        listings[kind], hit = _marked(connection, rows)
        refused = rows.filter(hit)
        again |= set(refused["capture_id"])
        others |= set(rows.filter(~hit)["capture_id"])
        if kind != "figure":  # its address is its table's
            for source, known in _traces(refused).items():
                told[source] = told[source] | known if source in told else known
    # The own page of a refused listing may be asked, and gone.
    refused_ids = _refused(connection, {one for _, one, *_ in batch.gone})
    gone = {capture for _, one, _, capture in batch.gone if one in refused_ids}
    if not again and not gone:
        return batch
    insert(connection, erasures, ("capture_id",), [(one,) for one in sorted(again)], or_="IGNORE")
    pages = batch.pages
    since = min(pages["at"].to_list()) - ASKED_BEFORE
    for source, known in told.items():
        blank_requests(connection, source, known, since)
    alone = (again - others) | gone
    # An address may say what it was: of its own page, and of one that shows nothing else.
    own = [
        capture in alone or (source in told and told[source].told_by(url))
        for capture, source, url in pages.select("capture_id", "source", "url").iter_rows()
    ]
    pages = pages.with_columns(url=pl.when(pl.Series(own)).then(pl.lit("")).otherwise("url"))
    return msgspec.structs.replace(batch, pages=pages, listings=listings)


def _refused(connection: Connection, names: Collection[str]) -> dict[str, int]:
    """Return those of *names* that are refused, with what `removals.known` says of them."""
    sql = "SELECT name, known FROM removals WHERE name IN ({ids})"
    return {row[0]: row[1] for row in select_in(connection, sql, sorted(names))}


def _traces(refused: pl.DataFrame) -> dict[str, Traces]:
    """Return, by source, how the rows are known again in an address."""
    return {
        str(source): known_by(
            (url for name in ADDRESSES if name in rows.columns for url in rows[name].drop_nulls()),
            rows["native_id"].drop_nulls(),
        )
        for (source,), rows in refused.group_by("source")
    }


def _marked(connection: Connection, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """Return *rows* with those rejected that are refused, and which they are."""
    names = rows.select("id")
    by_author = "author_key" in rows.columns
    if by_author:
        of = pl.concat_str(pl.lit("author "), "source", pl.lit(" "), "author_key")
        names = rows.select("id", of.alias("author"))
    wanted = {one for column in names for one in column.drop_nulls()}
    known = _refused(connection, wanted)
    gone = pl.any_horizontal(pl.col(name).is_in(list(known)) for name in names.columns)
    hit = names.select(gone.fill_null(value=False)).to_series()
    asked = names["id"].is_in([name for name, how in known.items() if how == ASKED])
    reason = pl.when(asked).then(pl.lit("erased_here")).otherwise(pl.lit("removed_at_source"))
    # A rejected row is remembered by its id; of a removed one nothing is.
    forgotten = ("id", "native_id", "detail", *(["author_key"] if by_author else []))
    return rows.with_columns(
        pl.when(hit).then(pl.lit("rejected")).otherwise("fate").alias("fate"),
        pl.when(hit).then(reason).otherwise("reason").alias("reason"),
        *(pl.when(hit).then(None).otherwise(name).alias(name) for name in forgotten),
    ), hit
