"""Reading one record through a map: columns to fields, as the file shows them."""

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from vigie.errors import RecordError
from vigie.model.fields import Type
from vigie.model.identity import identity_of
from vigie.model.kinds import KINDS
from vigie.model.listing import Listing, Shown

from .filemap import FileMap, columns_of
from .privacy import blank_text
from .rows import Row

_WHOLE = re.compile(r"(\d{1,18})(?:\.0+)?")
_NUMBER = re.compile(r"[+\-]?\d{1,300}(?:\.\d+)?(?:[eE][+\-]?\d{1,2})?")
_TRUTH = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}
_COLUMN = re.compile(r"\{([^{}]+)\}")


def listing_of(row: Row, found: FileMap, *, layer: str, blanked: bool) -> Listing:
    """Return one record as a listing.

    Args:
        layer: Format of the file.
        blanked: Whether its texts were blanked already.

    Raises:
        RecordError: the row cannot be read (its own reason), or has no id (``no_id``).
    """
    if row.cells is None:
        raise RecordError(row.problem or "bad_row", row.detail)
    cells = row.cells
    values: dict[str, Shown] = dict(found.constants)
    for field, templates in found.fields.items():
        choices = (templates,) if isinstance(templates, str) else templates
        if not any(_has(cells, column) for choice in choices for column in columns_of(choice)):
            continue  # this file does not tell
        value = next(
            (told for choice in choices if (told := _told(cells, choice, found)) is not None), None
        )
        values[field] = _shown(field, value, found)
    return Listing(
        kind=found.kind,
        native_id=_identity(cells, found, blanked=blanked),
        reading=found.reading,
        layer=layer,
        values=values,
    )


def columns_told(rows: Iterable[dict[str, Any]]) -> set[str]:
    """Return every column that one of *rows* names."""
    told: set[str] = set()
    for row in rows:
        told.update(row)
    return told


def _identity(cells: dict[str, Any], found: FileMap, *, blanked: bool) -> str:
    parts = [_told(cells, column, found) for column in found.identity]
    if len(parts) > 1 and not blanked:  # a text has one identity before and after it is blanked
        parts = [
            blank_text(part)[0] if column in found.texts and isinstance(part, str) else part
            for column, part in zip(found.identity, parts, strict=True)
        ]
    if all(part is None for part in parts):
        raise RecordError("no_id", ", ".join(found.identity)[:100])
    if len(parts) > 1:
        return identity_of(None if part is None else _text(part) for part in parts)
    text = _text(parts[0]).strip()
    whole = _WHOLE.fullmatch(text)  # pandas writes the ids of a column with gaps as 123.0
    return whole[1] if whole else text


def _has(cells: dict[str, Any], column: str) -> bool:
    return column in cells or ("." in column and _at(cells, column) is not None)


def _told(cells: dict[str, Any], template: str, found: FileMap) -> Any:
    """Return what a column or template tells; None when it, or one of its columns, is null."""
    if "{" not in template:
        return _cell(cells, template, found)
    parts = {column: _cell(cells, column, found) for column in columns_of(template)}
    if any(part is None for part in parts.values()):
        return None
    return _COLUMN.sub(lambda column: _text(parts[column[1]]), template)


def _cell(cells: dict[str, Any], column: str, found: FileMap) -> Any:
    value = cells[column] if column in cells else _at(cells, column)
    if isinstance(value, str):
        bare = value.strip()
        return None if not bare or bare in found.nulls else value
    if isinstance(value, float) and value != value:  # noqa: PLR0124 - NaN alone differs from itself
        return None
    return None if value in ([], {}) else value


def _at(cells: dict[str, Any], path: str) -> Any:
    """Return the value at a dotted path inside nested objects."""
    here: Any = cells
    for name in path.split("."):
        if not isinstance(here, dict):
            return None
        here = here.get(name)
    return here


def _shown(field: str, value: Any, found: FileMap) -> Shown:
    """Return *value* in the type of *field*; None when it cannot be of that type."""
    if value is None:
        return None
    if field in found.values:
        value = found.values[field].get(_text(value).strip(), value)
    if field in found.patterns:
        match = _compiled(found.patterns[field]).search(_text(value))
        if match is None:
            return None
        value = match[1]
    return _typed(value, KINDS[found.kind][field].type, found.separators.get(field))


def _typed(value: Any, kind: Type, separator: str | None) -> Shown:
    if kind is Type.TEXTS:
        return _texts(value, separator)
    text = _text(value)
    bare = text.strip()
    if kind is Type.INTEGER:
        whole = _WHOLE.fullmatch(bare)
        return int(whole[1]) if whole else None
    if kind is Type.NUMBER:
        return float(bare) if _NUMBER.fullmatch(bare) else None
    return _TRUTH.get(bare.lower()) if kind is Type.BOOLEAN else text


def _texts(value: Any, separator: str | None) -> list[str] | None:
    parts = value if isinstance(value, list) else None
    if parts is None:
        text = _text(value)
        parts = text.split(separator) if separator else [text]
    return [text for part in parts if part is not None and (text := _text(part).strip())] or None


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
