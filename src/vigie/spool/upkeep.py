"""Looking after the files of the spool: list, verify, prune."""

import contextlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from vigie.model.capture import Capture
from vigie.spool.files import FileSpool
from vigie.spool.index import Line, read_index
from vigie.spool.rewriting import alone
from vigie.spool.segment import OPEN_SUFFIX, members, partition_of, writing_of


class Segment(msgspec.Struct, frozen=True):
    """One segment as `vigie spool list` shows it."""

    partition: str
    source: str
    size_bytes: int | None
    """None: only the brokers know."""
    entries: int
    open: bool
    modified_at: datetime
    """When it was last added to; that something was erased in it makes it no younger."""

    @property
    def amount(self) -> str:
        """How much it holds, in words."""
        bare = self.size_bytes is None
        return f"{self.entries} entries" if bare else f"{self.size_bytes} bytes"


class Verdict(msgspec.Struct, frozen=True):
    """What verifying a segment found."""

    partition: str
    entries: int
    captures: int
    damaged: tuple[int, ...]
    """Ordinals of what cannot be read; -1 is the segment's head, which holds no entry."""
    torn_bytes: int
    """Bytes of an unfinished record at the end; harmless, nothing acknowledged is in it."""


def list_segments(spool: FileSpool) -> list[Segment]:
    """Return every segment with its size and number of entries, oldest first."""
    found = []
    for path in spool.segments():
        is_open = path.name.endswith(OPEN_SUFFIX)
        stat = path.stat()
        at = datetime.fromtimestamp(stat.st_mtime, UTC)
        if is_open:
            count = sum(1 for _ in members(path))
        else:
            index = read_index(path)
            count, at = index.entries, added_at(path.name, index.lines, at)
        source = path.parent.name
        found.append(Segment(partition_of(path), source, stat.st_size, count, is_open, at))
    return found


def added_at(name: str, lines: Sequence[Line], modified_at: datetime) -> datetime:
    """Return when a sealed segment was last added to: at its newest capture, or when it was opened,
    which its name says, where that is later (a file's captures may be of years ago).

    The file's own time does not say it, since erasing writes the file anew.
    """
    try:
        opened_at = datetime.strptime(name.partition("-")[0], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
    except ValueError:
        return modified_at
    return min(modified_at, max([opened_at, *(line.at for line in lines)]))


def verify(path: Path) -> Verdict:
    """Read every record of a segment; CRC and lengths are checked on the way."""
    captures = count = end = 0
    with path.open("rb") as file:
        damaged = [] if writing_of(file) or path.name.endswith(OPEN_SUFFIX) else [-1]
    for member in members(path):
        count = member.ordinal + 1
        end = member.offset + member.length
        captures += isinstance(member.entry, Capture)
        if member.entry is None:
            damaged.append(member.ordinal)
    torn = path.stat().st_size - end if count else 0
    return Verdict(partition_of(path), count, captures, tuple(damaged), torn)


def prune(
    spool: FileSpool,
    *,
    now: datetime,
    keep_days: float | None,
    keep_bytes: int | None,
    processed: Mapping[str, int],
    source: str | None = None,
    dry_run: bool = False,
) -> list[Segment]:
    """Remove whole sealed segments, oldest first, and return them.

    A segment goes when all of it is older than *keep_days*, or while its source holds more than
    *keep_bytes*. Segments not processed to the end are never removed.
    """
    with contextlib.nullcontext() if dry_run else alone(spool.folder):
        paths = {partition_of(path): path for path in spool.segments()}
        gone = surplus(
            list_segments(spool), now=now, keep_days=keep_days, keep_bytes=keep_bytes,
            processed=processed, source=source,
        )  # fmt: skip
        for segment in () if dry_run else gone:
            path = paths[segment.partition]
            path.with_name(path.name.removesuffix(".warc.gz") + ".cdxj").unlink(missing_ok=True)
            path.unlink()
    return gone


def surplus(
    segments: Sequence[Segment],
    *,
    now: datetime,
    keep_days: float | None,
    keep_bytes: int | None,
    processed: Mapping[str, int],
    source: str | None,
) -> list[Segment]:
    """Return the segments, oldest first, that `prune` removes."""
    held: dict[str, int] = {}
    for segment in segments:
        held[segment.source] = held.get(segment.source, 0) + (segment.size_bytes or 0)
    gone = []
    for segment in segments:
        if segment.open or (source is not None and segment.source != source):
            continue
        if processed.get(segment.partition, 0) < segment.entries:
            continue
        age_days = (now - segment.modified_at).total_seconds() / 86_400
        too_old = keep_days is not None and age_days > keep_days
        too_large = keep_bytes is not None and held[segment.source] > keep_bytes
        if too_old or too_large:
            held[segment.source] -= segment.size_bytes or 0
            gone.append(segment)
    return gone
