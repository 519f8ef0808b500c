"""Reading the store: rows, history, runs, coverage, sources, quarantine."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any, Final

import polars as pl
from sqlalchemy import Connection

from vigie.model.fields import Kind
from vigie.model.frames import PAGES, stored_schema
from vigie.model.kinds import KINDS
from vigie.store.bulk import read_listings, select_in
from vigie.store.database import Database
from vigie.store.judge import worst
from vigie.store.rows import instant, instants, iso
from vigie.store.tables import FATE_COLUMNS

_CAUSES: Final = {"drift": "reread"}
RUN_COLUMNS: Final = (
    "run", "source", "watch", "query", "started_at", "last_at", "ended_at", "scan", "state", "why",
    "held", "misses", "announced", "pages", "failures", "found", *FATE_COLUMNS, "closed",
    "reopened",
)  # fmt: skip
_INSTANTS: Final = frozenset({"started_at", "last_at", "ended_at", "at"})
_TEXTS: Final = frozenset({"run", "source", "watch", "query", "scan", "state", "why", "held"})

LATE_FACTOR: Final = 2
"""Usual pauses without a visit after which a source is late."""

FILL_FIELDS: Final = {
    "job": ("title", "company", "text", "place_city", "place_dep", "posted_at", "contract",
            "pay_year_min"),
    "ad": ("title", "price", "place_city", "category", "posted_at", "images"),
    "post": ("text", "posted_at", "lang"),
    "figure": ("area_code", "value"),
}  # fmt: skip
"""Per kind, the fields whose fill rate says whether a source still reads well."""


class SqlShelf:
    """A `vigie.contracts.Shelf`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._facts: tuple[int, pl.DataFrame] | None = None

    def get(self, kind: str, ids: Sequence[str]) -> pl.DataFrame:
        shape = KINDS[kind]
        with self._database.reading() as connection:
            found = read_listings(connection, shape, list(dict.fromkeys(ids)))
        order = pl.DataFrame({"id": list(ids)}, schema={"id": pl.String()})
        joined = order.join(found, on="id", how="inner", maintain_order="left")
        return joined.select(list(stored_schema(shape)))

    def find(self, listing_id: str) -> str | None:
        """Return the kind of a listing; None when it is unknown."""
        with self._database.reading() as connection:
            for kind in KINDS:
                sql = f'SELECT 1 FROM "{kind}" WHERE id = ?'
                if connection.exec_driver_sql(sql, (listing_id,)).scalar():
                    return kind
        return None

    def history(self, listing_id: str) -> pl.DataFrame:
        rows = self._all(
            "SELECT at, field, old, new, cause, capture_id FROM changes WHERE listing_id = ?"
            " AND cause <> 'fill' ORDER BY at, number",
            listing_id,
        )
        told = [(at, field, old, new, _CAUSES.get(cause, cause), capture)
                for at, field, old, new, cause, capture in rows]  # fmt: skip
        names = ("at", "field", "old", "new", "cause", "capture_id")
        return _frame(told, dict.fromkeys(names, pl.String()))

    def sightings(self, listing_id: str) -> pl.DataFrame:
        """Return at, capture_id and reading of every sighting, oldest first."""
        rows = self._all(
            "SELECT at, capture_id, reading FROM sightings WHERE listing_id = ?"
            " ORDER BY at, capture_id",
            listing_id,
        )
        return _frame(rows, dict.fromkeys(("at", "capture_id", "reading"), pl.String()))

    def members(self, clusters: Sequence[str]) -> pl.DataFrame:
        with self._database.reading() as connection:
            rows = [
                (*row, kind)
                for kind in KINDS
                for row in select_in(
                    connection,
                    f'SELECT cluster, id, source FROM "{kind}" WHERE cluster IN ({{ids}})',
                    list(clusters),
                )
            ]
        return _frame(sorted(rows), dict.fromkeys(("cluster", "id", "source", "kind"), pl.String()))

    def clusters(self, clusters: Sequence[str]) -> Mapping[str, pl.DataFrame]:
        """Return all rows of the clusters, by kind."""
        found: dict[str, pl.DataFrame] = {}
        with self._database.reading() as connection:
            for kind in KINDS.values():
                sql = f'SELECT id FROM "{kind.name}" WHERE cluster IN ({{ids}})'
                ids = [row[0] for row in select_in(connection, sql, list(clusters))]
                if ids:
                    rows = read_listings(connection, kind, ids)
                    found[kind.name] = rows.select(list(stored_schema(kind))).sort("id")
        return found

    def coverage(self, since: datetime, until: datetime) -> pl.DataFrame:
        rows = self._all(
            "SELECT source, watch, query, substr(at, 1, 13) || ':00:00.000Z' AS hour, state,"
            " COUNT(*), SUM(found), "
            + ", ".join(f"SUM({name})" for name in FATE_COLUMNS)
            + " FROM pages WHERE at >= ? AND at < ? GROUP BY 1, 2, 3, 4, 5 ORDER BY 4, 1, 2, 3",
            iso(since), iso(until),
        )  # fmt: skip
        names = ("source", "watch", "query", "at", "state", "pages", "found", *FATE_COLUMNS)
        frame = _frame(rows, _schema(names))
        return (
            frame.group_by("source", "watch", "query", "at", maintain_order=True)
            .agg(
                pl.col("state").map_elements(
                    lambda states: str(worst(states.to_list())), return_dtype=pl.String()
                ),
                *(pl.col(name).sum() for name in ("pages", "found", *FATE_COLUMNS)),
            )
            .rename({"at": "hour"})
        )

    def runs(self, limit: int, before: str | None = None) -> pl.DataFrame:
        columns = ", ".join(f'"{name}"' for name in RUN_COLUMNS)
        where = "WHERE run < ?" if before else ""
        rows = self._all(
            f"SELECT {columns} FROM runs {where} ORDER BY started_at DESC, run DESC, source, query"
            " LIMIT ?",
            *([before] if before else []), limit,
        )  # fmt: skip
        return _frame(rows, _schema(RUN_COLUMNS))

    def run(self, run: str) -> pl.DataFrame:
        """Return the rows of one run, one per source, watch and query."""
        columns = ", ".join(f'"{name}"' for name in RUN_COLUMNS)
        sql = f"SELECT {columns} FROM runs WHERE run = ? ORDER BY source, watch, query"
        return _frame(self._all(sql, run), _schema(RUN_COLUMNS))

    def categories(self, run: str) -> pl.DataFrame:
        """Return source, category and how many listings of the run were last seen by it."""
        rows = self._all(
            "SELECT s.source, l.category, COUNT(*) FROM scope_members m"
            " JOIN scopes s ON s.number = m.scope JOIN ad l ON l.id = m.listing_id"
            " WHERE m.last_run = ? GROUP BY 1, 2 UNION ALL"
            " SELECT s.source, COALESCE(l.occupation_raw, l.contract), COUNT(*)"
            " FROM scope_members m JOIN scopes s ON s.number = m.scope"
            " JOIN job l ON l.id = m.listing_id WHERE m.last_run = ? GROUP BY 1, 2"
            " ORDER BY 1, 3 DESC, 2",
            run, run,
        )  # fmt: skip
        schema = {"source": pl.String(), "category": pl.String(), "listings": pl.Int64()}
        return _frame(rows, schema)

    def pages(self, run: str) -> pl.DataFrame:
        names = (*PAGES, *FATE_COLUMNS)
        columns = ", ".join(f'"{name}"' for name in names)
        sql = f"SELECT {columns} FROM pages WHERE run = ? ORDER BY number"
        schema = {
            name: pl.String() if name == "at" else PAGES.get(name, pl.Int64()) for name in names
        }
        return _frame(self._all(sql, run), schema)

    def captured_at(self, capture_id: str) -> datetime | None:
        """Return the time of a capture that was processed; None when it is unknown."""
        sql = "SELECT MIN(at) FROM pages WHERE capture_id = ?"
        return instant(self._all(sql, capture_id)[0][0])

    def quarantine(self, limit: int, source: str | None = None) -> pl.DataFrame:
        names = ("at", "run", "source", "kind", "capture_id", "item", "native_id", "fate",
                 "reason", "detail")  # fmt: skip
        where = "WHERE source = ?" if source else ""
        sql = f"SELECT {', '.join(names)} FROM quarantine {where} ORDER BY number DESC LIMIT ?"
        schema = {n: pl.Int64() if n == "item" else pl.String() for n in names}
        return _frame(self._all(sql, *([source] if source else []), limit), schema)

    def alarms(self, source: str | None = None, *, every: bool = False) -> pl.DataFrame:
        names = ("at", "source", "run", "watch", "query", "alarm", "field", "expected", "seen",
                 "capture_id", "pages", "status")  # fmt: skip
        where = "WHERE source = ?" if source else "WHERE source <> ?"
        only = "" if every else "AND status = 'open'"
        sql = f"SELECT {', '.join(names)} FROM alarms {where} {only} ORDER BY at DESC, alarm, field"
        schema = {n: pl.Int64() if n == "pages" else pl.String() for n in names}
        return _frame(self._all(sql, source or ""), schema)

    def counts(self, kind: str) -> Mapping[str, int]:
        with self._database.reading() as connection:
            sql = f'SELECT status, COUNT(*) FROM "{kind}" GROUP BY status'
            by_status = {row[0]: row[1] for row in connection.exec_driver_sql(sql)}
            newest = instant(
                connection.exec_driver_sql(f'SELECT MAX(last_seen_at) FROM "{kind}"').scalar()
            )
            fresh = 0
            if newest is not None:
                since = iso(newest - timedelta(hours=24))
                sql = f'SELECT COUNT(*) FROM "{kind}" WHERE first_seen_at >= ?'
                fresh = int(connection.exec_driver_sql(sql, (since,)).scalar() or 0)
        return {"open": by_status.get("open", 0), "closed": by_status.get("closed", 0),
                "new_24h": fresh}  # fmt: skip

    def sources(self) -> pl.DataFrame:
        with self._database.reading() as connection:
            version = _version(connection)
            if self._facts is None or self._facts[0] != version:
                self._facts = (version, _sources(connection))
            return self._facts[1]

    def _all(self, sql: str, *values: Any) -> list[Any]:
        with self._database.reading() as connection:
            return list(connection.exec_driver_sql(sql, values).fetchall())


