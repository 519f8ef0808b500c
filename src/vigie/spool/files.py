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
from typing import BinaryIO, Final

from vigie.model.capture import Capture, Entry, RunEnd
from vigie.model.position import Slice, Span
from vigie.spool.disk import lock, sync_folder
from vigie.spool.index import entries_of, index_of, read_index, write_index
from vigie.spool.places import Place, capture_at, offset_in, opened, place_of
from vigie.spool.record import Erased
from vigie.spool.rewriting import alone, remove_leftovers, rewrite_without
from vigie.spool.segment import (
    OPEN_SUFFIX,
    SEALED_SUFFIX,
    Writer,
    members_in,
    pack,
    partition_of,
    whole_until,
    writing_of,
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
        self._reached: dict[str, Place] = {}  # partition → where reading stopped

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
        """Seal the segments of writers that died, cutting torn tails; return how many.

        What processes left that died while they erased is removed.
        """
        remove_leftovers(self.folder)
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
            index = read_index(path)
            start, offset, since = done, 0, 0
            for line in index.lines if done < index.entries else ():
                if line.ordinal <= done:
                    since = line.offset
                    offset = line.offset if line.ordinal == done else 0
                elif line.offset - since >= SLICE_BYTES or line.ordinal - start >= SLICE_ENTRIES:
                    yield Slice(partition, start, line.ordinal, place_of(index.writing, offset))
                    start, offset, since = line.ordinal, line.offset, line.offset
            if start < index.entries:
                yield Slice(partition, start, index.entries, place_of(index.writing, offset))

    def read_slice(self, consumer: str, part: Slice) -> Iterator[tuple[Span, list[Entry]]]:
        """Yield batches of *part*, whose place says at which byte of which writing its first entry
        begins; 0, or another writing: the segment is read from its beginning."""
        path = self.folder / f"{part.partition}{SEALED_SUFFIX}"
        if not path.exists():
            path = path.with_name(f"{path.name}.open")
        with opened(path) as file:
            offset = offset_in(part.place, writing_of(file))
            start = (offset, part.start) if offset else (0, 0)
            yield from self._cut(consumer, file, path, part, start)

    def fetch(self, capture_id: str) -> Capture | None:
        for path in reversed(self.segments()):
            for line in index_of(path):
                if line.id == capture_id:
                    return capture_at(path, line)
        return None

    def select(self, source: str | None, since: datetime, until: datetime) -> Iterator[Capture]:
        for path in self.segments():
            if source is not None and path.parent.name != source:
                continue
            for line in index_of(path):
                if since <= line.at < until and (found := capture_at(path, line)) is not None:
                    yield found

    def erase(self, capture_ids: Iterable[str]) -> int:
        """Replace captures by stubs. A segment that a live writer holds is sealed first when it
        is ours; another process's is left, and its captures are not counted."""
        wanted = set(capture_ids)
        self.close()
        with alone(self.folder):
            return sum(
                rewrite_without(path, wanted)
                for path in self.segments()
                if path.name.endswith(SEALED_SUFFIX)
                and any(line.id in wanted for line in index_of(path))
            )

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
        with opened(path) as file:
            known, start = self._reached.get(partition), (0, 0)
            if known is not None and known.ordinal <= done and known.writing == writing_of(file):
                start = known.offset, known.ordinal
            yield from self._cut(consumer, file, path, Slice(partition, done, None), start)

    def _cut(
        self, consumer: str, file: BinaryIO, path: Path, part: Slice, first: tuple[int, int]
    ) -> Iterator[tuple[Span, list[Entry]]]:
        """Yield batches of *part*, looking from *first* on, an offset and the ordinal there."""
        partition, writing = part.partition, writing_of(file)
        batch: list[Entry] = []
        start, size, reached = part.start, 0, part.start
        for member in members_in(file, path, *first):
            if member.ordinal == part.end:
                break
            end = reached = member.ordinal + 1
            if writing:
                self._reached[partition] = Place(writing, end, member.offset + member.length)
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


def _seal_dead(path: Path) -> bool:
    try:
        file = path.open("r+b")
    except FileNotFoundError:  # its writer sealed it meanwhile
        return False
    with file:
        if not lock(file):
            return False
        file.truncate(whole_until(path))
        file.flush()
        sealed = path.with_name(path.name.removesuffix(".open"))
        path.rename(sealed)
        sync_folder(sealed.parent)
    write_index(sealed)
    return True
