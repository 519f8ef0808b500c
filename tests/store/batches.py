"""Small batches for the store's tests: observations of ads, written in one line each."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from vigie.model.capture import RunEnd, Scan
from vigie.model.frames import PAGES, Refined, refined_schema
from vigie.model.identity import digest, listing_id
from vigie.model.kinds import AD

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def seen(
    native_id: str, minutes: float, *, run: str = "r1", source: str = "site", query: str = "",
    reading: str = "full", capture: str | None = None, fate: str | None = None, item: int = 0,
    **values: Any,
) -> dict[str, Any]:  # fmt: skip
    """One observation of one ad; *values* are what the page tells (None: it shows none)."""
    carried = 0
    for place, field in enumerate(AD.shown):
        told = [value for name, value in values.items() if field.name in (name, *AD[name].of)]
        if told and (reading == "full" or any(value is not None for value in told)):
            carried |= 1 << place
    captured = capture or digest(source, query, str(minutes))
    return {
        "id": listing_id(source, native_id), "source": source, "native_id": native_id,
        "run": run, "watch": "", "query": query, "capture_id": captured, "item": item,
        "at": at(minutes), "read_at": at(minutes), "zone": "UTC", "reading": reading,
        "layer": "html", "revision": 1, "carried": carried, "fate": fate,
        "reason": "no_title" if fate else None, **values,
    }  # fmt: skip


def batch(
    observations: Iterable[Mapping[str, Any]], ends: Iterable[RunEnd] = (), *, state: str = "ok"
) -> Refined:
    """The observations as a batch, with one page per capture."""
    schema = refined_schema(AD)
    rows = pl.DataFrame(
        [{name: row.get(name) for name in schema} for row in observations], schema=schema
    )
    pages = rows.group_by("run", "capture_id", "source", "watch", "query", maintain_order=True).agg(
        pl.col("at").first(), pl.len().cast(pl.Int32).alias("found")
    )
    told = pages.with_columns(
        pl.lit("https://site.example/").alias("url"), pl.lit(200, pl.Int32).alias("status"),
        pl.lit(state).alias("state"), pl.lit(None, pl.String).alias("why"),
        pl.lit(None, pl.Int64).alias("total"), pl.lit("html").alias("layer"),
        pl.lit(10, pl.Int64).alias("body_bytes"),
    ).select(pl.col(name).cast(kind) for name, kind in PAGES.items())  # fmt: skip
    return Refined(told, {"ad": rows}, tuple(ends))


def end(
    run: str, minutes: float, *, scan: Scan = Scan.COMPLETE, query: str = "", pages: int = 0,
    misses: int = 2, reason: str = "",
) -> RunEnd:  # fmt: skip
    return RunEnd(
        at=at(minutes), source="site", run=run, scan=scan, query=query,
        started_at=at(minutes - 5), pages=pages, misses=misses, reason=reason,
    )  # fmt: skip
