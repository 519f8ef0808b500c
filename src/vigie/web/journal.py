"""One run of the ledger, found through the page of runs that it stands on."""

import polars as pl

from vigie.contracts import Shelf

_MOST_QUERIES = 5_000


def run_rows(shelf: Shelf, run: str) -> pl.DataFrame:
    """Return the rows of *run*, one a source, watch and query; none when it is unknown.

    Run ids sort by time, and ``~`` sorts after every character of one: the run stands first
    among those before ``run~``.
    """
    rows = shelf.runs(_MOST_QUERIES, f"{run}~")
    return rows.filter(pl.col("run") == run)
