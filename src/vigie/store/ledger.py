"""Writing what was asked and what came of it: pages, runs, quarantine."""

import polars as pl
from sqlalchemy import Connection

from vigie.model.frames import PAGES
from vigie.store.bulk import insert
from vigie.store.judge import worst
from vigie.store.rows import ISO, Stamp
from vigie.store.storable import held
from vigie.store.tables import FATE_COLUMNS, pages, quarantine, scopes

RUN_KEY = ("run", "source", "watch", "query")


def scope_numbers(connection: Connection, rows: pl.DataFrame) -> pl.DataFrame:
    """Return source, watch, query → number for every scope in *rows*, made when new."""
    wanted = rows.select("source", "watch", "query").unique()
    insert(connection, scopes, ("source", "watch", "query"), wanted.rows(), or_="IGNORE")
    found = connection.exec_driver_sql("SELECT source, watch, query, number FROM scopes").fetchall()
    schema = {
        "source": pl.String(),
        "watch": pl.String(),
        "query": pl.String(),
        "scope": pl.Int64(),
    }
    return pl.DataFrame([tuple(row) for row in found], schema=schema, orient="row")


def write_pages(connection: Connection, seen: pl.DataFrame, fates: pl.DataFrame) -> None:
    """Write the batch's pages with the fates of their items, and add them to their runs."""
    if not seen.height:
        return
    counted = fates.group_by("run", "capture_id").agg(
        (pl.col("fate") == name).sum().cast(pl.Int64).alias(name) for name in FATE_COLUMNS
    )
    # A page that was spooled twice stands twice in the batch: its items' fates count once.
    first = pl.struct("run", "capture_id").is_first_distinct()
    told = seen.join(
        counted, on=["run", "capture_id"], how="left", maintain_order="left"
    ).with_columns(
        pl.when(first).then(pl.col(name)).fill_null(0).alias(name) for name in FATE_COLUMNS
    )
    names = (*PAGES, *FATE_COLUMNS)
    rows = told.select(
        pl.col(name).dt.strftime(ISO).alias(name) if name == "at" else pl.col(name)
        for name in names
    )
    insert(connection, pages, names, rows.rows())
    _add_to_runs(connection, told)


def write_quarantine(connection: Connection, kind: str, rows: pl.DataFrame) -> None:
    """Note every row that was rejected or quarantined, with a pointer to its capture."""
    bad = rows.filter(pl.col("fate").is_in(["rejected", "quarantined"])).select(
        pl.col("at").dt.strftime(ISO).alias("at"), "run", "source", pl.lit(kind).alias("kind"),
        "capture_id", "item", "native_id", "fate", "reason", "detail",
        *([pl.col("author_key")] if "author_key" in rows.columns else []),
    )  # fmt: skip
    insert(connection, quarantine, bad.columns, held(bad).rows(), or_="REPLACE")


def _add_to_runs(connection: Connection, told: pl.DataFrame) -> None:
    captured = pl.col("capture_id") != ""
    sums = told.group_by(RUN_KEY, maintain_order=True).agg(
        pl.col("at").min().dt.strftime(ISO).alias("first"),
        pl.col("at").max().dt.strftime(ISO).alias("last"),
        captured.sum().cast(pl.Int64).alias("pages"),
        (~captured).sum().cast(pl.Int64).alias("failures"),
        pl.col("found").sum().cast(pl.Int64),
        *(pl.col(name).sum() for name in FATE_COLUMNS),
        pl.col("state").alias("states"),
        pl.col("why").drop_nulls().first().alias("why"),
        pl.col("total").max(),
    )
    for row in sums.iter_rows(named=True):
        first, last = Stamp(row["first"]), Stamp(row["last"])
        key = tuple(row[name] for name in RUN_KEY)
        known = connection.exec_driver_sql(
            "SELECT state, why, announced FROM runs"
            " WHERE run = ? AND source = ? AND watch = ? AND query = ?",
            key,
        ).one_or_none()
        counts = [row[name] for name in ("pages", "failures", "found", *FATE_COLUMNS)]
        if known is None:
            state = str(worst(row["states"]))
            connection.exec_driver_sql(
                "INSERT INTO runs (run, source, watch, query, started_at, last_at, state, why,"
                " announced, pages, failures, found, new, changed, unchanged, duplicate, rejected,"
                " quarantined, closed, reopened)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)",
                (*key, first, last, state, row["why"], row["total"], *counts),
            )
            continue
        state = str(worst([known[0], *row["states"]]))
        # The most that a page announced, however the pages were batched.
        totals = [total for total in (known[2], row["total"]) if total is not None]
        connection.exec_driver_sql(
            "UPDATE runs SET state = ?, why = ?,"
            " last_at = CASE WHEN last_at < ? THEN ? ELSE last_at END,"
            " announced = ?, pages = pages + ?, failures = failures + ?,"
            " found = found + ?, new = new + ?, changed = changed + ?, unchanged = unchanged + ?,"
            " duplicate = duplicate + ?, rejected = rejected + ?, quarantined = quarantined + ?"
            " WHERE run = ? AND source = ? AND watch = ? AND query = ?",
            (state, known[1] or row["why"], last, last, max(totals, default=None), *counts, *key),
        )
