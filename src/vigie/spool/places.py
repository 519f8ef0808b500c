"""Where an entry begins in a segment that another process may write anew at any moment.

A byte offset is good in one writing of the segment only. So it is never kept alone: with it goes
which writing it is of (`segment.writing_of`), and it is used in that one.
"""

from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from vigie.model.capture import Capture
from vigie.spool.index import Line
from vigie.spool.segment import members_in

_OFFSET_BITS: Final = 36
_OFFSET: Final = (1 << _OFFSET_BITS) - 1


class Place(msgspec.Struct, frozen=True):
    """Where an entry begins in one writing of a segment."""

    writing: str
    ordinal: int
    offset: int


def place_of(writing: str, offset: int) -> int:
    """Return a place as a `Slice` tells it: 27 bits that stand for the writing, then the offset, so
    that all of it is a long of Spark. 0, the beginning, when it cannot be told."""
    if not writing or not 0 < offset <= _OFFSET:
        return 0
    stands_for = int.from_bytes(blake2b(writing.encode(), digest_size=4).digest()) >> 5
    return stands_for << _OFFSET_BITS | offset


def offset_in(place: int, writing: str) -> int:
    """Return the offset that a slice's place tells; 0 when it is of another writing."""
    offset = place & _OFFSET
    return offset if place == place_of(writing, offset) else 0


def opened(path: Path) -> BinaryIO:
    """Open the segment under the name it has now: it may have been sealed meanwhile."""
    try:
        return path.open("rb")
    except FileNotFoundError:
        return path.with_name(path.name.removesuffix(".open")).open("rb")


def capture_at(path: Path, line: Line) -> Capture | None:
    """Return the capture of an index's line, searched for when the segment was written anew since.
    None: it is erased or damaged."""
    with opened(path) as file:
        for first in ((line.offset, line.ordinal), (0, 0)):
            for member in members_in(file, path, *first):
                if isinstance(member.entry, Capture) and member.entry.id == line.id:
                    return member.entry
                if first[0]:
                    break
    return None
