"""The end of a run: does it balance, is it healthy, and what does its silence mean.

A listing is closed after k complete, healthy runs of the same source, watch and query that do not
show it, when nothing else has seen it since the first of them. A run that finds under 70 % of the
recent median, or that would close over half of what is open in its scope, is *held*: it closes
nothing and does not count, until a person has looked. (The incident behind the rule: a list cut
from 11,815 to 104 that closed thousands of live ads.)
"""

from statistics import median
from typing import Final

from sqlalchemy import Connection

from vigie.model.capture import RunEnd, Scan
from vigie.model.fates import WORSE, State
from vigie.model.kinds import KINDS
from vigie.model.position import What
from vigie.store.bulk import insert, select_in
from vigie.store.health import watchman
from vigie.store.listings import MOVE_COLUMNS, Event
from vigie.store.rows import iso
from vigie.store.tables import FATE_COLUMNS, changes, runs

LEAST_SHARE: Final = 0.70
"""Of the recent median that a complete run must find."""
RECENT_RUNS: Final = 7
MOST_CLOSED_SHARE: Final = 0.5
HEALTHY: Final = ("ok", "empty")
_COUNTS: Final = ("pages", "failures", "found", *FATE_COLUMNS, "closed", "reopened")


def end_run(connection: Connection, end: RunEnd) -> tuple[int, list[Event]]:
    """Write the end of one query of a run, judge it; return how many it closed and the news."""
    key = (end.run, end.source, end.watch, end.query)
    names = ("run", "source", "watch", "query", "started_at", "last_at", "state", *_COUNTS)
    row = (*key, iso(end.started_at), iso(end.at), "empty", *[0] * len(_COUNTS))
    insert(connection, runs, names, [row], or_="IGNORE")
    state, pages, found, why = connection.exec_driver_sql(
        "SELECT state, pages, found, why FROM runs"
        " WHERE run = ? AND source = ? AND watch = ? AND query = ?",
        key,
    ).one()
    state = _state_at_end(State(state), end, found)
    connection.exec_driver_sql(
        "UPDATE runs SET started_at = ?, ended_at = ?, scan = ?, state = ?, why = ?,"
        " announced = COALESCE(?, announced), misses = ?"
        " WHERE run = ? AND source = ? AND watch = ? AND query = ?",
        (iso(end.started_at), iso(end.at), str(end.scan), str(state), end.reason or why,
         end.announced, end.misses, *key),
    )  # fmt: skip
    held = "pages_missing" if pages < end.pages else watchman.end_of(connection, end)
    if held:
        _hold(connection, key, held)
    if held or end.scan is not Scan.COMPLETE or state not in HEALTHY:
        return 0, []
    return close_missing(connection, key)


def close_missing(
    connection: Connection, key: tuple[str, str, str, str]
) -> tuple[int, list[Event]]:
    """Close what the last complete runs of the scope no longer show, or hold the run.

    Repeatable: what is closed already is not closed again.
    """
    run, source, watch, query = key
    row = connection.exec_driver_sql(
        "SELECT started_at, ended_at, found - duplicate, misses FROM runs"
        " WHERE run = ? AND source = ? AND watch = ? AND query = ?"
        " AND scan = 'complete' AND held IS NULL AND state IN ('ok', 'empty')",
        key,
    ).one_or_none()
    if row is None:
        return 0, []
    started_at, ended_at, found, misses = row
    misses = max(1, misses)
    recent = connection.exec_driver_sql(
        "SELECT run, started_at, found - duplicate FROM runs"
        " WHERE source = ? AND watch = ? AND query = ?"
        " AND scan = 'complete' AND held IS NULL AND state IN ('ok', 'empty')"
        " AND started_at <= ? ORDER BY started_at DESC, run DESC LIMIT ?",
        (source, watch, query, started_at, max(RECENT_RUNS, misses) + 1),
    ).fetchall()
    earlier = [count for name, _, count in recent if name != run][:RECENT_RUNS]
    if earlier and found < LEAST_SHARE * median(earlier):
        _hold(connection, key, "few_found")
        return 0, []
    if len(recent) < misses:
        return 0, []
    window = recent[:misses]
    scope = _scope(connection, (source, watch, query))
    gone = _unseen(connection, scope, [name for name, *_ in window],
                   min(start for _, start, _ in window))  # fmt: skip
    total = sum(len(ids) for ids in gone.values())
    if total and total <= _unreadable(connection, key[1], [name for name, *_ in window]):
        _hold(connection, key, "items_unreadable")  # each of them may be one that is missed
        return 0, []
    if total and total > MOST_CLOSED_SHARE * _open_members(connection, scope):
        _hold(connection, key, "closes_over_half")
        return 0, []
    events: list[Event] = []
    for kind, ids in gone.items():
        connection.exec_driver_sql(
            f"UPDATE \"{kind}\" SET status = 'closed', closed_at = ? WHERE id = ?",
            [(ended_at, listing) for listing in ids],
        )
        insert(
            connection, changes, MOVE_COLUMNS,
            [(listing, ended_at, "", "status", '"open"', '"closed"', "closed") for listing in ids],
        )  # fmt: skip
        events += [(kind, listing, What.CLOSED, ended_at) for listing in ids]
    connection.exec_driver_sql(
        "UPDATE runs SET closed = closed + ? WHERE run = ? AND source = ? AND watch = ?"
        " AND query = ?",
        (total, *key),
    )
    return total, events


