"""The feed: one ordered, gap-free list of pointers to what changed."""

from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl
from sqlalchemy import Connection

from vigie.errors import FeedGone
from vigie.model.frames import stored_schema
from vigie.model.kinds import KINDS
from vigie.model.position import Change, What
from vigie.store.bulk import STATE_SCHEMA, insert, listing_names
from vigie.store.database import Database
from vigie.store.listings import Event
from vigie.store.rows import Stamp, from_rows, instant
from vigie.store.tables import feed

SNAPSHOT_ROWS: Final = 5_000


def write(connection: Connection, events: Sequence[Event]) -> None:
    """Number the events and write them: the last thing a transaction does.

    The counter is one row, so that a number is given only by the transaction that holds it and
    no reader sees n + 1 before n. Beside it, every transaction counts as an edition of the store.
    """
    connection.exec_driver_sql(
        "INSERT INTO counters (name, value) VALUES ('edition', 1)"
        " ON CONFLICT (name) DO UPDATE SET value = counters.value + 1"
    )
    if not events:
        return
    connection.exec_driver_sql(
        "INSERT INTO counters (name, value) VALUES ('feed', ?)"
        " ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value",
        (len(events),),
    )
    last = int(
        connection.exec_driver_sql("SELECT value FROM counters WHERE name = 'feed'").scalar() or 0
    )
    first = last - len(events) + 1
    insert(
        connection, feed, ("seq", "kind", "listing_id", "what", "at"),
        [(first + n, kind, listing, str(what), at) for n, (kind, listing, what, at) in
         enumerate(events)],
    )  # fmt: skip


def edition(connection: Connection) -> int:
    """Return a number that grows with every transaction that may change what is known."""
    sql = "SELECT value FROM counters WHERE name = 'edition'"
    return int(connection.exec_driver_sql(sql).scalar() or 0)


class StoreFeed:
    """A `vigie.contracts.Feed` on the store's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def last(self) -> int:
        with self._database.reading() as connection:
            return _last(connection)

    def read(self, after: int, limit: int) -> Sequence[Change]:
        with self._database.reading() as connection:
            first = connection.exec_driver_sql("SELECT MIN(seq) FROM feed").scalar()
            last = _last(connection)
            kept_from = int(first) if first is not None else last + 1
            if after + 1 < kept_from and after < last:
                raise FeedGone(after, kept_from)
            rows = connection.exec_driver_sql(
                "SELECT seq, kind, listing_id, what, at FROM feed WHERE seq > ? ORDER BY seq"
                " LIMIT ?",
                (after, limit),
            ).fetchall()
        return [
            Change(seq, kind, listing, What(what), at)
            for seq, kind, listing, what, text in rows
            if (at := instant(text)) is not None
        ]

    def snapshot(self) -> tuple[int, Iterator[tuple[str, pl.DataFrame]]]:
        return self.last(), self._all()

    def prune(self, before: str) -> int:
        """Forget entries older than *before* (ISO 8601); return how many."""
        with self._database.writing() as connection:
            kept = connection.exec_driver_sql(
                "SELECT MIN(seq) FROM feed WHERE at >= ?", (Stamp(before),)
            ).scalar()
            where, values = ("", ()) if kept is None else (" WHERE seq < ?", (kept,))
            return connection.exec_driver_sql(f"DELETE FROM feed{where}", values).rowcount

    def _all(self) -> Iterator[tuple[str, pl.DataFrame]]:
        for kind in KINDS.values():
            after = ""
            columns = ", ".join(f'"{name}"' for name in listing_names(kind))
            sql = f'SELECT {columns} FROM "{kind.name}" WHERE id > ? ORDER BY id LIMIT ?'
            while True:
                with self._database.reading() as connection:
                    rows = connection.exec_driver_sql(sql, (after, SNAPSHOT_ROWS)).fetchall()
                if not rows:
                    break
                frame = from_rows(rows, kind.stored, STATE_SCHEMA)
                yield kind.name, frame.select(list(stored_schema(kind)))
                after = rows[-1][0]


def _last(connection: Connection) -> int:
    value = connection.exec_driver_sql("SELECT value FROM counters WHERE name = 'feed'").scalar()
    return int(value or 0)
