"""The index of a segment: where each capture lies, so that one is found without reading all.

A CDXJ file beside a sealed segment (a line per capture: URL, time, JSON), as web archives keep
them. It is derived: when it is missing or older than the segment it is made again.

Its first line says how many entries there are, and of which writing of the segment the places are.
"""

import json
import os
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec

from vigie.model.capture import Capture
from vigie.spool.disk import sync_folder
from vigie.spool.segment import (
    OPEN_SUFFIX,
    SEALED_SUFFIX,
    Member,
    members,
    members_in,
    writing_of,
)

FRESH_SUFFIX: Final = ".new"


class Line(msgspec.Struct, frozen=True):
    """Where one capture lies in its segment."""

    id: str
    at: datetime
    offset: int
    length: int
    ordinal: int


class Index(msgspec.Struct, frozen=True):
    """What the index of a sealed segment says."""

    entries: int
    lines: tuple[Line, ...]
    writing: str
    """The writing of the segment (`segment.writing_of`) that the lines' places are of."""


def write_index(segment: Path) -> None:
    """Write the index of a sealed segment; it appears whole or not at all."""
    target = _beside(segment)
    fresh = target.with_name(f"{target.name}.{secrets.token_hex(4)}{FRESH_SUFFIX}")
    while True:
        with segment.open("rb") as file:
            count = 0
            lines: list[str] = []
            for member in members_in(file, segment):
                count = member.ordinal + 1
                if isinstance(member.entry, Capture):
                    lines.append(_line(member, member.entry))
            head = f"!entries {count} {writing_of(file)}".rstrip()
            fresh.write_text(f"{head}\n" + "".join(lines), encoding="utf-8")
            fresh.replace(target)
            # Written anew meanwhile: ours would lay the erased capture's address over its index.
            if os.path.samestat(os.fstat(file.fileno()), segment.stat()):
                break
    sync_folder(target.parent)


def index_of(segment: Path) -> Iterator[Line]:
    """Yield where each capture of *segment* lies; an open segment is read through."""
    if segment.name.endswith(OPEN_SUFFIX):
        if not segment.exists():
            yield from index_of(segment.with_name(segment.name.removesuffix(".open")))
            return
        for member in members(segment):
            if isinstance(member.entry, Capture):
                yield Line(
                    member.entry.id, member.entry.at, member.offset, member.length, member.ordinal
                )
        return
    yield from read_index(segment).lines


def entries_of(segment: Path) -> int:
    """Return how many entries a sealed segment holds."""
    return read_index(segment).entries


def read_index(segment: Path) -> Index:
    """Return the index of a sealed segment."""
    return _read(segment, _current(segment))


def _current(segment: Path) -> int:
    target = _beside(segment)
    if not target.exists() or target.stat().st_mtime_ns < segment.stat().st_mtime_ns:
        write_index(segment)
    return target.stat().st_mtime_ns


@lru_cache(maxsize=256)
def _read(segment: Path, _version: int) -> Index:
    return told_by(_beside(segment).read_text(encoding="utf-8"))


def told_by(text: str) -> Index:
    """Return what the text of an index says."""
    head, *lines = text.splitlines()
    found = []
    for line in lines:
        _, when, facts = line.split(" ", 2)
        at = datetime.strptime(when, "%Y%m%d%H%M%S%f").replace(tzinfo=UTC)
        place = json.loads(facts)
        found.append(Line(place["id"], at, place["offset"], place["length"], place["ordinal"]))
    _, count, *writing = head.split(" ")
    return Index(int(count), tuple(found), "".join(writing))


def _line(member: Member, capture: Capture) -> str:
    at = capture.at.astimezone(UTC)
    when = f"{at:%Y%m%d%H%M%S}{at.microsecond // 1000:03d}"
    facts = json.dumps({
        "id": capture.id, "offset": member.offset, "length": member.length,
        "ordinal": member.ordinal, "status": capture.status,
    })  # fmt: skip
    url = "".join(capture.url.split()) or "-"
    return f"{url} {when} {facts}\n"


def _beside(segment: Path) -> Path:
    return segment.with_name(segment.name.removesuffix(SEALED_SUFFIX) + ".cdxj")
