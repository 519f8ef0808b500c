"""Rows as CSV (RFC 4180): exact for machines, or as a French Excel opens them.

In the Excel dialect a cell that a spreadsheet would run as a formula is prefixed with an
apostrophe. For machines cells stay as they are: a telephone number or a negative amount must not
be damaged.
"""

import csv
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TextIO

import msgspec

if TYPE_CHECKING:
    import polars as pl

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def write_csv(
    frame: "pl.DataFrame", file: TextIO, *, header: bool = True, excel_fr: bool = False
) -> None:
    """Write rows; lists are JSON text, instants ISO 8601 in UTC, null an empty cell."""
    writer = csv.writer(
        file, delimiter=";" if excel_fr else ",", lineterminator="\r\n" if excel_fr else "\n"
    )
    if header:
        if excel_fr:
            file.write("\ufeff")
        writer.writerow(frame.columns)
    writer.writerows(_cells(row, excel_fr) for row in frame.iter_rows())


def _cells(row: Iterable[Any], excel_fr: bool) -> list[str]:
    return [_cell(value, excel_fr) for value in row]


def _cell(value: Any, excel_fr: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        value = msgspec.json.encode(value).decode()
    if isinstance(value, (Decimal, float)):
        return str(value).replace(".", ",") if excel_fr else str(value)
    text = str(value)
    return "'" + text if excel_fr and text.startswith(_FORMULA) else text
