"""Frames on standard output: as a table for people, JSON, NDJSON or CSV for programs."""

import sys
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import polars as pl

PIPED_WIDTH: Final = 100_000
"""Columns of a table that no terminal limits: nothing is cut."""


WHOLE: Final = frozenset({"id", "run", "source", "state", "partition"})
"""Columns that a table never cuts."""


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"


def show(frame: "pl.DataFrame", form: Format, columns: Sequence[str] | None = None) -> None:
    """Print the rows; *columns* limits the table only: programs get everything."""
    match form:
        case Format.TABLE:
            table(frame.select(columns) if columns else frame)
        case Format.JSON:
            emit_json([plain(row) for row in frame.iter_rows(named=True)])
        case Format.NDJSON:
            for row in frame.iter_rows(named=True):
                emit_line(plain(row))
        case Format.CSV:
            from vigie.wiring.csv_rows import write_csv

            write_csv(frame, sys.stdout)


def table(frame: "pl.DataFrame") -> None:
    """Print rows as aligned columns: plain when piped, in the terminal's width otherwise."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for name, dtype in frame.schema.items():
        # What is copied or counted is never cut; only texts give way on a narrow terminal.
        whole = dtype.is_numeric() or name in WHOLE
        cells = [len(_cell(value)) for value in frame[name]] if whole else []
        drawn.add_column(
            name.replace("_", " "), justify="right" if dtype.is_numeric() else "left",
            no_wrap=True, overflow="ellipsis", min_width=max(cells, default=1),
        )  # fmt: skip
    for row in frame.iter_rows():
        drawn.add_row(*(Text(_cell(value)) for value in row))
    if sys.stdout.isatty():
        Console(highlight=False).print(drawn)
        return
    page = StringIO()
    Console(file=page, width=PIPED_WIDTH, highlight=False).print(drawn)
    sys.stdout.writelines(line.rstrip() + "\n" for line in page.getvalue().splitlines())


def emit_json(value: object) -> None:
    """Print one JSON document."""
    import msgspec

    encoder = msgspec.json.Encoder(decimal_format="number")
    text = msgspec.json.format(encoder.encode(value), indent=2)
    sys.stdout.write(text.decode() + "\n")


def emit_line(value: object) -> None:
    """Print one JSON document on one line."""
    import msgspec

    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as JSON's own types: money as numbers, instants as ISO 8601 in UTC."""
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return " ".join(str(value).split())
