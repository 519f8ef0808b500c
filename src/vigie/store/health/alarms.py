"""Alarms as the store keeps them: raised, released by a person, or mended by a better reader."""

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Connection

from vigie.store.bulk import select_in
from vigie.store.health.remembered import accept
from vigie.store.health.runs import Key
from vigie.store.health.verdict import Alarm

HELD: Final = "held:"
"""How the reason of a held row begins."""
HOLDING: Final = "identities"
"""The alarm of a run that holds it."""


def write_alarms(
    connection: Connection, key: Key, at: str, alarms: Sequence[Alarm], capture_id: str = ""
) -> None:
    """Keep *alarms*; one that the run has raised already counts one page more."""
    for alarm in alarms:
        connection.exec_driver_sql(
            "INSERT INTO alarms (run, source, watch, query, alarm, field, at, expected, seen,"
            " capture_id, pages, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 'open')"
            " ON CONFLICT (run, source, watch, query, alarm, field)"
            " DO UPDATE SET pages = alarms.pages + 1",
            (*key, alarm.name, alarm.field, at, alarm.expected, alarm.seen, capture_id),
        )


def release(connection: Connection, source: str, run: str | None) -> list[str]:
    """Say that the open alarms of *source* (of one *run*, or all) are no fault of ours.

    Repeatable: what was released and is not published yet is returned again.

    Returns:
        The held captures: what they show is to be replayed. Their profiles count as usual.
    """
    where, values = ("AND run = ?", (source, run)) if run else ("", (source,))
    runs = [
        row[0]
        for row in connection.exec_driver_sql(
            f"SELECT run FROM alarms WHERE source = ? {where} AND status = 'open' UNION"
            f" SELECT run FROM quarantine WHERE source = ? {where} AND reason LIKE '{HELD}%'",
            values * 2,
        )
    ]
    connection.exec_driver_sql(
        f"UPDATE alarms SET status = 'released' WHERE source = ? {where} AND status = 'open'",
        values,
    )
    captures: list[str] = []
    for one in runs:
        accept(connection, one, source)
        connection.exec_driver_sql(
            "UPDATE runs SET held = NULL WHERE run = ? AND source = ? AND held = ?",
            (one, source, HOLDING),
        )
        captures += [
            row[0]
            for row in connection.exec_driver_sql(
                "SELECT DISTINCT capture_id FROM quarantine WHERE run = ? AND source = ?"
                f" AND reason LIKE '{HELD}%' ORDER BY capture_id",
                (one, source),
            )
        ]
    return captures


def published(connection: Connection, captures: Iterable[str]) -> set[str]:
    """Note that what was held of *captures* is kept now; alarms left without any are mended.

    Returns:
        Those of *captures* that were held.
    """
    found = select_in(
        connection,
        "SELECT DISTINCT run, source, capture_id FROM quarantine WHERE capture_id IN ({ids})"
        f" AND reason LIKE '{HELD}%'",
        list(captures),
    )
    held = {row[2] for row in found}
    if not held:
        return held
    connection.exec_driver_sql(
        f"DELETE FROM quarantine WHERE capture_id = ? AND reason LIKE '{HELD}%'",
        [(one,) for one in sorted(held)],
    )
    for run, source in {(row[0], row[1]) for row in found}:
        connection.exec_driver_sql(
            "UPDATE alarms SET status = 'mended' WHERE run = ? AND source = ? AND status = 'open'"
            " AND NOT EXISTS (SELECT 1 FROM quarantine q WHERE q.run = alarms.run AND"
            f" q.source = alarms.source AND q.reason LIKE '{HELD}%')",
            (run, source),
        )
    return held
