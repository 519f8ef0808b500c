"""Value functions run once per distinct value; what stands around words."""

import polars as pl

from vigie.steps.clean.around import around
from vigie.steps.distinct import per_distinct


def test_a_value_is_read_once() -> None:
    """Equal values cost one call, whatever their number and order; null is a value."""
    calls: list[str | None] = []

    def read(value: str | None) -> tuple[int | None]:
        calls.append(value)
        return (None if value is None else len(value),)

    rows = pl.DataFrame({"a": ["xx", None, "y", "xx", None]})

    read_rows = per_distinct(rows, ["a"], read, {"n": pl.Int64()})

    assert read_rows["n"].to_list() == [2, None, 1, 2, None]
    assert sorted(calls, key=str) == [None, "xx", "y"]


def test_several_columns_are_one_value() -> None:
    """A combination of columns is read once, and gives every output."""
    rows = pl.DataFrame({"a": ["x", "x", "y"], "b": [1, 1, 1]})

    found = per_distinct(
        rows, ["a", "b"], lambda a, b: (a * b, b), {"c": pl.String(), "d": pl.Int64()}
    )

    assert found.select("c", "d").rows() == [("x", 1), ("x", 1), ("y", 1)]


def test_surroundings_are_cut_around_words() -> None:
    """Near occurrences share a line; accents count, capitals do not; no word, no line."""
    texts = pl.Series(["ééé TÉLÉTRAVAIL ok", "Remote and remote", "nothing", None])

    near = around(texts, ("télétravail", "remote"), 3, 40)

    assert near.to_list() == ["é TÉLÉTRAVAIL ok", "Remote and remote", None, None]
