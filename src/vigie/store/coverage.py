"""The ledger of what was seen: per source, watch, query and hour, a state and its counts.

An hour in which nothing was asked is a state too: *not_scheduled* while the usual pause between two
visits lasts, *late* from twice that on. So a gap in a chart is never taken for a zero.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any, Final

import polars as pl
from sqlalchemy import Connection

from vigie.model.fates import State
from vigie.model.watch import IMPORTS
from vigie.store import dialect
from vigie.store.judge import worst
from vigie.store.rows import iso
from vigie.store.tables import FATE_COLUMNS

LATE_FACTOR: Final = 2.0
"""A source is late when its last visit is so many usual pauses ago."""
LEAST_VISITS: Final = 3
"""Before, no pause is usual."""
RECENT_VISITS: Final = 40
"""Visits whose pauses are usual: habits change."""
RETIRED_AFTER: Final = 30
"""Usual pauses after which nobody waits for the query any more: its watch is gone."""
HOUR: Final = timedelta(hours=1)
COUNTS: Final = ("pages", "found", *FATE_COLUMNS)
SCOPE: Final = ("source", "watch", "query")
SCHEMA: Final[dict[str, pl.DataType]] = {
    **dict.fromkeys(SCOPE, pl.String()),
    "hour": pl.Datetime("ms", "UTC"),
    "state": pl.String(),
    **dict.fromkeys(COUNTS, pl.Int64()),
}


def coverage(connection: Connection, since: datetime, until: datetime) -> pl.DataFrame:
    """Return source, watch, query, hour, state, pages, found and the fates of each hour.

    Every scope has a row for every hour from its first visit on; where nothing was asked, pages
    and counts are null, not zero. Imports have rows only where files were brought: nobody waits
    for the next.
    """
    seen = {(row[0], row[1], row[2], row[3]): row for row in _observed(connection, since, until)}
    made: list[tuple[Any, ...]] = []
    for scope, first, visits in _visits(connection, since, until):
        for hour in _hours(max(since, _floor(first)), until):
            row = seen.get((*scope, _stamp(hour)))
            if row is not None:
                made.append((*scope, hour, row[4], *row[5:]))
            elif scope[1] != IMPORTS:
                made.append((*scope, hour, str(_unseen(visits, hour)), *[None] * len(COUNTS)))
    frame = pl.DataFrame(made, schema=SCHEMA, orient="row")
    return frame.sort("hour", *SCOPE)


def lateness(visits: Sequence[datetime], at: datetime) -> tuple[timedelta, timedelta] | None:
    """Return how long ago the last visit was and the usual pause, when that is late; else None.

    Args:
        visits: Oldest first.
    """
    end = bisect_right(visits, at)
    before = visits[max(0, end - RECENT_VISITS) : end]
    if len(before) < LEAST_VISITS:
        return None
    pauses = [(later - earlier).total_seconds() for earlier, later in pairwise(before)]
    usual = timedelta(seconds=median(pauses))
    waited = at - before[-1]
    return (waited, usual) if waited > LATE_FACTOR * usual else None


def _unseen(visits: Sequence[datetime], hour: datetime) -> State:
    told = lateness(visits, hour + HOUR)
    if told is None:
        return State.NOT_SCHEDULED
    waited, usual = told
    return State.NOT_SCHEDULED if waited > RETIRED_AFTER * usual else State.LATE


def _observed(connection: Connection, since: datetime, until: datetime) -> Iterator[Any]:
    """Yield scope, hour, worst state and counts of every hour in which something was asked."""
    sums = ", ".join(f"SUM({name})" for name in ("found", *FATE_COLUMNS))
    counts: dict[tuple[str, ...], list[int]] = {}
    states: dict[tuple[str, ...], list[str]] = {}
    for *key, state, pages, found in _by_hour(connection, "pages", sums, since, until):
        before = counts.get(tuple(key), [0] * len(COUNTS))
        counts[tuple(key)] = [a + b for a, b in zip(before, (pages, *found), strict=True)]
        states.setdefault(tuple(key), []).append(state)
    seen = set(states)
    # What only the end of a run tells: a list that was cut, a query that never got an answer.
    for *key, state, _, _ in _by_hour(connection, "runs", "0", since, until):
        states.setdefault(tuple(key), []).append(state)
    for hour, told in states.items():
        well = hour in seen and str(State.OK) in told
        # An empty last page does not make a list empty.
        weighed = [state for state in told if not well or state != str(State.EMPTY)]
        yield (*hour, str(worst(weighed)), *counts.get(hour, [0] * len(COUNTS)))


def _by_hour(
    connection: Connection, table: str, sums: str, since: datetime, until: datetime
) -> Iterator[Any]:
    """Yield source, watch, query, hour, state, how many rows have it, and their sums."""
    column = {"pages": "at", "runs": "ended_at"}[table]
    rows = connection.exec_driver_sql(
        f"SELECT source, watch, query, {dialect.hour(connection, column)}, state, COUNT(*), {sums}"
        f" FROM {table} WHERE {column} >= ? AND {column} < ? GROUP BY 1, 2, 3, 4, 5",
        (iso(since), iso(until)),
    )
    for row in rows:
        yield (*row[:6], row[6:])


def _visits(
    connection: Connection, since: datetime, until: datetime
) -> Iterator[tuple[tuple[str, str, str], datetime, list[datetime]]]:
    """Yield every scope, its first visit, and its visits before *until*, oldest first: those of the
    window and the last ones before it. Years of runs lie before them."""
    within: dict[tuple[str, str, str], list[datetime]] = {}
    for *scope, at in connection.exec_driver_sql(
        "SELECT source, watch, query, started_at FROM runs"
        " WHERE started_at >= ? AND started_at < ? ORDER BY started_at",
        (iso(since), iso(until)),
    ).fetchall():
        within.setdefault(tuple(scope), []).append(_known(at))
    for *scope, first in connection.exec_driver_sql(
        "SELECT source, watch, query, MIN(started_at) FROM runs GROUP BY source, watch, query"
    ).fetchall():
        start = _known(first)
        before: Sequence[Any] = ()
        if start >= until:
            continue
        if start < since:
            before = connection.exec_driver_sql(
                "SELECT started_at FROM runs WHERE source = ? AND watch = ? AND query = ?"
                " AND started_at < ? ORDER BY started_at DESC LIMIT ?",
                (*scope, iso(since), RECENT_VISITS),
            ).fetchall()
        visits = [_known(row[0]) for row in reversed(before)]
        yield tuple(scope), start, visits + within.get(tuple(scope), [])


def _known(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _hours(since: datetime, until: datetime) -> Iterator[datetime]:
    hour = _floor(since)
    while hour < until:
        yield hour
        hour += HOUR


def _floor(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _stamp(hour: datetime) -> str:
    return iso(hour)[:13]
