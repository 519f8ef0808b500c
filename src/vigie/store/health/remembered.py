"""The profiles that the store remembers: what is usual of a source, as of a time."""

from typing import Final

import msgspec
from sqlalchemy import Connection

from vigie.store.bulk import insert
from vigie.store.health.profile import LEAST_RUNS, Baseline, Profile, usual
from vigie.store.tables import profiles

REMEMBERED: Final = 40
"""Runs of a source whose profiles make what is usual."""


def baseline(
    connection: Connection, of: tuple[str, str, str], *, run: str, at: str, nearest: bool = False
) -> Baseline:
    """Return what was usual in the runs but *run* that were over at *at*.

    Args:
        of: source, kind, reading.
        nearest: When they are forgotten, take the oldest that are remembered: a page that is read
            again was held for a reason, and to know nothing is no proof.
    """
    over = (
        "NOT EXISTS (SELECT 1 FROM runs r WHERE r.run = p.run AND r.source = p.source"
        " AND (r.ended_at IS NULL OR r.ended_at > ?))"
    )
    sql = (
        "SELECT profile FROM profiles p WHERE source = ? AND kind = ? AND reading = ?"
        " AND run <> ? AND held = 0"
    )
    rows = connection.exec_driver_sql(
        f"{sql} AND {over} ORDER BY last_at DESC LIMIT ?", (*of, run, at, REMEMBERED)
    ).fetchall()
    if nearest and len(rows) < LEAST_RUNS:
        rows = connection.exec_driver_sql(
            f"{sql} ORDER BY last_at LIMIT ?", (*of, run, REMEMBERED)
        ).fetchall()
    return usual([msgspec.json.decode(row[0], type=Profile) for row in rows])


def started(connection: Connection, run: str, source: str) -> str | None:
    """Return when the run began to visit the source, as far as is known."""
    found: str | None = connection.exec_driver_sql(
        "SELECT MIN(started_at) FROM runs WHERE run = ? AND source = ?", (run, source)
    ).scalar()
    return found


def profiles_of(connection: Connection, run: str, source: str) -> list[tuple[str, str, Profile]]:
    """Return kind, reading and profile of what a run brought and was not held."""
    rows = connection.exec_driver_sql(
        "SELECT kind, reading, profile FROM profiles WHERE run = ? AND source = ? AND held = 0"
        " ORDER BY kind, reading",
        (run, source),
    ).fetchall()
    return [(row[0], row[1], msgspec.json.decode(row[2], type=Profile)) for row in rows]


def remember(
    connection: Connection, key: tuple[str, str, str, str, int], at: str, profile: Profile
) -> None:
    """Add *profile* to the run's; forget the oldest runs."""
    _, source, kind, reading, held = key
    known = connection.exec_driver_sql(
        "SELECT profile FROM profiles WHERE run = ? AND source = ? AND kind = ? AND reading = ?"
        " AND held = ?",
        key,
    ).scalar()
    if known is not None:
        profile = msgspec.json.decode(known, type=Profile).merged(profile)
    names = ("run", "source", "kind", "reading", "held", "last_at", "profile")
    row = (*key, at, msgspec.json.encode(profile).decode())
    insert(connection, profiles, names, [row], or_="REPLACE")
    if known is None:
        _forget_oldest(connection, (source, kind, reading, held))


def _forget_oldest(connection: Connection, of: tuple[str, str, str, int]) -> None:
    where = "source = ? AND kind = ? AND reading = ? AND held = ?"
    newest = connection.exec_driver_sql(
        f"SELECT run FROM profiles WHERE {where} ORDER BY last_at DESC", of
    ).fetchall()
    gone = [(*of, row[0]) for row in newest[2 * REMEMBERED :]]
    if gone:
        connection.exec_driver_sql(f"DELETE FROM profiles WHERE {where} AND run = ?", gone)


def accept(connection: Connection, run: str, source: str) -> None:
    """Count what was held of a run as usual from now on."""
    held = connection.exec_driver_sql(
        "SELECT kind, reading, last_at, profile FROM profiles"
        " WHERE run = ? AND source = ? AND held = 1",
        (run, source),
    ).fetchall()
    connection.exec_driver_sql(
        "DELETE FROM profiles WHERE run = ? AND source = ? AND held = 1", (run, source)
    )
    for kind, reading, at, profile in held:
        # Under a name of its own: it counts although its run may never have come to its end.
        key = (f"~{run}"[:32], source, kind, reading, 0)
        remember(connection, key, at, msgspec.json.decode(profile, type=Profile))
