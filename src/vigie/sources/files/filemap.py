"""A map: which column of a file is which field of the model, written in TOML."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

import msgspec

from vigie.model.kinds import KINDS

SHIPPED: Final = Path(__file__).with_name("maps")

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,60}")
_TEMPLATE: Final = re.compile(r"\{([^{}]+)\}")


class MapTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be done with the file's records; the words of `vigie.contracts.Terms`."""

    url: str
    attribution: str
    reuse: str
    read_on: str | None = None


class FileMap(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One map. The name of its file is the name of its source."""

    name: str
    kind: str
    label: str
    zone: str = "UTC"
    """IANA zone of dates that name none."""
    revision: int = 1
    reading: Literal["card", "full"] = "full"
    header: tuple[str, ...]
    """Columns by which a file is recognised."""
    identity: tuple[str, ...]
    """One column: it is the id. Several: their hash is."""
    records: str = ""
    """Name of the list that holds the records, in files of objects around such a list."""
    terms: MapTerms
    fields: dict[str, str | tuple[str, ...]]
    """Field → a column, a template (``{city}, {country}``), or the first of several that tells."""
    constants: dict[str, str | int | bool] = {}
    """Field → a value that holds for every record."""
    values: dict[str, dict[str, str]] = {}
    """Field → value in the file → value shown."""
    patterns: dict[str, str] = {}
    """Field → expression whose first group is the value; no match: the record does not tell."""
    separators: dict[str, str] = {}
    """Field of several texts → what stands between them."""
    nulls: tuple[str, ...] = ("nan", "NaN", "null", "NULL", "None", "N/A", "<NA>")
    """What the file writes for nothing, beside blank."""
    personal: tuple[str, ...] = ()
    """Columns that are never kept."""
    texts: tuple[str, ...] = ()
    """Columns of people's words: phones and mail addresses in them are blanked."""


def columns_of(template: str) -> tuple[str, ...]:
    """Return the columns that a column name or template needs."""
    found = tuple(_TEMPLATE.findall(template))
    return found or (template,)


def find_maps(folder: Path | None) -> tuple[dict[str, FileMap], dict[str, str]]:
    """Return every map by name, and why others cannot be read, by name.

    A map of *folder* takes the place of a shipped one of its name.
    """
    maps: dict[str, FileMap] = {}
    broken: dict[str, str] = {}
    for place in (SHIPPED, folder):
        if place is None:
            continue
        for path in sorted(place.glob("*.toml")):
            name = path.stem
            try:
                maps[name] = _read(path, path.stat().st_mtime_ns)
                broken.pop(name, None)
            except (OSError, ValueError) as error:
                broken[name] = f"{path.name}: {error}"
                maps.pop(name, None)
    return maps, broken


@lru_cache(maxsize=64)
def _read(path: Path, _changed_ns: int) -> FileMap:
    """Return the map at *path*; a changed file is another one.

    Raises:
        ValueError: it is no map, or has not the name of its file.
    """
    found = checked(path.read_bytes())
    if found.name != path.stem:
        raise ValueError(f"name = {found.name!r}, but the file is called {path.name}")
    return found


def checked(text: bytes) -> FileMap:
    """Return the map that *text* (TOML) is.

    Raises:
        ValueError: it is no TOML, or says something that the model does not know.
    """
    try:
        found = msgspec.toml.decode(text, type=FileMap)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise ValueError(str(error)) from error
    if not _NAME.fullmatch(found.name):
        raise ValueError(f"name = {found.name!r} is not made of a-z, 0-9 and _")
    if found.kind not in KINDS:
        raise ValueError(f"kind = {found.kind!r}; known: {', '.join(KINDS)}")
    if not found.identity:
        raise ValueError("identity names no column")
    shown = {field.name for field in KINDS[found.kind].shown}
    for table in ("fields", "constants", "values", "patterns", "separators"):
        for field in getattr(found, table):
            if field not in shown:
                raise ValueError(f"[{table}] {field} is no shown field of {found.kind}")
    for field, pattern in found.patterns.items():
        try:
            groups = re.compile(pattern).groups
        except re.error as error:
            raise ValueError(f"[patterns] {field}: {error}") from error
        if groups < 1:
            raise ValueError(f"[patterns] {field} has no group")
    return found
