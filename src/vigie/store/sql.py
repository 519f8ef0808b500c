"""The store on an SQL database: one transaction a batch, position included."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy import Connection

from vigie.errors import PositionGap, StoreError
from vigie.model.fates import Fates
from vigie.model.fields import Kind
from vigie.model.frames import Refined
from vigie.model.kinds import KINDS
from vigie.model.position import Span, What
from vigie.store import erasing, feed, hashing, judge, ledger, matching, refold, refusing
from vigie.store.bulk import read_listings, select_in
from vigie.store.database import Database
from vigie.store.health import alarms, watchman
from vigie.store.listings import Event, keep
from vigie.store.merge import Move
from vigie.store.rows import iso, json_text
from vigie.store.shelf import SqlShelf
from vigie.store.storable import storable
from vigie.store.tables import FATE_COLUMNS


class SqlStore(SqlShelf):
    """A `vigie.contracts.Store` on SQLite, PostgreSQL or MySQL."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.feed = feed.StoreFeed(database)

    @property
    def database(self) -> Database:
        """The database, shared with the agenda."""
        return self._database

    def close(self) -> None:
        """Give back files and connections."""
        self._database.close()

    def positions(self, consumer: str) -> Mapping[str, int]:
        with self._database.reading() as connection:
            rows = connection.exec_driver_sql(
                'SELECT "partition", ordinal FROM positions WHERE consumer = ?', (consumer,)
            ).fetchall()
        return {row[0]: row[1] for row in rows}

    def save(self, batch: Refined, span: Span | None, *, reread: bool = False) -> Fates:
        batch = storable(batch)
        with self._database.writing() as connection:
            if span is not None and not _advance(connection, span):
                return Fates()
            if reread:
                moves = self._reread(connection, batch, write=True)
                return Fates(changed=len({(move[0]) for move in moves}))
            return self._save(connection, batch)

    def release(self, source: str, run: str | None = None) -> list[str]:
        with self._database.writing() as connection:
            feed.write(connection, [])
            return alarms.release(connection, source, run)

    def judge(self, run: str) -> Fates:
        with self._database.writing() as connection:
            keys = connection.exec_driver_sql(
                "SELECT run, source, watch, query, found, new + changed + unchanged + duplicate +"
                " rejected + quarantined FROM runs WHERE run = ? AND ended_at IS NOT NULL",
                (run,),
            ).fetchall()
            closed, events = 0, list[Event]()
            for *key, found, summed in keys:
                if found != summed:
                    raise StoreError(f"run {run} does not balance: {found} found, {summed} fates")
                count, news = judge.close_missing(connection, tuple(key))
                closed += count
                events += news
            feed.write(connection, events)
            return Fates(closed=closed)

    def compare(self, batch: Refined) -> pl.DataFrame:
        with self._database.reading() as connection:
            moves = self._reread(connection, storable(batch), write=False)
        return pl.DataFrame(
            [(m[0], m[3], m[4], m[5]) for m in moves],
            schema=dict.fromkeys(("id", "field", "old", "new"), pl.String()), orient="row",
        )  # fmt: skip

    def candidates(self, keys: pl.DataFrame) -> pl.DataFrame:
        """Return pairs (left, right) of listings that share a key in *keys* (id, key)."""
        return matching.pairs(keys)

    def link(self, edges: pl.DataFrame, span: Span | None = None) -> None:
        with self._database.writing() as connection:
            if span is not None and not _advance(connection, span):
                return
            feed.write(connection, matching.link(connection, edges))

    def erase(self, ids: Sequence[str], *, refuse: bool = False) -> int:
        with self._database.writing() as connection:
            events = erasing.erase(connection, ids)
            if refuse:
                refusing.refuse_from_now_on(connection, ids)
            feed.write(connection, events)
        return sum(event[2] is What.ERASED for event in events)

    def let_back(self, ids: Sequence[str]) -> int:
        with self._database.writing() as connection:
            return refusing.let_back(connection, ids)

    def to_erase(self) -> list[str]:
        with self._database.reading() as connection:
            return erasing.pending(connection)

    def erased(self, captures: Iterable[str]) -> None:
        with self._database.writing() as connection:
            erasing.erased(connection, captures)

    def content_hash(self) -> str:
        with self._database.reading() as connection:
            return hashing.content_hash(connection)

    def to_strike(self) -> list[str]:
        with self._database.reading() as connection:
            return erasing.to_strike(connection)

    def stricken(self, ids: Iterable[str]) -> None:
        with self._database.writing() as connection:
            erasing.stricken(connection, ids)

    def _save(self, connection: Connection, batch: Refined) -> Fates:
        batch = watchman.inspect(connection, refusing.refuse(connection, batch))
        events: list[Event] = []
        fates: list[pl.DataFrame] = []
        reopened: dict[tuple[str, ...], int] = {}
        for name, rows in batch.listings.items():
            outcome = keep(connection, KINDS[name], rows, ledger.scope_numbers(connection, rows))
            events += outcome.events
            fates.append(outcome.fates)
            for key, count in outcome.reopened.items():
                reopened[key] = reopened.get(key, 0) + count
            ledger.write_quarantine(connection, name, rows)
        told = pl.concat(fates) if fates else _no_fates()
        _balance(batch, told)
        ledger.write_pages(connection, batch.pages, told)
        for key, count in reopened.items():
            connection.exec_driver_sql(
                "UPDATE runs SET reopened = reopened + ? WHERE run = ? AND source = ?"
                " AND watch = ? AND query = ?",
                (count, *key),
            )
        events += erasing.remove(connection, batch)
        closed = 0
        for kind, listing, at, capture in batch.gone:
            news = judge.close_gone(connection, kind, [(listing, iso(at), capture)])
            closed += len(news)
            events += news
        for end in batch.ends:
            count, news = judge.end_run(connection, end)
            closed += count
            events += news
        feed.write(connection, events)
        return _sum(told) + Fates(closed=closed, reopened=sum(reopened.values()))

    def _reread(self, connection: Connection, batch: Refined, *, write: bool) -> list[Move]:
        moves: list[Move] = []
        batch = refusing.refuse(connection, batch) if write else batch
        wrong = list(watchman.still_wrong(connection, batch))
        for name, rows in batch.listings.items():
            kind: Kind = KINDS[name]
            good = rows.filter(pl.col("fate").is_null() & ~pl.col("capture_id").is_in(wrong)).sort(
                "at", "capture_id", "item"
            )
            unique = good.unique(["id", "at", "capture_id"], keep="first", maintain_order=True)
            known, unknown = _split_by_sighting(connection, unique)
            for number in range(_most_per_id(known)):
                wave = known.filter(pl.int_range(pl.len()).over("id") == number)
                old = read_listings(connection, kind, wave["id"].to_list())
                moves += refold.reread(connection, kind, wave, old, write=write)
            # What yesterday's reader overlooked was seen all the same: it is kept now.
            if unknown.height and write:
                keep(connection, kind, unknown, ledger.scope_numbers(connection, unknown))
            moves += [
                (row["id"], iso(row["at"]), row["capture_id"], "", None,
                 json_text(row.get("title") or row["native_id"]), "reread")
                for row in unknown.iter_rows(named=True)
            ]  # fmt: skip
        if write:
            self._publish(connection, batch, set(wrong))
            rows_moved = {(move[0], move[1]): None for move in moves}
            kinds = self._kinds_of(connection, [listing for listing, _ in rows_moved])
            feed.write(
                connection,
                [(kinds[listing], listing, What.REREAD, at) for listing, at in rows_moved],
            )
        return moves

    def _publish(self, connection: Connection, batch: Refined, wrong: set[str]) -> None:
        """Let go of what was held of the pages that read well now; the rest of them is noted anew.

        A page that cannot be read, or of which no row can, stays held: else its rows would be
        nowhere.
        """
        well = set(batch.pages.filter(pl.col("state") == "ok")["capture_id"])
        good = {
            capture
            for rows in batch.listings.values()
            for capture in rows.filter(pl.col("fate").is_null())["capture_id"]
        }
        held = list(alarms.published(connection, (well & good) - wrong))
        for name, rows in batch.listings.items() if held else ():
            part = rows.filter(pl.col("capture_id").is_in(held))
            ledger.write_quarantine(connection, name, part)

    def _kinds_of(self, connection: Connection, ids: list[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for name in KINDS:
            sql = f'SELECT id FROM "{name}" WHERE id IN ({{ids}})'
            found |= dict.fromkeys((row[0] for row in select_in(connection, sql, ids)), name)
        return found


def _advance(connection: Connection, span: Span) -> bool:
    """Move the position to the span's end; False when it is there already.

    Raises:
        PositionGap: entries before the span are missing.
    """
    stored = connection.exec_driver_sql(
        'SELECT ordinal FROM positions WHERE consumer = ? AND "partition" = ?',
        (span.consumer, span.partition),
    ).scalar()
    at = int(stored or 0)
    if at >= span.end:
        return False
    if at != span.start:
        raise PositionGap(span.consumer, span.partition, at, span.start)
    connection.exec_driver_sql(
        'INSERT INTO positions (consumer, "partition", ordinal) VALUES (?, ?, ?)'
        ' ON CONFLICT (consumer, "partition") DO UPDATE SET ordinal = excluded.ordinal',
        (span.consumer, span.partition, span.end),
    )
    return True


def _balance(batch: Refined, told: pl.DataFrame) -> None:
    found = int(batch.pages["found"].sum()) if batch.pages.height else 0
    if found != told.height:
        raise StoreError(
            f"the batch does not balance: its pages list {found} items, {told.height} have a fate"
        )


def _split_by_sighting(
    connection: Connection, rows: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows whose capture is known to show their listing, and the others."""
    seen = {
        (listing, at, capture)
        for listing, at, capture in select_in(
            connection,
            "SELECT listing_id, at, capture_id FROM sightings WHERE listing_id IN ({ids})",
            rows["id"].unique().to_list(),
        )
    }
    known = pl.Series(
        [(i, iso(at), c) in seen for i, at, c in rows.select("id", "at", "capture_id").iter_rows()],
        dtype=pl.Boolean,
    )
    return rows.filter(known), rows.filter(~known)


def _sum(told: pl.DataFrame) -> Fates:
    counts: dict[str, Any] = dict(told["fate"].value_counts().iter_rows())
    return Fates(**{name: counts.get(name, 0) for name in FATE_COLUMNS})


def _most_per_id(rows: pl.DataFrame) -> int:
    return int(rows.group_by("id").len()["len"].max() or 0) if rows.height else 0  # type: ignore[arg-type]  # a count


def _no_fates() -> pl.DataFrame:
    names = {"run": pl.String(), "capture_id": pl.String(), "item": pl.Int32(), "fate": pl.String()}
    return pl.DataFrame(schema=names)