def _version(connection: Connection) -> int:
    """Return a number that grows with every page and change of the feed."""
    pages = connection.exec_driver_sql("SELECT MAX(number) FROM pages").scalar() or 0
    feed = connection.exec_driver_sql("SELECT value FROM counters WHERE name = 'feed'").scalar()
    ended = connection.exec_driver_sql(
        "SELECT COUNT(*) FROM runs WHERE ended_at IS NOT NULL"
    ).scalar()
    return int(pages) + int(feed or 0) + int(ended or 0)


def _sources(connection: Connection) -> pl.DataFrame:
    listed: dict[str, dict[str, Any]] = {}
    for kind in KINDS.values():
        for row in _fills(connection, kind):
            listed[row["source"]] = row
    latest: list[Any] = list(
        connection.exec_driver_sql(
            "SELECT source, run, state, why, held, started_at, ended_at, found, pages, failures"
            " FROM runs ORDER BY started_at, run"
        ).fetchall()
    )
    by_source: dict[str, list[Any]] = {}
    for row in latest:
        by_source.setdefault(row[0], []).append(row)
    newest = instant(max((row[6] or row[5] for row in latest), default=None))
    made = []
    for source in sorted({*listed, *by_source}):
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
            "fill_rates": json.dumps(facts.get("fill", {})),
        })  # fmt: skip
    schema = {
        "source": pl.String(), "kind": pl.String(), "state": pl.String(), "why": pl.String(),
        "held": pl.String(), "last_run": pl.String(), "last_run_at": pl.Datetime("ms", "UTC"),
        "last_success_at": pl.Datetime("ms", "UTC"), "found_last": pl.Int64(),
        "found_usual": pl.Float64(), "open": pl.Int64(), "total": pl.Int64(),
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


def _late(rows: Sequence[Any], newest: datetime | None) -> str | None:
    """Say how late the source is: not visited for twice its usual pause; None when it is not.

    Judged against the instance's newest run, and only after three visits: before, there is
    nothing usual.
    """
    starts = sorted({at for row in rows if (at := instant(row[5])) is not None})
    pauses = [(b - a).total_seconds() for a, b in pairwise(starts)]
    if newest is None or len(pauses) < 2:
        return None
    usual, waited = median(pauses), (newest - starts[-1]).total_seconds()
    if waited <= LATE_FACTOR * usual:
        return None
    return f"last visited {waited / 3600:.0f} h ago, usually every {usual / 3600:.0f} h"


def _usual(rows: Sequence[Any], last_run: str | None) -> float | None:
    """Return the median found of the earlier ended runs; None when there is none."""
    found: dict[str, int] = {}
    for row in rows:
        if row[1] != last_run and row[2] in ("ok", "empty"):
            found[row[1]] = found.get(row[1], 0) + row[7]
    return float(median(list(found.values())[-7:])) if found else None


def _fills(connection: Connection, kind: Kind) -> list[dict[str, Any]]:
    names = FILL_FIELDS[kind.name]
    sums = ", ".join(f'SUM("{name}" IS NOT NULL)' for name in names)
    rows = connection.exec_driver_sql(
        f"SELECT source, COUNT(*), SUM(status = 'open'), {sums}"
        f' FROM "{kind.name}" GROUP BY source'
    ).fetchall()
    return [
        {"source": source, "kind": kind.name, "total": total, "open": still,
         "fill": {n: round(c / total, 4) for n, c in zip(names, filled, strict=True)}}
        for source, total, still, *filled in rows
    ]  # fmt: skip


def _schema(names: Sequence[str]) -> dict[str, pl.DataType]:
    return {
        name: pl.String() if name in _TEXTS or name in _INSTANTS else pl.Int64() for name in names
    }


def _frame(rows: Sequence[Any], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    frame = pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")
    return frame.with_columns(instants(*(name for name in schema if name in _INSTANTS)))
