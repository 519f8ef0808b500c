"""The slow road: observations that arrive late, twice, or are read again with a mended reader."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import Connection

from vigie.model.fields import Kind
from vigie.model.frames import stored_schema
from vigie.store.bulk import STATE_SCHEMA, insert, select_in, write_listings
from vigie.store.fold import POSTED, UNDONE, Folded, Observation, Step, fold, unfold
from vigie.store.merge import Move
from vigie.store.rows import instant, iso, json_text, of_json, to_rows
from vigie.store.tables import changes, sightings

FLAGS = ("new", "changed", "moved", "reopened")
MOVE_COLUMNS = ("listing_id", "at", "capture_id", "field", "old", "new", "cause")


def late(connection: Connection, kind: Kind, rows: pl.DataFrame, old: pl.DataFrame) -> pl.DataFrame:
    """Keep observations that are not later than what is known; return them with their flags."""
    made = []
    for row, before, seen in _met(connection, kind, rows, old):
        mine = observation(kind, row)
        known = any(other.order == mine.order for other in seen)
        changed = moved = False
        if row["carried"] and not known:
            after = fold(kind, sorted([*seen, mine], key=lambda o: o.order))
            stamps = [before[name] for name in ("first_seen_at", "changed_at", "reading")]
            changed = _changes_at(after.steps, mine) > 0
            moved = _replace(connection, kind, before, after)
            _sight(connection, kind, before, mine)
            moved = moved or stamps != [
                before[name] for name in ("first_seen_at", "changed_at", "reading")
            ]
        made.append(
            {name: row[name] for name in ("id", "run", "query", "capture_id", "item", "at")}
            | {"new": False, "changed": changed, "moved": moved, "reopened": False}
        )
    schema = {
        name: rows.schema[name] for name in ("id", "run", "query", "capture_id", "item", "at")
    }
    flags: dict[str, pl.DataType] = dict.fromkeys(FLAGS, pl.Boolean())
    return pl.DataFrame(made, schema=schema | flags)


def reread(
    connection: Connection, kind: Kind, rows: pl.DataFrame, old: pl.DataFrame, *, write: bool
) -> list[Move]:
    """Put today's readings in the place of yesterday's; return how the rows changed.

    Sightings stay as they are, the site's history is told in today's readings, and each field
    whose current value changed gets a line marked ``reread``.
    """
    found: list[Move] = []
    for row, before, seen in _met(connection, kind, rows, old):
        mine = observation(kind, row)
        was = next((other for other in seen if other.order == mine.order), None)
        if was is None or was == mine:
            continue  # not shown by this capture before (the ordinary road), or read as it was
        again = [mine if other is was else other for other in seen]
        after = fold(kind, again)
        _keep_best_posted(after, mine, before, [other for other in seen if other is not was])
        moves: list[Move] = [
            (row["id"], iso(row["at"]), row["capture_id"], name,
             json_text(before[name]), json_text(after.values[name]), "reread")
            for name in after.values
            if after.values[name] != before[name]
        ]  # fmt: skip
        if write:
            _replace(connection, kind, before, after)
            insert(connection, changes, MOVE_COLUMNS, moves)
            connection.exec_driver_sql(
                "UPDATE sightings SET carried = ?, reading = ?"
                " WHERE listing_id = ? AND at = ? AND capture_id = ?",
                (mine.carried, mine.reading, row["id"], iso(mine.at), mine.capture_id),
            )
        found += moves
    return found


def observation(kind: Kind, row: Mapping[str, Any]) -> Observation:
    """Return a refined row as an observation."""
    carried = row["carried"]
    values = {f.name: row[f.name] for f in kind.values if kind.masks[f.name] & carried}
    return Observation(
        at=row["at"], capture_id=row["capture_id"], carried=carried, reading=row["reading"],
        values=values,
    )  # fmt: skip


def _keep_best_posted(
    after: Folded, mine: Observation, before: Mapping[str, Any], others: Sequence[Observation]
) -> None:
    # What earlier observations said of the date is not kept apart: their best is the row's. A
    # single observation speaks for itself; among several, today's reading replaces the row's
    # date only where it came from this capture's own words.
    if "posted_at" not in mine.values:
        return
    if others and before["posted_raw"] != mine.values["posted_raw"]:
        return
    if not any(_same_moment(mine, other, before) for other in others):
        after.values.update({name: mine.values[name] for name in POSTED if name in mine.values})


def _same_moment(mine: Observation, other: Observation, before: Mapping[str, Any]) -> bool:
    """Whether *other*'s reading of the same relative words ("3 days ago") explains the row's."""
    now, was = mine.values["posted_at"], before["posted_at"]
    unit = _UNITS.get(before["posted_precision"])
    if now is None or was is None or unit is None or "posted_at" not in other.values:
        return False
    return bool(abs((now - was) - (mine.at - other.at)) <= unit)


_UNITS = {
    "second": timedelta(seconds=1), "minute": timedelta(minutes=1), "hour": timedelta(hours=1),
    "day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=31),
    "year": timedelta(days=366),
}  # fmt: skip


def _met(
    connection: Connection, kind: Kind, rows: pl.DataFrame, old: pl.DataFrame
) -> list[tuple[dict[str, Any], dict[str, Any], list[Observation]]]:
    """Return each row with the stored row it meets and the observations that row is made of."""
    ids = rows["id"].to_list()
    before = {row["id"]: row for row in old.iter_rows(named=True)}
    seen: dict[str, list[tuple[datetime, str, int, str]]] = {}
    for listing, at, capture, carried, reading in select_in(
        connection,
        "SELECT listing_id, at, capture_id, carried, reading FROM sightings "
        "WHERE listing_id IN ({ids})",
        ids,
    ):
        seen.setdefault(listing, []).append((_instant(at), capture, carried, reading))
    steps: dict[str, list[Step]] = {}
    for listing, at, capture, name, old_text, new_text, cause in select_in(
        connection,
        "SELECT listing_id, at, capture_id, field, old, new, cause FROM changes "
        "WHERE listing_id IN ({ids}) ORDER BY number",
        ids,
    ):
        if cause in UNDONE:
            field = kind[name]
            steps.setdefault(listing, []).append(
                Step(_instant(at), capture, name, of_json(field, old_text),
                     of_json(field, new_text), cause)
            )  # fmt: skip
    return [
        (row, before[row["id"]],
         unfold(kind, before[row["id"]], seen.get(row["id"], ()), steps.get(row["id"], ())))
        for row in rows.iter_rows(named=True)
        if row["id"] in before
    ]  # fmt: skip


def _replace(connection: Connection, kind: Kind, before: dict[str, Any], after: Folded) -> bool:
    """Write the folded row and its history; return whether a visible value moved."""
    moved = any(
        after.values[name] != before[name] for name in after.values if not kind[name].volatile
    )
    connection.exec_driver_sql(
        "DELETE FROM changes WHERE listing_id = ? AND cause IN ('site', 'fill', 'drift')",
        (before["id"],),
    )
    insert(
        connection, changes, MOVE_COLUMNS,
        [
            (before["id"], iso(s.at), s.capture_id, s.field, json_text(s.old), json_text(s.new),
             s.cause)
            for s in after.steps
        ],
    )  # fmt: skip
    before |= after.values
    before |= {
        "carried": after.carried, "reading": after.reading, "changed_at": after.changed_at,
    }  # fmt: skip
    _write(connection, kind, before)
    return moved


def _sight(connection: Connection, kind: Kind, before: dict[str, Any], mine: Observation) -> None:
    insert(
        connection, sightings, ("listing_id", "at", "capture_id", "carried", "reading"),
        [(before["id"], iso(mine.at), mine.capture_id, mine.carried, mine.reading)], or_="IGNORE",
    )  # fmt: skip
    if mine.at < before["first_seen_at"]:
        before["first_seen_at"] = mine.at
        _write(connection, kind, before)


def _write(connection: Connection, kind: Kind, row: dict[str, Any]) -> None:
    schema = stored_schema(kind) | STATE_SCHEMA
    frame = pl.DataFrame([{name: row[name] for name in schema}], schema=schema)
    write_listings(connection, kind, to_rows(frame, kind.stored, tuple(STATE_SCHEMA)))


def _changes_at(steps: Sequence[Step], mine: Observation) -> int:
    return sum(step.cause == "site" and (step.at, step.capture_id) == mine.order for step in steps)


def _instant(text: str) -> datetime:
    at = instant(text)
    if at is None:
        raise ValueError("a sighting without a time")
    return at
