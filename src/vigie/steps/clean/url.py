"""One address per page, in place (`vigie.model.web_address`)."""

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from vigie.model.web_address import canonical_url
from vigie.steps.distinct import per_distinct


@dataclass(frozen=True)
class Url:
    """Make ``url`` canonical in place."""

    revision: ClassVar[int] = 1

    def __call__(self, rows: pl.DataFrame) -> pl.DataFrame:
        return per_distinct(
            rows, ["url"], lambda shown: (canonical_url(shown),), {"url": pl.String()}
        )
