"""A file's chunks as a source: its map says which column is which field."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, BinaryIO, ClassVar

from vigie.contracts import Terms
from vigie.errors import ConfigError, Empty, PageChanged
from vigie.model.capture import Capture, Query, Request
from vigie.model.listing import Listing

from .chunks import Chunk
from .filemap import FileMap
from .mapping import columns_told, listing_of
from .privacy import scrubbed
from .rows import Row, columns_of_csv, rows_of
from .splitting import split


@dataclass(frozen=True, kw_only=True)
class Files:
    """Reads the chunks of files that one map describes; see `class_of` for the rest of it."""

    label: ClassVar[str]
    kind: ClassVar[str]
    revision: ClassVar[int]
    zone: ClassVar[str]
    terms: ClassVar[Terms]
    example: ClassVar[Query] = Query(name="all")
    sentinel: ClassVar[Query | None] = None
    files_only: ClassVar[bool] = True
    """It cannot be visited."""
    map: ClassVar[FileMap]

    pause_seconds: float = 0.0
    """A file is nobody's server."""

    def first(self, query: Query) -> Iterator[Request]:
        """Raise: files are imported.

        Raises:
            ConfigError: always; the message says what to type.
        """
        raise ConfigError(
            f"{self.map.name} reads files (query {query.name!r} cannot be asked): "
            f"`vigie import FILE --source {self.map.name}`"
        )

    def follow(self, page: Capture) -> Iterator[Request]:  # noqa: ARG002 - the contract's
        """Yield nothing: a chunk leads nowhere."""
        return iter(())

    def split(self, file: BinaryIO, name: str) -> Iterator[Chunk]:
        """Yield the chunks of a file, without its personal columns."""
        return split(file, name, personal=self.map.personal, records=self.map.records)

    def scrub(self, page: Capture) -> Capture:
        """Return the chunk without personal columns, and phones and mail addresses in texts."""
        return scrubbed(page, self.map)

    def items(self, page: Capture) -> Sequence[Row]:
        """Return every record of the chunk: bad rows and junk lines too, each is an item.

        Raises:
            Empty: the chunk holds no record.
            PageChanged: the header lacks columns by which the map knows its files.
        """
        rows = rows_of(page.body, page.note)
        header = _header(page, rows)
        if header is not None and (missing := set(self.map.header) - header):
            raise PageChanged(self.map.name, page.url, f"columns {', '.join(sorted(missing))}")
        if not rows:
            raise Empty(self.map.name, page.url)
        return rows

    def read(self, item: Row, page: Capture) -> Listing:
        """Return one record as the map says.

        Raises:
            RecordError: ``bad_row``, ``junk_line``, ``repeated_header`` or ``no_id``.
        """
        layer = page.note.get("format", "file")
        return listing_of(item, self.map, layer=layer, blanked="scrub_revision" in page.note)

    def total(self, page: Capture) -> int | None:  # noqa: ARG002 - the contract's
        """Return None: a file does not announce how many records it holds."""
        return None

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """Pickle by map and settings: the class itself is made at run time."""
        settings = {field.name: getattr(self, field.name) for field in fields(self)}
        return _rebuilt, (self.map, settings)


def _header(page: Capture, rows: Sequence[Row]) -> set[str] | None:
    """Return the columns of the chunk; None when it is blank or no row of it can be read."""
    if page.note.get("format", "csv") == "csv" and not (rows and _from_json(page)):
        columns = set(columns_of_csv(page.body, page.note.get("delimiter", "")))
        return columns if rows or columns else None
    told = columns_told(row.cells for row in rows if row.cells is not None)
    return told or None


def _from_json(page: Capture) -> bool:
    return "format" not in page.note and page.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in b"{["


def _rebuilt(found: FileMap, settings: dict[str, Any]) -> Files:
    return class_of(found)(**settings)


def class_of(found: FileMap) -> type[Files]:
    """Return the source class of a map: the same class for the same map."""
    return _class_of(found.name, repr(found), _Held(found))


class _Held:
    """A map that is no part of a cache's key (its tables cannot be hashed)."""

    def __init__(self, found: FileMap) -> None:
        self.found = found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=64)
def _class_of(name: str, _content: str, held: _Held) -> type[Files]:
    found = held.found
    title = "".join(part.capitalize() for part in re.split(r"\W|_", name))
    terms = found.terms
    attributes = {
        "__doc__": f"{found.label}: files read through the map {name}.",
        "label": found.label,
        "kind": found.kind,
        "revision": found.revision,
        "zone": found.zone,
        "terms": Terms(
            url=terms.url,
            read_on=terms.read_on,
            attribution=terms.attribution,
            reuse=terms.reuse,
        ),
        "map": found,
    }
    return type(title, (Files,), attributes)
