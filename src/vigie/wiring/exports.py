"""The files of a watch: written whole, under their final names, the same for the same facts.

Beside each stands `FILE.coverage.json`: whose listings they are, under which terms, and what each
source was at its last visit. A source that was not seen is not a source without listings.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import polars as pl

from vigie import __version__
from vigie.errors import VigieError
from vigie.model.kinds import KINDS
from vigie.model.watch import IMPORTS, Export, Watch, WatchedSource, slug
from vigie.store.judge import worst
from vigie.wiring.export_rows import clusters_of, columns_of, rows_of
from vigie.wiring.whole_files import stamp, write_bytes, write_rows

if TYPE_CHECKING:
    from vigie.wiring.instance import Instance

COVERAGE: Final = ".coverage.json"
_RUN_FIELDS: Final = ("query", "state", "why", "held", "scan", "found", "announced", "run")


class Written(NamedTuple):
    """One file of a watch."""

    path: Path
    rows: int


class _File(NamedTuple):
    """One file that an export makes, and which of its rows stand in it."""

    path: Path
    query: str | None
    source: str | None


def check_exports(watch: Watch) -> None:
    """Look whether every export can be written, before anything is asked for it.

    Raises:
        ConfigError: a column or a field to keep is not one of the kind's.
    """
    for export in watch.export:
        columns_of(export, export.kind or watch.kind)


def write_exports(
    here: "Instance", watch: Watch, *, at: datetime, runs: Collection[str] = (),
    every: bool = False,
) -> list[Written]:  # fmt: skip
    """Write the files of *watch*.

    Args:
        at: The time of the run that asks for it.
        runs: The runs that just ended. None: files of one run (`Export.this_run`) are left out.
        every: Files that are written once a day too, although the day has its own.

    Raises:
        ConfigError: a column is asked for that is not there.
        ViewError: a file cannot be written; the one before it stays.
    """
    frames: dict[tuple[str, bool], pl.DataFrame] = {}
    ledger = _Ledger(here, watch)
    written: list[Written] = []
    for export in watch.export:
        kind = export.kind or watch.kind
        if export.this_run and not runs:
            continue
        key = kind, export.this_run
        for file in _files(here, watch, export, at):
            if export.daily and not every and _is_of_day(file.path, at):
                continue
            if key not in frames:
                frames[key] = rows_of(here.store, watch, kind, runs if export.this_run else None)
            rows = _chosen(frames[key], export, file)
            if export.rows == "clusters":
                rows = clusters_of(rows, kind)
            columns = columns_of(export, kind)
            shown = rows.select(pl.col(field).alias(name) for name, field in columns.items())
            digest = write_rows(file.path, shown, excel_fr=export.dialect == "excel-fr")
            told = ledger.told(file, export, rows, at) | {
                "columns": list(columns), "rows": rows.height, "sha256": digest,
            }  # fmt: skip
            write_bytes(file.path.with_name(file.path.name + COVERAGE), _json(told))
            written.append(Written(file.path, rows.height))
    return written


def _files(here: "Instance", watch: Watch, export: Export, at: datetime) -> Iterator[_File]:
    kind = export.kind or watch.kind
    queries: Sequence[str | None] = (
        [query.name for query in watch.topics()] if "query" in export.slots else [None]
    )
    sources: Sequence[str | None] = [None]
    if "source" in export.slots:
        sources = [one.name for one in watch.source if watch.kind_of(one) == kind]
        sources = [name for name in sources if not export.source or name in export.source]
    for query in queries:
        for source in sources:
            path = export.path.format(
                query=slug(query or ""), source=source, run=f"{at:%Y%m%dT%H%M%SZ}",
                day=f"{at:%Y-%m-%d}",
            )  # fmt: skip
            yield _File(here.settings.data_dir / "exports" / path, query, source)


def _chosen(rows: pl.DataFrame, export: Export, file: _File) -> pl.DataFrame:
    if not export.closed:
        rows = rows.filter(pl.col("status") == "open")
    if export.source:
        rows = rows.filter(pl.col("source").is_in(list(export.source)))
    if file.source is not None:
        rows = rows.filter(pl.col("source") == file.source)
    if file.query is not None:
        rows = rows.filter(pl.col("queries").list.contains(file.query))
    return rows


def _is_of_day(path: Path, at: datetime) -> bool:
    """Whether the file was written on the day of *at*, as its sidecar says."""
    try:
        told = msgspec.json.decode(path.with_name(path.name + COVERAGE).read_bytes())
    except (OSError, msgspec.DecodeError):
        return False
    return path.exists() and str(told.get("written_at", ""))[:10] == f"{at:%Y-%m-%d}"


class _Ledger:
    """What the store knows of the watch's sources, for the sidecars."""

    def __init__(self, here: "Instance", watch: Watch) -> None:
        self._here, self._watch = here, watch
        self._runs = pl.concat([here.store.last_runs(watch.name), here.store.last_runs(IMPORTS)])

    def told(self, file: _File, export: Export, rows: pl.DataFrame, at: datetime) -> dict[str, Any]:
        """Return what the sidecar says beside what the file holds."""
        kind = export.kind or self._watch.kind
        counts = _by_source(rows)
        watched = [
            source for source in self._watch.source
            if self._watch.kind_of(source) == kind
            and (not export.source or source.name in export.source)
            and file.source in (None, source.name)
        ]  # fmt: skip
        return {
            "file": file.path.name,
            "watch": self._watch.name,
            "kind": kind,
            "query": file.query,
            "written_at": stamp(at),
            "vigie": __version__,
            "dictionary": {
                field.name: field.meaning for field in KINDS[kind].stored if not field.private
            },
            "sources": [self._source(one, file.query, counts) for one in watched],
        }

    def _source(
        self, source: WatchedSource, query: str | None, counts: Mapping[str, int]
    ) -> dict[str, Any]:
        names = {one.name for one in self._watch.queries(source)}
        if query is not None and query in names:
            names = {query}
        mine = self._runs.filter(
            (pl.col("source") == source.name)
            & (pl.col("query").is_in(list(names)) | (pl.col("watch") == IMPORTS))
        )
        states = mine["state"].to_list()
        if "ok" in states:  # an empty query beside a full one is no alarm
            states = [state for state in states if state != "empty"]
        return {
            "source": source.name,
            **self._terms(source),
            "fallback": source.fallback,
            "state": str(worst(states)) if states else "not_scheduled",
            "asked_at": stamp(mine["started_at"].max()),
            "rows": counts.get(source.name, 0),
            "queries": [
                {"asked_at": stamp(row["started_at"]), "imported": row["watch"] == IMPORTS}
                | {name: row[name] for name in _RUN_FIELDS}
                for row in mine.sort("query", "watch").iter_rows(named=True)
            ],
        }

    def _terms(self, source: WatchedSource) -> dict[str, Any]:
        try:
            made = self._here.source(source.name, source.settings)
        except VigieError as error:  # its listings are still here, and still somebody's
            return {"label": source.name, "terms": None, "error": str(error)}
        return {"label": made.label, "terms": msgspec.to_builtins(made.terms)}


def _by_source(rows: pl.DataFrame) -> dict[str, int]:
    named = rows["sources"].explode() if "sources" in rows.columns else rows["source"]
    return {str(name): count for name, count in named.value_counts().iter_rows()}


def _json(told: Mapping[str, Any]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"
