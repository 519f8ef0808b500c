"""The spool as WARC files in a local folder: one folder a source, one open segment a writer.

    <folder>/<source>/<time>-<writer>.warc.gz.open    being written (fsynced after every append)
    <folder>/<source>/<time>-<writer>.warc.gz         sealed
    <folder>/<source>/<time>-<writer>.cdxj            index of a sealed one; can be made again

Segments sort by the time they were opened. A writer never appends to a segment it did not open.
"""

import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from vigie.model.capture import Capture, Entry, RunEnd
from vigie.model.position import Slice, Span
from vigie.spool.index import entries_of, index_of, write_index
from vigie.spool.record import Erased
from vigie.spool.segment import (
    OPEN_SUFFIX,
    SEALED_SUFFIX,
    Writer,
    lock,
    members,
    pack,
    partition_of,
    sync_folder,
)

ROLL_BYTES: Final = 64 * 1024 * 1024
SLICE_BYTES: Final = 4 * 1024 * 1024
"""Compressed bytes after which a slice ends: some 20 to 50 MB of pages."""
SLICE_ENTRIES: Final = 256
"""Entries after which a slice ends: a second or two of one core."""


def utc_now() -> datetime:
    """Return the time that names a new segment."""
    return datetime.now(UTC)


class FileSpool:
    """A `vigie.contracts.Spool` on a local folder."""

    def __init__(
        self,
        folder: Path,
        *,
        roll_bytes: int = ROLL_BYTES,
        batch_entries: int = 64,
        batch_bytes: int = 16 * 1024 * 1024,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.folder = folder
        self._roll_bytes = roll_bytes
        self._batch_entries = batch_entries
        self._batch_bytes = batch_bytes
        self._now = now
        self._writers: dict[str, Writer] = {}
        self._append_lock = threading.Lock()
        self._offsets: dict[str, tuple[int, int]] = {}  # partition → (ordinal, offset) read up to

    def append(self, entries: Iterable[Entry]) -> None:
        packed: dict[str, list[bytes]] = {}
        for entry in entries:
            packed.setdefault(entry.source, []).append(pack(entry))
        with self._append_lock:
            for source, new in packed.items():
                writer = self._writers.get(source) or self._open(source)
                writer.append(new)
                if writer.size >= self._roll_bytes:
                    self._seal(source)

    def close(self) -> None:
        """Seal the open segments: called at the end of a run. The next append opens new ones."""
        with self._append_lock:
            for source in list(self._writers):
                self._seal(source)

    def recover(self) -> int:
        """Seal the segments of writers that died, cutting torn tails; return how many."""
        return sum(_seal_dead(path) for path in sorted(self.folder.glob(f"*/*{OPEN_SUFFIX}")))

    def segments(self) -> list[Path]:
        """Return every segment, oldest first."""
        # Open ones first: one that is sealed between the two looks is found twice, never missed.
        opened = list(self.folder.glob(f"*/*{OPEN_SUFFIX}"))
        sealed = list(self.folder.glob(f"*/*{SEALED_SUFFIX}"))
        found = {partition_of(path): path for path in (*opened, *sealed)}.values()
        return sorted(found, key=lambda path: (path.name.removesuffix(".open"), path.parent.name))

    def read(self, consumer: str, after: Mapping[str, int]) -> Iterator[tuple[Span, list[Entry]]]:
        for path in self.segments():
            yield from self._read_segment(consumer, path, after.get(partition_of(path), 0))

    def slices(self, after: Mapping[str, int]) -> Iterator[Slice]:
        for path in self.segments():
            partition = partition_of(path)
            done = after.get(partition, 0)
            if path.name.endswith(OPEN_SUFFIX):
                yield Slice(partition, done, None)
                continue
            count = entries_of(path)
            start, place, since = done, 0, 0
            for line in index_of(path) if done < count else ():
                if line.ordinal <= done:
                    since = line.offset
                    place = line.offset if line.ordinal == done else 0
                elif line.offset - since >= SLICE_BYTES or line.ordinal - start >= SLICE_ENTRIES:
                    yield Slice(partition, start, line.ordinal, place)
                    start, place, since = line.ordinal, line.offset, line.offset
            if start < count:
                yield Slice(partition, start, count, place)

    def read_slice(self, consumer: str, part: Slice) -> Iterator[tuple[Span, list[Entry]]]:
        """Yield batches of *part*, whose place is the byte where its first entry begins; 0: the
        segment is read from its beginning."""
        path = self.folder / f"{part.partition}{SEALED_SUFFIX}"
        if not path.exists():
            path = path.with_name(f"{path.name}.open")
        yield from self._cut(consumer, path, part, part.start if part.place else 0)

    def fetch(self, capture_id: str) -> Capture | None:
        for path in reversed(self.segments()):
            for line in index_of(path):
                if line.id == capture_id:
                    entry = next(members(_still(path), line.offset, line.ordinal)).entry
                    return entry if isinstance(entry, Capture) else None
        return None

    def select(self, source: str | None, since: datetime, until: datetime) -> Iterator[Capture]:
        for path in self.segments():
            if source is not None and path.parent.name != source:
                continue
            for line in index_of(path):
                if since <= line.at < until:
                    entry = next(members(_still(path), line.offset, line.ordinal)).entry
                    if isinstance(entry, Capture):
                        yield entry

    def erase(self, capture_ids: Iterable[str]) -> int:
        """Replace captures by stubs. A segment that a live writer holds is sealed first when it
        is ours; another process's is left, and its captures are not counted."""
        wanted = set(capture_ids)
        self.close()
        gone = 0
        for path in self.segments():
            if path.name.endswith(OPEN_SUFFIX):
                continue
            if any(line.id in wanted for line in index_of(path)):
                gone += _rewrite_without(path, wanted)
                self._offsets.pop(partition_of(path), None)
        return gone

    def _open(self, source: str) -> Writer:
        at = self._now()
        name = f"{at:%Y%m%dT%H%M%S}{at.microsecond // 1000:03d}-{secrets.token_hex(3)}{OPEN_SUFFIX}"
        writer = Writer(self.folder / source / name, source, at)
        self._writers[source] = writer
        return writer

    def _seal(self, source: str) -> None:
        write_index(self._writers.pop(source).seal())

    def _read_segment(
        self, consumer: str, path: Path, done: int
    ) -> Iterator[tuple[Span, list[Entry]]]:
        partition = partition_of(path)
        if path.name.endswith(SEALED_SUFFIX) and done and done >= entries_of(path):
            return
        ordinal, offset = self._offsets.get(partition, (0, 0))
        if ordinal > done:
            ordinal, offset = 0, 0
        yield from self._cut(consumer, path, Slice(partition, done, None, offset), ordinal)

    def _cut(
        self, consumer: str, path: Path, part: Slice, ordinal: int
    ) -> Iterator[tuple[Span, list[Entry]]]:
        """Yield batches of *part*; *ordinal* is the number of the entry at its place."""
        partition = part.partition
        batch: list[Entry] = []
        start, size, reached = part.start, 0, part.start
        for member in members(_still(path), part.place, ordinal):
            if member.ordinal == part.end:
                break
            end = reached = member.ordinal + 1
            self._offsets[partition] = (end, member.offset + member.length)
            if member.ordinal < part.start:
                continue
            if member.entry is not None and not isinstance(member.entry, Erased):
                batch.append(member.entry)
                size += len(member.entry.body) if isinstance(member.entry, Capture) else 0
            # A run is judged before the next one's pages are stored, however they are batched.
            over = isinstance(member.entry, RunEnd)
            if over or end - start >= self._batch_entries or size >= self._batch_bytes:
                yield Span(consumer, partition, start, end), batch
                batch, start, size = [], end, 0
        if reached > start:
            yield Span(consumer, partition, start, reached), batch


def _still(path: Path) -> Path:
    """Return the segment under the name it has now: it may have been sealed meanwhile."""
    if path.name.endswith(OPEN_SUFFIX) and not path.exists():
        return path.with_name(path.name.removesuffix(".open"))
    return path


def _seal_dead(path: Path) -> bool:
    try:
        file = path.open("r+b")
    except FileNotFoundError:  # its writer sealed it meanwhile
        return False
    with file:
        if not lock(file):
            return False
        end = 0
        for member in members(path):
            end = member.offset + member.length
        if end:
            file.truncate(end)
            file.flush()
        sealed = path.with_name(path.name.removesuffix(".open"))
        path.rename(sealed)
        sync_folder(sealed.parent)
    write_index(sealed)
    return True


def _rewrite_without(path: Path, wanted: set[str]) -> int:
    """Write the segment again with stubs for *wanted*; the new file replaces the old at once."""
    gone = 0
    fresh = path.with_name(path.name + ".rewrite")
    fresh.unlink(missing_ok=True)
    writer = Writer(fresh, path.parent.name, utc_now())
    try:
        for member in members(path):
            entry = member.entry
            if isinstance(entry, Capture) and entry.id in wanted:
                entry = Erased(entry.id, entry.source)
                gone += 1
            # A damaged member keeps its ordinal: it becomes a stub too.
            writer.append([pack(entry or Erased("", path.parent.name))])
    finally:
        writer.close()
    fresh.rename(path)
    sync_folder(path.parent)
    write_index(path)
    return gone
