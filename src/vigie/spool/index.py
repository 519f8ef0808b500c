"""The index of a segment: where each capture lies, so that one is found without reading all.

A CDXJ file beside a sealed segment (a line per capture: URL, time, JSON), as web archives keep
them. It is derived: when it is missing or older than the segment it is made again.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import msgspec

from vigie.model.capture import Capture
from vigie.spool.segment import OPEN_SUFFIX, SEALED_SUFFIX, Member, members, sync_folder


class Line(msgspec.Struct, frozen=True):
    """Where one capture lies in its segment."""

    id: str
    at: datetime
    offset: int
    length: int
    ordinal: int


def write_index(segment: Path) -> None:
    """Write the index of a sealed segment; it appears whole or not at all."""
    target = _beside(segment)
    count = 0
    lines: list[str] = []
    for member in members(segment):
        count = member.ordinal + 1
        if isinstance(member.entry, Capture):
            lines.append(_line(member, member.entry))
    text = f"!entries {count}\n" + "".join(lines)
    fresh = target.with_name(target.name + ".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(target)
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
    yield from _read(segment, _current(segment))[1]


def entries_of(segment: Path) -> int:
    """Return how many entries a sealed segment holds."""
    return _read(segment, _current(segment))[0]


def _current(segment: Path) -> int:
    target = _beside(segment)
    if not target.exists() or target.stat().st_mtime_ns < segment.stat().st_mtime_ns:
        write_index(segment)
    return target.stat().st_mtime_ns


@lru_cache(maxsize=256)
def _read(segment: Path, _version: int) -> tuple[int, tuple[Line, ...]]:
    return read_lines(_beside(segment).read_text(encoding="utf-8"))


def read_lines(text: str) -> tuple[int, tuple[Line, ...]]:
    """Return the number of entries that an index tells, and its lines."""
    head, *lines = text.splitlines()
    found = []
    for line in lines:
        _, when, facts = line.split(" ", 2)
        at = datetime.strptime(when, "%Y%m%d%H%M%S%f").replace(tzinfo=UTC)
        place = json.loads(facts)
        found.append(Line(place["id"], at, place["offset"], place["length"], place["ordinal"]))
    return int(head.split(" ")[1]), tuple(found)


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
