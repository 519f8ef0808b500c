"""How each source stands: last run, last success, what it lists, how full its fields are."""

import json
from collections.abc import Sequence
from datetime import datetime
from statistics import median
from typing import Any, Final

import polars as pl
from sqlalchemy import Connection

from vigie.model.fields import Kind
from vigie.model.identity import run_started
from vigie.model.kinds import KINDS
from vigie.model.watch import IMPORTS
from vigie.store.coverage import lateness
from vigie.store.judge import worst
from vigie.store.rows import instant

FILL_FIELDS: Final = {
    "job": ("title", "company", "text", "place_city", "place_dep", "posted_at", "contract",
            "pay_year_min"),
    "ad": ("title", "price", "place_city", "category", "posted_at", "images"),
    "post": ("text", "posted_at", "lang"),
    "figure": ("area_code", "value"),
}  # fmt: skip
"""Per kind, the fields whose fill rate says whether a source still reads well."""


def edition(connection: Connection) -> int:
    """Return a number that grows with every page and change of the feed."""
    pages = connection.exec_driver_sql("SELECT MAX(number) FROM pages").scalar() or 0
    feed = connection.exec_driver_sql("SELECT value FROM counters WHERE name = 'feed'").scalar()
    ended = connection.exec_driver_sql(
        "SELECT COUNT(*) FROM runs WHERE ended_at IS NOT NULL"
    ).scalar()
    return int(pages) + int(feed or 0) + int(ended or 0)


def standing(connection: Connection) -> pl.DataFrame:
    """Return what is known of every source that was ever asked, or brought in by files.

    Its state is its collections': files say nothing of how a site is.
    """
    listed: dict[str, dict[str, Any]] = {}
    for kind in KINDS.values():
        for row in _fills(connection, kind):
            listed[row["source"]] = row
    latest: list[Any] = list(
        connection.exec_driver_sql(
            "SELECT source, run, state, why, held, started_at, ended_at, found, pages, failures,"
            " watch FROM runs ORDER BY started_at, run"
        ).fetchall()
    )
    by_source: dict[str, list[Any]] = {}
    imports: dict[str, list[Any]] = {}
    for row in latest:
        (imports if row[10] == IMPORTS else by_source).setdefault(row[0], []).append(row)
    visits = (row for rows in by_source.values() for row in rows)
    newest = instant(max((row[6] or row[5] for row in visits), default=None))
    made = []
    for source in sorted({*listed, *by_source, *imports}):
        rows = by_source.get(source, [])
        last_run = rows[-1][1] if rows else None
        last = [row for row in rows if row[1] == last_run]
        good = [row for row in rows if row[2] in ("ok", "empty") and row[4] is None]
        facts = listed.get(source, {})
        state, why = _state(last), next((row[3] for row in last if row[3]), None)
        if state in ("ok", "empty") and (told := _late(rows, newest)):
            state, why = "late", told
        made.append({
            "source": source,
            "kind": facts.get("kind"),
            "state": state,
            "why": why,
            "held": next((row[4] for row in last if row[4]), None),
            "last_run": last_run,
            "last_run_at": instant(rows[-1][5]) if rows else None,
            "last_success_at": instant(max((r[6] or r[5] for r in good), default=None)),
            "found_last": sum(row[7] for row in last) if last else None,
            "found_usual": _usual(rows, last_run),
            "open": facts.get("open", 0),
            "total": facts.get("total", 0),
            **_imported(imports.get(source, [])),
            "fill_rates": json.dumps(facts.get("fill", {})),
        })  # fmt: skip
    schema = {
        "source": pl.String(), "kind": pl.String(), "state": pl.String(), "why": pl.String(),
        "held": pl.String(), "last_run": pl.String(), "last_run_at": pl.Datetime("ms", "UTC"),
        "last_success_at": pl.Datetime("ms", "UTC"), "found_last": pl.Int64(),
        "found_usual": pl.Float64(), "open": pl.Int64(), "total": pl.Int64(),
        "imported_run": pl.String(), "imported_at": pl.Datetime("ms", "UTC"),
        "imported_found": pl.Int64(), "imported_why": pl.String(),
        "fill_rates": pl.String(),
    }  # fmt: skip
    return pl.DataFrame(made, schema=schema)


def _state(rows: Sequence[Any]) -> str:
    """Return the state of a source from the rows of its last run; empty queries beside full
    ones are no alarm."""
    if not rows:
        return "not_scheduled"
    states = [row[2] for row in rows]
    if "ok" in states:
        states = [state for state in states if state != "empty"]
    return str(worst(states))


def _imported(rows: Sequence[Any]) -> dict[str, Any]:
    """Return which import was the last, when it was made, what it found and what was wrong."""
    if not rows:
        return dict.fromkeys(("imported_run", "imported_at", "imported_found", "imported_why"))
    # A run's id begins with the second it was made in; files may be said to be much older.
    run = max(rows, key=lambda row: (row[1][:20], row[5]))[1]
    last = [row for row in rows if row[1] == run]
    return {
        "imported_run": run,
        "imported_at": run_started(run) or instant(last[0][5]),
        "imported_found": sum(row[7] for row in last),
        "imported_why": next((row[3] for row in last if row[3]), None),
    }


def _late(rows: Sequence[Any], newest: datetime | None) -> str | None:
    """Say how late the source is, judged against the instance's newest run; None when it is not."""
    starts = sorted({at for row in rows if (at := instant(row[5])) is not None})
    told = lateness(starts, newest) if newest is not None else None
    if told is None:
        return None
    waited, usual = (part.total_seconds() / 3600 for part in told)
    return f"last visited {waited:.0f} h ago, usually every {usual:.0f} h"


def _usual(rows: Sequence[Any], last_run: str | None) -> float | None:
    """Return the median found of the earlier ended runs; None when there is none."""
    found: dict[str, int] = {}
    for row in rows:
        if row[1] != last_run and row[2] in ("ok", "empty"):
            found[row[1]] = found.get(row[1], 0) + row[7]
    return float(median(list(found.values())[-7:])) if found else None


def _fills(connection: Connection, kind: Kind) -> list[dict[str, Any]]:
    names = FILL_FIELDS[kind.name]
    sums = ", ".join(f'COUNT("{name}")' for name in names)
    rows = connection.exec_driver_sql(
        f"SELECT source, COUNT(*), COUNT(CASE WHEN status = 'open' THEN 1 END), {sums}"
        f' FROM "{kind.name}" GROUP BY source'
    ).fetchall()
    return [
        {"source": source, "kind": kind.name, "total": total, "open": still,
         "fill": {n: round(c / total, 4) for n, c in zip(names, filled, strict=True)}}
        for source, total, still, *filled in rows
    ]  # fmt: skip
