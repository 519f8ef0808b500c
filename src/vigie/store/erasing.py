"""Erasing listings so that nothing of them is left.

A site that deletes a post, or an author who leaves, takes it from us too: listing, history,
sightings, edges and quarantine go in the transaction that reads of it. The captures that showed it
are noted until the spool has erased them, whatever happens in between; what was removed is refused
when a page shows it once more (`refusing.py`); and no address that says what it was is left
(`traces.py`).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from vigie.model.frames import Refined
from vigie.model.identity import listing_id
from vigie.model.kinds import KINDS
from vigie.model.position import What
from vigie.store import dialect
from vigie.store.bulk import insert, select_in
from vigie.store.listings import Event
from vigie.store.matching import recluster
from vigie.store.refusing import author
from vigie.store.rows import instant, iso
from vigie.store.storable import HELD_LENGTHS, LONG, fitted
from vigie.store.tables import erasures, removals, struck
from vigie.store.traces import Traces, blank, traces

FORGOTTEN: Final = timedelta(hours=6)
"""After which a removal of what was never seen is forgotten: a stream tells of every deletion of
its network, and what was collected before it is processed by then."""
ASKED_BEFORE: Final = timedelta(days=1)
"""So long before a post was first seen its own page may have been asked in vain."""


def erase(
    connection: Connection, ids: Sequence[str], *, since: datetime | None = None
) -> list[Event]:
    """Remove listings with all that is kept about them; return the news for the feed.

    In the same transaction it is noted what is left to do elsewhere: captures for the spool, ids
    for the watches' files. Whoever is killed in between finds it noted.

    Args:
        since: None of them was known before; None: nobody knows.
    """
    shown: dict[str, set[str]] = {}
    for table, where in (("sightings", ""), ("changes", " AND capture_id <> ''")):
        sql = f"SELECT DISTINCT capture_id, listing_id FROM {table} WHERE listing_id IN ({{ids}})"
        for capture, listing in select_in(connection, sql + where, ids):
            shown.setdefault(capture, set()).add(listing)
    known: dict[str, Traces] = {}
    insert(connection, struck, ("listing_id",), [(one,) for one in ids], or_="IGNORE")
    now = dialect.now(connection)
    events: list[Event] = []
    for kind in KINDS:
        sql = f'SELECT id, source, native_id FROM "{kind}" WHERE id IN ({{ids}})'
        rows = sorted(select_in(connection, sql, ids))  # the feed has an order of its own
        mine = [(row[0],) for row in rows]
        if not mine:
            continue
        for source, one in traces(connection, KINDS[kind], rows).items():
            known[source] = known[source] | one if source in known else one
        for capture, listing in _forget_held_of(connection, rows):
            shown.setdefault(capture, set()).add(listing)
        for table, column in (
            (kind, "id"), ("changes", "listing_id"), ("sightings", "listing_id"),
            ("scope_members", "listing_id"),
        ):  # fmt: skip
            connection.exec_driver_sql(f'DELETE FROM "{table}" WHERE "{column}" = ?', mine)
        events += [(kind, listing, What.ERASED, now) for (listing,) in mine]
    own = blank(connection, known, shown, since)
    gone = [(capture,) for capture in dict.fromkeys((*shown, *own))]
    insert(connection, erasures, ("capture_id",), gone, or_="IGNORE")
    return events + _unlink(connection, [event[1] for event in events])


def remove(connection: Connection, batch: Refined) -> list[Event]:
    """Erase what the batch says was deleted at its site; return the news for the feed."""
    told: list[tuple[str, str, int]] = []
    ids: list[str] = []
    for source, removal, at, _ in batch.removed:
        for native_id in removal.native_ids:
            one = listing_id(source, native_id)
            aside = _forget_held(connection, "native_id", source, native_id)
            known = aside or _is_known(connection, one)
            told.append((one, iso(at), int(known)))
            ids += [one] if known else []
        for key in removal.author_keys:
            aside = _forget_held(connection, "author_key", source, key)
            theirs = [
                row[0]
                for row in connection.exec_driver_sql(
                    "SELECT id FROM post WHERE source = ? AND author_key = ?", (source, key)
                )
            ]
            told.append((author(source, key), iso(at), int(aside or bool(theirs))))
            ids += theirs
    if not told:
        return []
    insert(connection, removals, ("name", "at", "known"), told, or_="REPLACE")
    newest = max(at for _, _, at, _ in batch.removed)
    connection.exec_driver_sql(
        "DELETE FROM removals WHERE known = 0 AND at < ?", (iso(newest - FORGOTTEN),)
    )
    ids = list(dict.fromkeys(ids))
    # A stream tells of deletions all the time: what was asked before they were known is left alone.
    return erase(connection, ids, since=_first_seen(connection, ids))


def _first_seen(connection: Connection, ids: Sequence[str]) -> datetime | None:
    sql = "SELECT MIN(first_seen_at) FROM post WHERE id IN ({ids})"
    found = [instant(row[0]) for row in select_in(connection, sql, ids)]
    first = min((at for at in found if at is not None), default=None)
    return None if first is None else first - ASKED_BEFORE


def _forget_held_of(
    connection: Connection, rows: Sequence[tuple[str, str, str]]
) -> list[tuple[str, str]]:
    """Remove what was set apart of listings (id, source, native id); return (capture, id)."""
    mine = {(source, fitted(native_id, LONG)): listing for listing, source, native_id in rows}
    found = [
        (number, capture, mine[source, native_id])
        for number, capture, source, native_id in select_in(
            connection,
            "SELECT number, capture_id, source, native_id FROM quarantine"
            " WHERE native_id IN ({ids})",
            sorted({native_id for _, native_id in mine}),
        )
        if (source, native_id) in mine
    ]
    if found:
        connection.exec_driver_sql(
            "DELETE FROM quarantine WHERE number = ?", [(number,) for number, *_ in found]
        )
    return [(capture, listing) for _, capture, listing in found]


def _is_known(connection: Connection, listing: str) -> bool:
    sql = "SELECT 1 FROM post WHERE id = ?"
    return connection.exec_driver_sql(sql, (listing,)).scalar() is not None


def _forget_held(connection: Connection, column: str, source: str, value: str) -> bool:
    """Remove what was set apart and never published, its captures too; return whether any was."""
    key = (source, fitted(value, HELD_LENGTHS[column]))
    found = connection.exec_driver_sql(
        f"SELECT capture_id, native_id, number FROM quarantine WHERE source = ? AND {column} = ?",
        key,
    ).fetchall()
    shown: dict[str, set[str]] = {}
    for capture, one, number in found:
        shown.setdefault(capture, set()).add(one or str(number))
    insert(connection, erasures, ("capture_id",), [(one,) for one in shown], or_="IGNORE")
    if found:
        connection.exec_driver_sql(f"DELETE FROM quarantine WHERE source = ? AND {column} = ?", key)
        blank(connection, {}, shown)
    return bool(found)


def pending(connection: Connection) -> list[str]:
    """Return the captures that the spool has still to erase."""
    rows = connection.exec_driver_sql("SELECT capture_id FROM erasures ORDER BY capture_id")
    return [row[0] for row in rows]


def erased(connection: Connection, captures: Iterable[str]) -> None:
    """Note that the spool holds *captures* no more."""
    gone = [(one,) for one in captures]
    if gone:
        connection.exec_driver_sql("DELETE FROM erasures WHERE capture_id = ?", gone)


def to_strike(connection: Connection) -> list[str]:
    """Return the listings whose rows are still to be taken out of files."""
    rows = connection.exec_driver_sql("SELECT listing_id FROM struck ORDER BY listing_id")
    return [row[0] for row in rows]


def stricken(connection: Connection, ids: Iterable[str]) -> None:
    """Note that no file holds *ids* any more."""
    gone = [(one,) for one in ids]
    if gone:
        connection.exec_driver_sql("DELETE FROM struck WHERE listing_id = ?", gone)


def _unlink(connection: Connection, gone: Sequence[str]) -> list[Event]:
    """Remove the edges of what is gone; the listings that they joined may part."""
    joined: set[str] = set()
    for side, other in (("left", "right"), ("right", "left")):
        sql = f'SELECT "{other}" FROM edges WHERE "{side}" IN ({{ids}})'
        joined |= {row[0] for row in select_in(connection, sql, gone)}
        if gone:
            connection.exec_driver_sql(
                f'DELETE FROM edges WHERE "{side}" = ?', [(one,) for one in gone]
            )
    return recluster(connection, joined - set(gone)) if joined else []
