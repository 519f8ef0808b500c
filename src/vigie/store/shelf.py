"""Reading the store: rows, history, runs, coverage, sources, quarantine."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl

from vigie.model.frames import PAGES, stored_schema
from vigie.model.kinds import KINDS
from vigie.store.bulk import read_columns, select_in
from vigie.store.coverage import coverage
from vigie.store.database import Database
from vigie.store.feed import edition
from vigie.store.rows import instant, instants, iso
from vigie.store.standing import standing
from vigie.store.storable import NAMES, fitted
from vigie.store.tables import FATE_COLUMNS

_CAUSES: Final = {"drift": "reread"}
RUN_COLUMNS: Final = (
    "run", "source", "watch", "query", "started_at", "last_at", "ended_at", "scan", "state", "why",
    "held", "misses", "announced", "pages", "failures", "found", *FATE_COLUMNS, "closed",
    "reopened",
)  # fmt: skip
_INSTANTS: Final = frozenset({"started_at", "last_at", "ended_at", "at"})
_TEXTS: Final = frozenset({"run", "source", "watch", "query", "scan", "state", "why", "held"})


MOST_ALARMS: Final = 1000
"""Of the newest; a broken site raises a few a run."""


class SqlShelf:
    """A `vigie.contracts.Shelf`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._facts: tuple[int, pl.DataFrame] | None = None

    def get(
        self, kind: str, ids: Sequence[str], columns: Collection[str] | None = None
    ) -> pl.DataFrame:
        shape = KINDS[kind]
        names = [name for name in stored_schema(shape) if columns is None or name in columns]
        with self._database.reading() as connection:
            found = read_columns(connection, shape, list(dict.fromkeys(ids)), {"id", *names})
        order = pl.DataFrame({"id": list(ids)}, schema={"id": pl.String()})
        return order.join(found, on="id", how="inner", maintain_order="left").select(names)

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
                    rows = read_columns(connection, kind, ids, stored_schema(kind))
                    found[kind.name] = rows.sort("id")
        return found

    def coverage(self, since: datetime, until: datetime) -> pl.DataFrame:
        with self._database.reading() as connection:
            return coverage(connection, since, until)

    def runs(self, limit: int, before: str | None = None) -> pl.DataFrame:
        # An id begins with the second in which the run was made; an import's files are older.
        columns = ", ".join(f'"{name}"' for name in RUN_COLUMNS)
        where = "WHERE run < ?" if before else ""
        rows = self._all(
            f"SELECT {columns} FROM runs {where} ORDER BY run DESC, source, watch, query LIMIT ?",
            *([before] if before else []), limit,
        )  # fmt: skip
        return _frame(rows, _schema(RUN_COLUMNS))

    def run(self, run: str) -> pl.DataFrame:
        """Return the rows of one run, one per source, watch and query."""
        columns = ", ".join(f'"{name}"' for name in RUN_COLUMNS)
        sql = f"SELECT {columns} FROM runs WHERE run = ? ORDER BY source, watch, query"
        return _frame(self._all(sql, run), _schema(RUN_COLUMNS))

    def last_runs(self, watch: str) -> pl.DataFrame:
        """Return the last run of every source and query of a watch, as `runs` tells it."""
        columns = ", ".join(f'r."{name}"' for name in RUN_COLUMNS)
        rows = self._all(
            f"SELECT {columns} FROM runs r JOIN (SELECT source, query, MAX(run) AS newest"
            " FROM runs WHERE watch = ? GROUP BY source, query) n ON n.source = r.source"
            " AND n.query = r.query AND n.newest = r.run WHERE r.watch = ?"
            " ORDER BY r.source, r.query",
            *[fitted(watch, NAMES["watch"])] * 2,
        )  # fmt: skip
        return _frame(rows, _schema(RUN_COLUMNS))

    def found_by(self, watch: str) -> pl.DataFrame:
        """Return every listing that a watch ever found: id, source, query and the run of that
        query which saw it last."""
        rows = self._all(
            "SELECT m.listing_id, s.source, s.query, m.last_run FROM scope_members m"
            " JOIN scopes s ON s.number = m.scope WHERE s.watch = ?"
            " ORDER BY m.listing_id, s.source, s.query",
            fitted(watch, NAMES["watch"]),
        )
        names = ("id", "source", "query", "run")
        return _frame(rows, dict.fromkeys(names, pl.String()))

    def categories(self, run: str) -> pl.DataFrame:
        """Return source, category and how many listings of the run were last seen by it."""
        rows = self._all(
            "SELECT s.source, l.category, COUNT(*) FROM scope_members m"
            " JOIN scopes s ON s.number = m.scope JOIN ad l ON l.id = m.listing_id"
            " WHERE m.last_run = ? GROUP BY 1, 2 UNION ALL"
            " SELECT s.source, COALESCE(l.occupation_raw, l.contract), COUNT(*)"
            " FROM scope_members m JOIN scopes s ON s.number = m.scope"
            " JOIN job l ON l.id = m.listing_id WHERE m.last_run = ? GROUP BY 1, 2",
            run, run,
        )  # fmt: skip
        schema = {"source": pl.String(), "category": pl.String(), "listings": pl.Int64()}
        return _frame(rows, schema).sort(
            "source", "listings", "category", descending=[False, True, False]
        )

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

    def quarantine(
        self, limit: int, source: str | None = None, run: str | None = None
    ) -> pl.DataFrame:
        names = ("at", "run", "source", "kind", "capture_id", "item", "native_id", "fate",
                 "reason", "detail")  # fmt: skip
        where, values = _only(source=source, run=run)
        sql = f"SELECT {', '.join(names)} FROM quarantine {where} ORDER BY number DESC LIMIT ?"
        schema = {n: pl.Int64() if n == "item" else pl.String() for n in names}
        return _frame(self._all(sql, *values, limit), schema)

    def alarms(
        self, source: str | None = None, run: str | None = None, *, every: bool = False
    ) -> pl.DataFrame:
        names = ("at", "source", "run", "watch", "query", "alarm", "field", "expected", "seen",
                 "capture_id", "pages", "status")  # fmt: skip
        where, values = _only(source=source, run=run, status=None if every else "open")
        sql = (
            f"SELECT {', '.join(names)} FROM alarms {where} ORDER BY at DESC, alarm, field LIMIT ?"
        )
        schema = {n: pl.Int64() if n == "pages" else pl.String() for n in names}
        return _frame(self._all(sql, *values, MOST_ALARMS), schema)

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
            now = edition(connection)
            if self._facts is None or self._facts[0] != now:
                self._facts = (now, standing(connection))
            return self._facts[1]

    def _all(self, sql: str, *values: Any) -> list[Any]:
        with self._database.reading() as connection:
            return list(connection.exec_driver_sql(sql, values).fetchall())


def _only(**wanted: str | None) -> tuple[str, list[str]]:
    """Return a WHERE clause for the columns that are given, and their values."""
    given = {name: value for name, value in wanted.items() if value is not None}
    clause = " AND ".join(f"{name} = ?" for name in given)
    return (f"WHERE {clause}" if given else ""), list(given.values())


def _schema(names: Sequence[str]) -> dict[str, pl.DataType]:
    return {
        name: pl.String() if name in _TEXTS or name in _INSTANTS else pl.Int64() for name in names
    }


def _frame(rows: Sequence[Any], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    frame = pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")
    return frame.with_columns(instants(*(name for name in schema if name in _INSTANTS)))
