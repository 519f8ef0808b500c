"""The rows of a chunk: each with its cells by column, or with what is wrong with it."""

import csv
import io
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from .chunks import RECORD_LIMIT_BYTES, is_junk
from .csvfile import delimiter_of


class Row(msgspec.Struct, frozen=True):
    """One record of a file."""

    cells: dict[str, Any] | None
    """Values by column; None when the record cannot be read."""
    problem: str = ""
    """``junk_line``, ``bad_row``, ``repeated_header``: short, fixed, countable."""
    detail: str = ""
    text: str = ""
    """Of a record that cannot be read: its fields, as they stand."""


def rows_of(body: bytes, note: Mapping[str, str]) -> tuple[Row, ...]:
    """Return every record of a chunk, in order, unreadable ones and junk lines included."""
    form = note.get("format")
    if form is None:  # a chunk that others made: its first sign says what it is
        form = "jsonl" if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") else "csv"
    return _read(body, form, note.get("delimiter", ""))


@lru_cache(maxsize=2)  # items and columns ask for the same chunk one after another
def _read(body: bytes, form: str, delimiter: str) -> tuple[Row, ...]:
    body = body.removeprefix(b"\xef\xbb\xbf")
    return _csv(body, delimiter)[1] if form == "csv" else tuple(map(_json, _lines(body)))


def columns_of_csv(body: bytes, delimiter: str) -> list[str]:
    """Return the header of a CSV chunk; empty when the chunk is."""
    return _csv(body.removeprefix(b"\xef\xbb\xbf"), delimiter)[0]


@lru_cache(maxsize=2)
def _csv(body: bytes, delimiter: str) -> tuple[list[str], tuple[Row, ...]]:
    # Not str.splitlines: U+2028 and the like stand inside cells.
    lines = io.StringIO(body.decode("utf-8", "replace"), newline="").readlines()
    lines = _rejoined(lines)
    mark = delimiter or delimiter_of(lines[0] if lines else "")
    csv.field_size_limit(RECORD_LIMIT_BYTES)
    header: list[str] = []
    rows: list[Row] = []
    reader = csv.reader(lines, delimiter=mark)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            rows.append(Row(None, "bad_row", str(error)))
            continue
        if not row:
            continue
        if not header:
            header = [name.strip() for name in row]
        else:
            rows.append(_row(row, header))
    return header, tuple(rows)


def _rejoined(lines: list[str]) -> list[str]:
    """Return *lines* ending at line feeds only: other separators (U+2028, form feeds) are text."""
    if all(line.endswith("\n") for line in lines[:-1]):
        return lines
    return [line + "\n" for line in "".join(lines).split("\n")]


def _row(row: list[str], header: list[str]) -> Row:
    if len(row) == len(header):
        if row == header:
            return Row(None, "repeated_header", text=",".join(row))
        if len(row) > 1 or not is_junk(row[0]):
            return Row(dict(zip(header, row, strict=True)))
    if is_junk(row[0]):
        return Row(None, "junk_line", row[0][:60], ",".join(row))
    return Row(None, "bad_row", f"{len(row)} fields, {len(header)} columns", ",".join(row))


def _lines(body: bytes) -> list[bytes]:
    return [line for line in body.split(b"\n") if line.strip()]


def _json(line: bytes) -> Row:
    if is_junk(line):
        return Row(None, "junk_line", line[:60].decode("ascii", "replace"))
    try:
        cells = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        try:
            cells = json.loads(line)  # NaN and Infinity, which some programs write
        except (ValueError, RecursionError):
            return Row(None, "bad_row", f"{len(line)} bytes that are no JSON")
    if not isinstance(cells, dict):
        return Row(None, "bad_row", f"{type(cells).__name__} instead of an object")
    return Row(cells)
