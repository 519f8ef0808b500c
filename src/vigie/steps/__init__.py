"""Steps: what happens to a batch of listings between the source and the store.

`STANDARD` is the visible list of each kind; `run` applies a list. To add a rule, write one file
and one name here.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from vigie.contracts import Step
from vigie.model.frames import refined_schema
from vigie.model.kinds import AD, FIGURE, JOB, KINDS, POST
from vigie.steps.clean.contract import Contract
from vigie.steps.clean.dates import YEARS_AHEAD_OF_EXPIRY, Dates
from vigie.steps.clean.description import Description
from vigie.steps.clean.experience import Experience
from vigie.steps.clean.language import Language
from vigie.steps.clean.offer import Offer
from vigie.steps.clean.pay import ReadPay
from vigie.steps.clean.place import ReadPlace
from vigie.steps.clean.post_words import PostWords
from vigie.steps.clean.price import ReadPrice
from vigie.steps.clean.remote import Remote
from vigie.steps.clean.shown import Shown
from vigie.steps.clean.title import Title
from vigie.steps.clean.url import Url


def _bit(kind: str, name: str) -> int:
    return 1 << [field.name for field in KINDS[kind].shown].index(name)


_COMMON: Final[tuple[Step, ...]] = (
    Description(),
    Language(),
    Url(),
    Dates(name="posted", precision=True),
    Dates(name="updated"),
    ReadPlace(),
)

STANDARD: Final[dict[str, tuple[Step, ...]]] = {
    JOB.name: (
        Shown(),
        Title(needed=_bit(JOB.name, "title")),
        *_COMMON,
        Dates(name="expires", years_ahead=YEARS_AHEAD_OF_EXPIRY),
        Contract(),
        Remote(),
        Experience(),
        ReadPay(),
    ),
    AD.name: (
        Shown(),
        Title(needed=_bit(AD.name, "title")),
        *_COMMON,
        Offer(),
        ReadPrice(),
    ),
    POST.name: (Shown(), Title(), *_COMMON, PostWords()),
    FIGURE.name: (Shown(), Url()),
}
"""The steps of each kind, in order: every step finds the columns of those before it."""


def run(kind: str, rows: pl.DataFrame, steps: Sequence[Step]) -> pl.DataFrame:
    """Apply *steps* to a frame of `shown_schema` and return it with `refined_schema`.

    Args:
        kind: Name of the kind of every row.
        rows: Rows whose fate is already decided come back as they are, without readings.

    Returns:
        The same rows, in the same order. A field that no step reads is null.
    """
    schema = refined_schema(KINDS[kind])
    open_ = rows["fate"].is_null()
    refined = rows if open_.all() else rows.filter(open_)
    for step in steps:
        refined = step(refined)
    refined = _in_schema(refined, schema)
    if refined.height == rows.height:
        return refined
    decided = _in_schema(rows.filter(~open_), schema)
    # Back in the order of arrival: each part keeps its own.
    place = pl.concat([open_.arg_true(), (~open_).arg_true()])
    return pl.concat([refined, decided])[place.arg_sort()]


def _in_schema(rows: pl.DataFrame, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    missing = [
        pl.lit(None, dtype).alias(name)
        for name, dtype in schema.items()
        if name not in rows.columns
    ]
    return rows.with_columns(missing).select(
        pl.col(name).cast(dtype) for name, dtype in schema.items()
    )
