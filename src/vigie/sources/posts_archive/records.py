"""The records of an archive, as one flat object each; and those objects as an archive again."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

Row = dict[str, Any] | None
"""Column → value; None: a record that cannot be read."""
_DEPTH = 4


class Records(NamedTuple):
    """What a body holds."""

    rows: list[Row]
    names: list[str]
    """Every column, in order."""
    delimiter: str
    """Empty: it is JSON."""


def records_of(body: bytes) -> Records:
    """Return the records of *body*, whatever it is."""
    text = _decoded(body)
    if text.lstrip()[:1] in ("{", "["):
        rows = [_flat(one) if isinstance(one, dict) else None for one in _values(text)]
        names = dict.fromkeys(name for row in rows if row is not None for name in row)
        return Records(rows, list(names), "")
    delimiter = max(",;\t", key=text.split("\n", 1)[0].count)
    try:
        lines = [line for line in _reader(text, delimiter) if line]
    except csv.Error:  # one cell is larger than any post
        return Records([None], [], delimiter)
    header = lines[0] if lines else []
    return Records([_row(header, line) for line in lines[1:]], header, delimiter)


def written(rows: Sequence[Row], names: Sequence[str], delimiter: str) -> bytes:
    """Return *rows* as an archive of the columns *names*; one that cannot be read stays one."""
    if not delimiter:
        return b"".join(_line(row, names) + b"\n" for row in rows)
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        cells = ["?"] * (len(names) + 1) if row is None else [row.get(name, "") for name in names]
        writer.writerow(cells)
    return out.getvalue().encode()


def _line(row: Row, names: Sequence[str]) -> bytes:
    if row is None:
        return b"[null]"
    return msgspec.json.encode({name: row[name] for name in names if name in row})


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def _reader(text: str, delimiter: str) -> Any:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _row(header: list[str], line: list[str]) -> Row:
    if len(line) != len(header):
        return None
    return dict(zip(header, line, strict=True))


def _values(text: str) -> list[Any]:
    """Return one JSON value after another, or the members of a list; None for a bad line."""
    found = _json(text)
    if isinstance(found, list):
        return found
    if found is not None:
        return [found]
    return [_json(line) for line in text.split("\n") if line.strip()]


def _json(text: str) -> Any:
    try:
        found = json.loads(text, strict=False)
        # Lone surrogates, and numbers that no JSON has, cannot be written again.
        msgspec.json.encode(found)
    except (ValueError, RecursionError, TypeError, OverflowError):
        return None
    return found


def _flat(value: dict[str, Any], before: str = "", depth: int = 0) -> dict[str, Any]:
    """Return nested objects as one: ``{"a": {"b": 1}}`` is ``{"a.b": 1}``."""
    found: dict[str, Any] = {}
    for name, one in value.items():
        if isinstance(one, dict) and depth < _DEPTH:
            found |= _flat(one, f"{before}{name}.", depth + 1)
        else:
            found[f"{before}{name}"] = one
    return found
