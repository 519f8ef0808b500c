"""How each source stands: last run, last success, what it lists, how full its fields are."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from statistics import median
from typing import Any, Final

import msgspec
import polars as pl
from sqlalchemy import Connection

from vigie.model.fields import Kind
from vigie.model.identity import run_started
from vigie.model.kinds import KINDS
from vigie.model.watch import IMPORTS
from vigie.store.coverage import RECENT_VISITS, lateness
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
USUAL_RUNS: Final = 7
"""Runs whose median is what is usually found."""
GOOD: Final = ("ok", "empty")
_ROWS: Final = 64
RUN, STATE, WHY, HELD, STARTED, _ENDED, FOUND = range(7)
"""Places in a row of a run."""


def standing(connection: Connection) -> pl.DataFrame:
    """Return what is known of every source that was ever asked, or brought in by files.

    Its state is its collections': files say nothing of how a site is.
    """
    listed: dict[str, dict[str, Any]] = {}
    for kind in KINDS.values():
        for row in _fills(connection, kind):
            listed[row["source"]] = row
    histories = [_history(connection, source) for source in _visited(connection)]
    newest = max((one.newest for one in histories if one.newest), default=None)
    by_source = {one.source: one for one in histories}
    made = []
    for source in sorted({*listed, *by_source}):
        history = by_source.get(source) or _History(source)
        last, facts = history.last, listed.get(source, {})
        state, why = _state(last), next((row[WHY] for row in last if row[WHY]), None)
        if state in GOOD and (told := _late(history.starts, newest)):
            state, why = "late", told
        made.append({
            "source": source,
            "kind": facts.get("kind"),
            "state": state,
            "why": why,
            "held": next((row[HELD] for row in last if row[HELD]), None),
            "last_run": last[0][RUN] if last else None,
            "last_run_at": history.starts[-1] if last else None,
            "last_success_at": history.succeeded,
            "found_last": sum(row[FOUND] for row in last) if last else None,
            "found_usual": history.usual,
            "open": facts.get("open", 0),
            "total": facts.get("total", 0),
            **_imported(history.imports),
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


class _History(msgspec.Struct):
    """Of a source's runs, no more than is looked at: there may be years of them."""

    source: str
    last: Sequence[Any] = ()
    """The rows of its last run."""
    starts: Sequence[datetime] = ()
    """When its last visits began, oldest first."""
    newest: datetime | None = None
    """The end, or else the start, of what was last asked of it."""
    succeeded: datetime | None = None
    usual: float | None = None
    """Median found of the runs before the last that went well."""
    imports: Sequence[Any] = ()


def _visited(connection: Connection) -> Iterator[str]:
    """Yield the sources that have runs: a look into the index for each."""
    source: str | None = ""
    while True:
        sql = "SELECT MIN(source) FROM runs WHERE source > ?"
        source = connection.exec_driver_sql(sql, (source,)).scalar()
        if source is None:
            return
        yield source


def _history(connection: Connection, source: str) -> _History:
    def ask(sql: str, *values: Any) -> list[Any]:
        return list(connection.exec_driver_sql(sql, values).fetchall())

    names = "run, state, why, held, started_at, ended_at, found"
    imports = ask(f"SELECT {names} FROM runs WHERE source = ? AND watch = ?", source, IMPORTS)
    mine = "FROM runs WHERE source = ? AND watch <> ?"
    latest = "ORDER BY started_at DESC, run DESC"
    newest = ask(f"SELECT run {mine} {latest} LIMIT 1", source, IMPORTS)
    if not newest:
        return _History(source, imports=imports)
    run = newest[0][0]
    starts = ask(
        f"SELECT DISTINCT started_at {mine} ORDER BY started_at DESC LIMIT ?",
        source, IMPORTS, RECENT_VISITS,
    )  # fmt: skip
    last = ask(
        f"SELECT {names} {mine} AND run = ? ORDER BY started_at, watch, query", source, IMPORTS, run
    )
    good = f"{mine} AND state IN ('ok', 'empty')"
    well = ask(
        f"SELECT COALESCE(ended_at, started_at) {good} AND held IS NULL AND started_at >= ?",
        source, IMPORTS, starts[-1][0],
    ) or ask(
        f"SELECT MAX(COALESCE(ended_at, started_at)) {good} AND held IS NULL", source, IMPORTS
    )  # fmt: skip
    ends = ask(
        f"SELECT MAX(COALESCE(ended_at, started_at)) {mine} AND started_at >= ?",
        source, IMPORTS, starts[-1][0],
    )  # fmt: skip
    return _History(
        source, last, [at for row in reversed(starts) if (at := instant(row[0]))],
        instant(ends[0][0]), instant(max((row[0] for row in well if row[0]), default=None)),
        _usual(ask, good, source, run), imports,
    )  # fmt: skip


def _state(rows: Sequence[Any]) -> str:
    """Return the state of a source from the rows of its last run; empty queries beside full
    ones are no alarm."""
    if not rows:
        return "not_scheduled"
    states = [row[STATE] for row in rows]
    if "ok" in states:
        states = [state for state in states if state != "empty"]
    return str(worst(states))


def _imported(rows: Sequence[Any]) -> dict[str, Any]:
    """Return which import was the last, when it was made, what it found and what was wrong."""
    if not rows:
        return dict.fromkeys(("imported_run", "imported_at", "imported_found", "imported_why"))
    # A run's id begins with the second it was made in; files may be said to be much older.
    run = max(rows, key=lambda row: (row[RUN][:20], row[STARTED]))[RUN]
    last = [row for row in rows if row[RUN] == run]
    return {
        "imported_run": run,
        "imported_at": run_started(run) or instant(last[0][STARTED]),
        "imported_found": sum(row[FOUND] for row in last),
        "imported_why": next((row[WHY] for row in last if row[WHY]), None),
    }


def _late(starts: Sequence[datetime], newest: datetime | None) -> str | None:
    """Say how late the source is, judged against the instance's newest run; None when it is not."""
    told = lateness(starts, newest) if newest is not None else None
    if told is None:
        return None
    waited, usual = (part.total_seconds() / 3600 for part in told)
    return f"last visited {waited:.0f} h ago, usually every {usual:.0f} h"


def _usual(ask: Callable[..., list[Any]], good: str, source: str, last_run: str) -> float | None:
    """Return the median found of the earlier ended runs; None when there is none."""
    runs: list[str] = []
    rows = _ROWS
    while True:  # a run has as many rows as the source has queries
        latest = ask(
            f"SELECT run {good} AND run <> ? ORDER BY started_at DESC, run DESC LIMIT ?",
            source, IMPORTS, last_run, rows,
        )  # fmt: skip
        runs = list(dict.fromkeys(row[0] for row in latest))
        if len(runs) > USUAL_RUNS or len(latest) < rows:
            break
        rows *= 8
    runs = runs[:USUAL_RUNS]
    marks = ", ".join("?" * len(runs))
    found = ask(
        f"SELECT SUM(found) {good} AND run IN ({marks}) GROUP BY run", source, IMPORTS, *runs
    ) if runs else []  # fmt: skip
    return float(median(int(row[0]) for row in found)) if found else None


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
