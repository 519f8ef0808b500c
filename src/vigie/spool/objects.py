"""The spool as WARC files in a bucket: written here, visible there once sealed.

An object cannot be added to, so segments grow in a folder of this machine, where an append is
durable as in `files`, and go to the bucket when they are sealed: when they are large or old enough,
and at the end of a run. What the bucket does not take waits in the folder and is put there later.
Readers see the bucket alone: visibility is the roll interval.
"""

import contextlib
import threading
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import structlog

from vigie.errors import SpoolError
from vigie.model.capture import Capture, Entry
from vigie.model.position import Span
from vigie.spool.bucket import INDEX_SUFFIX, Bucket, BucketAway, Sealed
from vigie.spool.files import FileSpool
from vigie.spool.index import Line
from vigie.spool.record import decode
from vigie.spool.rewriting import alone
from vigie.spool.segment import SEALED_SUFFIX, members

ROLL_SECONDS: Final = 60.0
RETRY_SECONDS: Final = 15.0
_AT_ONCE: Final = 32
_GZIP: Final = 31

log = structlog.get_logger(__name__)


class ObjectSpool:
    """A `vigie.contracts.Spool` in a bucket."""

    def __init__(
        self, bucket: Bucket, folder: Path, *, roll_seconds: float = ROLL_SECONDS, **options: Any
    ) -> None:
        """Know the spool.

        Args:
            folder: Of this machine, where segments grow and wait.
            roll_seconds: Age at which a segment is sealed, when something is appended.
            options: Of the `FileSpool` below.
        """
        self.bucket, self.outbox = bucket, FileSpool(folder, **options)
        self._options, self._roll = options, roll_seconds
        self._opened_at: float | None = None
        self._next_try = 0.0
        self._lock = threading.Lock()

    def append(self, entries: Iterable[Entry]) -> None:
        """Durable on return on this machine; in the bucket after the roll interval.

        Raises:
            SpoolError: the disk is full.
        """
        with self._lock:
            self.outbox.append(entries)
            now = time.monotonic()
            self._opened_at = now if self._opened_at is None else self._opened_at
            if now - self._opened_at >= self._roll:
                self.outbox.close()
                self._opened_at = None
            if now >= self._next_try:
                self._ship()

    def close(self) -> None:
        """Seal what is open and put it into the bucket; what it does not take waits."""
        with self._lock:
            self.outbox.close()
            self._opened_at = None
            self._ship()

    def recover(self) -> int:
        """Seal the segments of writers that died, and put them into the bucket; remove the copies
        of readers that died. Return how many segments they were."""
        with self._lock:
            self.bucket.recover()
            count = self.outbox.recover()
            self._ship()
            if time.monotonic() >= self._next_try:
                with contextlib.suppress(BucketAway):  # tidied the next time
                    self.bucket.tidy()
            return count

    def read(self, consumer: str, after: Mapping[str, int]) -> Iterator[tuple[Span, list[Entry]]]:
        for segment in self.bucket.segments():
            done = after.get(segment.partition, 0)
            if done and done >= self.bucket.index(segment).entries:
                continue
            with self.bucket.here(segment) as path:
                yield from FileSpool(path.parents[1], **self._options).read(consumer, after)

    def fetch(self, capture_id: str) -> Capture | None:
        for segment in reversed(self.bucket.segments()):
            lines = [line for line in self.bucket.index(segment).lines if line.id == capture_id]
            for capture in self._captures(segment, lines):
                return capture
        return self.outbox.fetch(capture_id)

    def select(self, source: str | None, since: datetime, until: datetime) -> Iterator[Capture]:
        for segment in self.bucket.segments():
            if source is None or segment.source == source:
                lines = [n for n in self.bucket.index(segment).lines if since <= n.at < until]
                yield from self._captures(segment, lines)

    def erase(self, capture_ids: Iterable[str]) -> int:
        """Replace captures by stubs. A bucket that keeps old versions of its objects keeps these,
        too: give it a rule that removes them."""
        wanted = set(capture_ids)
        with self._lock:
            gone = self.outbox.erase(wanted)
            for segment in self.bucket.segments():
                if any(line.id in wanted for line in self.bucket.index(segment).lines):
                    with self.bucket.here(segment) as path:
                        gone += FileSpool(path.parents[1]).erase(wanted)
                        self.bucket.replace(segment, path)
        return gone

    def _captures(self, segment: Sealed, lines: list[Line]) -> Iterator[Capture]:
        for start in range(0, len(lines), _AT_ONCE):
            part = lines[start : start + _AT_ONCE]
            for line, packed in zip(part, self.bucket.parts(segment, part), strict=True):
                if (capture := _unpacked(packed, line.id)) is None:
                    capture = self._searched(segment, line.id)
                if capture is not None:
                    yield capture

    def _searched(self, segment: Sealed, capture_id: str) -> Capture | None:
        """Find a capture where the index no longer says: the segment was written anew."""
        with self.bucket.here(segment) as path:
            for member in members(path):
                if isinstance(member.entry, Capture) and member.entry.id == capture_id:
                    return member.entry
        return None

    def _ship(self) -> None:
        """Put what is sealed into the bucket, oldest first. Nothing is erased here meanwhile, which
        would miss what is on its way."""
        if not any(path.name.endswith(SEALED_SUFFIX) for path in self.outbox.segments()):
            return
        try:
            with alone(self.outbox.folder):
                for path in self.outbox.segments():
                    if path.name.endswith(SEALED_SUFFIX):
                        self.bucket.put(path)
                        path.unlink()
                        index = path.name.removesuffix(SEALED_SUFFIX) + INDEX_SUFFIX
                        path.with_name(index).unlink(missing_ok=True)
        except BucketAway as away:
            self._next_try = time.monotonic() + RETRY_SECONDS
            log.warning("captures kept on disk", why=str(away), retry_seconds=RETRY_SECONDS)


def _unpacked(packed: bytes, capture_id: str) -> Capture | None:
    try:
        entry = decode(zlib.decompress(packed, _GZIP))
    except (zlib.error, SpoolError, ValueError):
        return None
    return entry if isinstance(entry, Capture) and entry.id == capture_id else None
