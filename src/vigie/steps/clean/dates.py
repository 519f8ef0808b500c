"""Dates of publication, change and expiry, from the texts that show them."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

import polars as pl

from vigie.model.fields import Type
from vigie.model.frames import DTYPES
from vigie.steps.clean.instants import read_instant
from vigie.steps.distinct import per_distinct

YEARS_AHEAD = 2
"""A publication dated later than this many years after the reading is a mistake: null."""

YEARS_AHEAD_OF_EXPIRY = 10
"""The same for an expiry; 2099 and 9999 are how sites write "never"."""


@dataclass(frozen=True)
class Dates:
    """Read ``<name>_at`` from ``<name>_raw``; with *precision*, ``<name>_precision`` too.

    Relative dates are read against ``read_at`` in the row's ``zone``; null when it is undated.
    A date a little in the future is kept: sites write such dates.
    """

    revision: ClassVar[int] = 1
    name: str
    years_ahead: int = YEARS_AHEAD
    precision: bool = False

    def _read(
        self, shown: str | None, read_at: datetime | None, zone: str | None
    ) -> tuple[datetime | None, str | None]:
        found = read_instant(shown, read_at, zone) if shown else None
        if found is None or (read_at and found[0].year > read_at.year + self.years_ahead):
            return None, None
        return found

    def __call__(self, rows: pl.DataFrame) -> pl.DataFrame:
        outputs = {f"{self.name}_at": DTYPES[Type.INSTANT]}
        columns = [f"{self.name}_raw", "read_at", "zone"]
        if self.precision:
            outputs[f"{self.name}_precision"] = DTYPES[Type.ENUM]
            return per_distinct(rows, columns, self._read, outputs)
        return per_distinct(rows, columns, lambda *key: self._read(*key)[:1], outputs)
