"""The ledger as pages and API tell it: what a visit could not learn is null there, not zero."""

from datetime import datetime, timedelta
from typing import Final

import polars as pl

from vigie.contracts import Shelf
from vigie.model.fates import Fate, State

HOUR: Final = timedelta(hours=1)
COLUMNS: Final = ("source", "watch", "query", "hour", "state", "pages", "found", *map(str, Fate))
_LOOKED: Final = (str(State.OK), str(State.EMPTY), str(State.TRUNCATED))


def hour_of(when: datetime) -> datetime:
    """Return the hour that *when* lies in."""
    return when.replace(minute=0, second=0, microsecond=0)


def next_hour(when: datetime) -> datetime:
    """Return the first whole hour that is not before *when*."""
    hour = hour_of(when)
    return hour if hour == when else hour + HOUR


def ledger(shelf: Shelf, since: datetime, until: datetime) -> pl.DataFrame:
    """Return `COLUMNS` of each scope and whole hour of ``[since, until)``.

    A source that refused or did not answer found nothing out: its counts are null.
    """
    rows = shelf.coverage(hour_of(since), next_hour(until)).select(COLUMNS)
    learned = pl.col("state").is_in(_LOOKED) | (pl.col("found") > 0)
    counts = ("found", *map(str, Fate))
    return rows.with_columns(pl.when(learned).then(pl.col(name)).alias(name) for name in counts)
