"""Small real frames as steps receive them."""

from datetime import UTC, datetime
from typing import Any

import polars as pl

from vigie.model.frames import shown_schema
from vigie.model.kinds import KINDS
from vigie.steps import STANDARD, run

READ_AT = datetime(2026, 11, 21, 10, 30, 45, tzinfo=UTC)
EVERYTHING = (1 << 60) - 1

CARRIED = {
    "source": "test",
    "native_id": "1",
    "run": "r",
    "watch": "w",
    "query": "q",
    "capture_id": "c",
    "item": 0,
    "at": READ_AT,
    "read_at": READ_AT,
    "zone": "Europe/Paris",
    "reading": "full",
    "layer": "api",
    "revision": 1,
    "carried": EVERYTHING,
}


def frame(kind: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Return a frame of `shown_schema`; what a row does not name is null."""
    schema = shown_schema(KINDS[kind])
    full = [{"id": f"id{at}", "title": "A title", **CARRIED, **row} for at, row in enumerate(rows)]
    return pl.DataFrame(
        {name: pl.Series([row.get(name) for row in full], dtype=d) for name, d in schema.items()}
    )


def refine(kind: str, **shown: Any) -> dict[str, Any]:
    """Return one row after the standard steps of its kind."""
    return run(kind, frame(kind, [shown]), STANDARD[kind]).row(0, named=True)
