"""Run a value function once per distinct value of a batch.

Sites repeat themselves: a page of 35 ads has three cities and ten prices. A Python function is
slow per call, so it is called once per distinct combination of its columns and its answers are
gathered back to the rows. The function sees nothing but its arguments, which makes a step
row-wise by construction.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import starmap
from typing import Any

import polars as pl

Answers = tuple[Any, ...]


def per_distinct(
    rows: pl.DataFrame,
    columns: Sequence[str],
    function: Callable[..., Answers],
    outputs: Mapping[str, pl.DataType],
) -> pl.DataFrame:
    """Add *outputs*, computed by *function* from *columns*, once per distinct combination.

    Args:
        columns: Read in this order as positional arguments; a null is None.
        function: Pure; returns one value per output, in the order of *outputs*.
        outputs: Columns to add or replace, with their types.

    Returns:
        The same rows in the same order, with *outputs*.
    """
    place: dict[Any, int] = {}
    found: list[list[Any]] = [[] for _ in outputs]
    if len(columns) == 1:
        values = rows[columns[0]].to_list()
        positions = [place.setdefault(value, len(place)) for value in values]
        answers: Iterator[Answers] = map(function, place)
    else:
        keys = zip(*(rows[column].to_list() for column in columns), strict=True)
        positions = [place.setdefault(key, len(place)) for key in keys]
        answers = starmap(function, place)
    # Column by column at once: thousands of kept tuples would wake the garbage collector.
    for answer in answers:
        for values, value in zip(found, answer, strict=True):
            values.append(value)
    table = pl.DataFrame(
        [
            pl.Series(name, values, dtype=dtype, strict=True)
            for (name, dtype), values in zip(outputs.items(), found, strict=True)
        ]
    )
    return rows.with_columns(table[positions].get_columns() if positions else table.get_columns())