def close_gone(connection: Connection, kind: str, gone: list[tuple[str, str, str]]) -> list[Event]:
    """Close listings whose own page said 404 or 410: (id, at, capture id)."""
    last = {
        row[0]: (row[1], row[2])
        for row in select_in(
            connection,
            f'SELECT id, last_seen_at, seen_capture FROM "{kind}"'
            " WHERE id IN ({ids}) AND status = 'open'",
            [listing for listing, *_ in gone],
        )
    }
    hit = [row for row in gone if row[0] in last and row[1:] > last[row[0]]]
    if not hit:
        return []
    connection.exec_driver_sql(
        f"UPDATE \"{kind}\" SET status = 'closed', closed_at = ? WHERE id = ?",
        [(at, listing) for listing, at, _ in hit],
    )
    insert(
        connection, changes, MOVE_COLUMNS,
        [(i, at, capture, "status", '"open"', '"closed"', "closed") for i, at, capture in hit],
    )  # fmt: skip
    return [(kind, listing, What.CLOSED, at) for listing, at, _ in hit]


def worst(states: list[str]) -> State:
    """Return the worst of the pages' states, which is the run's."""
    known = [WORSE.index(State(state)) for state in states]
    return WORSE[max(known)] if known else State.OK


def _state_at_end(state: State, end: RunEnd, found: int) -> State:
    if state is State.EMPTY and found:
        state = State.OK  # the last page of a list is empty; the list is not
    if state in (State.OK, State.EMPTY) and end.scan is Scan.CUT:
        return State(end.reason) if end.reason in set(State) else State.TRUNCATED
    if state is State.OK and end.scan is Scan.NEWEST and end.reason:
        return State.TRUNCATED  # pages were left at a limit: what is below them was not seen
    if state is State.OK and not found:
        return State.EMPTY
    return state


CLOSABLE: Final = [kind for kind in KINDS if kind != "figure"]
"""Kinds whose listings can go away: a published figure does not."""


def _scope(connection: Connection, scope: tuple[str, str, str]) -> int | None:
    """Return the number of a source, watch and query; None: nothing was ever listed there."""
    number: int | None = connection.exec_driver_sql(
        "SELECT number FROM scopes WHERE source = ? AND watch = ? AND query = ?", scope
    ).scalar()
    return number


def _unseen(
    connection: Connection, scope: int | None, runs: list[str], since: str
) -> dict[str, list[str]]:
    """Return the scope's open listings that none of *runs* showed, by kind.

    Listings that anything else saw at or after *since* are left open.
    """
    marks = ", ".join("?" * len(runs))
    missed = connection.exec_driver_sql(
        f"SELECT listing_id FROM scope_members WHERE scope = ? AND last_run NOT IN ({marks})",
        (scope, *runs),
    ).fetchall()
    ids = [row[0] for row in missed]
    found = {
        kind: select_in(
            connection,
            f'SELECT id FROM "{kind}"'
            " WHERE id IN ({ids}) AND status = 'open' AND last_seen_at < ?",
            ids, since,
        )
        for kind in CLOSABLE
    }  # fmt: skip
    return {kind: sorted(row[0] for row in rows) for kind, rows in found.items() if rows}


def _open_members(connection: Connection, scope: int | None) -> int:
    """Return how many of the scope's listings are open. Looks at every one of them."""
    counts = [
        connection.exec_driver_sql(
            f'SELECT COUNT(*) FROM scope_members m JOIN "{kind}" l ON l.id = m.listing_id'
            " WHERE m.scope = ? AND l.status = 'open'",
            (scope,),
        ).scalar()
        for kind in CLOSABLE
    ]
    return sum(int(count or 0) for count in counts)


def _unreadable(connection: Connection, source: str, runs: list[str]) -> int:
    """Return how many items of *runs* were listed and could not be told apart."""
    marks = ", ".join("?" * len(runs))
    return int(
        connection.exec_driver_sql(
            "SELECT COUNT(*) FROM quarantine WHERE source = ? AND native_id IS NULL"
            f" AND run IN ({marks})",
            (source, *runs),
        ).scalar()
        or 0
    )


def _hold(connection: Connection, key: tuple[str, str, str, str], reason: str) -> None:
    connection.exec_driver_sql(
        "UPDATE runs SET held = ? WHERE run = ? AND source = ? AND watch = ? AND query = ?",
        (reason, *key),
    )
