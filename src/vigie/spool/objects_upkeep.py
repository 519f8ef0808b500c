"""Looking after the spool in a bucket: list, verify, prune."""

from collections.abc import Iterator, Mapping
from datetime import datetime

import msgspec

from vigie.spool import upkeep
from vigie.spool.objects import ObjectSpool
from vigie.spool.upkeep import Segment, Verdict


def list_segments(spool: ObjectSpool) -> list[Segment]:
    """Return every segment: those in the bucket, then those that grow or wait on this machine."""
    found = []
    for one in spool.bucket.segments():
        index = spool.bucket.index(one)
        at = upkeep.added_at(one.path.rpartition("/")[2], index.lines, one.modified_at)
        found.append(Segment(one.partition, one.source, one.size_bytes, index.entries, False, at))
    here = upkeep.list_segments(spool.outbox)
    return found + [msgspec.structs.replace(one, open=True) for one in here]


def verify(spool: ObjectSpool) -> Iterator[Verdict]:
    """Bring every segment here and read every record of it."""
    for one in spool.bucket.segments():
        with spool.bucket.here(one) as path:
            yield upkeep.verify(path)
    for path in spool.outbox.segments():
        yield upkeep.verify(path)


def prune(
    spool: ObjectSpool, *, now: datetime, keep_days: float | None, keep_bytes: int | None,
    processed: Mapping[str, int], source: str | None = None, dry_run: bool = False,
) -> list[Segment]:  # fmt: skip
    """Remove whole segments from the bucket as `upkeep.prune` does from a folder."""
    segments = [one for one in list_segments(spool) if not one.open]
    there = {one.partition: one for one in spool.bucket.segments()}
    gone = upkeep.surplus(
        segments, now=now, keep_days=keep_days, keep_bytes=keep_bytes, processed=processed,
        source=source,
    )  # fmt: skip
    for segment in gone:
        if not dry_run:
            spool.bucket.remove(there[segment.partition])
    return gone
