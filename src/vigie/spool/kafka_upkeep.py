"""Looking after the spool on Kafka: list, verify, prune.

A partition is what a segment is among files. How many bytes it takes only its brokers know.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from vigie.errors import SpoolError
from vigie.model.capture import Capture
from vigie.spool.kafka import KafkaSpool
from vigie.spool.kafka_record import beside_bytes, decode, read_message
from vigie.spool.upkeep import Segment, Verdict


def list_segments(spool: KafkaSpool) -> list[Segment]:
    """Return every partition that holds something, with how many offsets it spans."""
    found = []
    with spool.logs() as logs:
        for part in logs:
            low, high = part.ends()
            if high > low:
                newest = part.newest() or datetime.now(UTC)
                found.append(Segment(part.name, part.topic, None, high - low, True, newest))
    return found


def verify(spool: KafkaSpool) -> Iterator[Verdict]:
    """Read every message; the consumer checks CRCs on the way. A body beside must be there."""
    with spool.logs() as logs:
        for part in logs:
            low, high = part.ends()
            count = captures = 0
            damaged: list[int] = []
            for found in part.stretch(low, high):
                count += 1
                try:
                    entry = decode(found.headers, found.value)
                except SpoolError:
                    damaged.append(found.offset)
                    continue
                captures += isinstance(entry, Capture)
                beside = beside_bytes(found.headers)
                if isinstance(entry, Capture) and beside is not None:
                    body = spool.beside.get(entry.id)
                    wrong = body is None or len(body) != beside
                    if wrong and not spool.tombstones.has(entry):
                        damaged.append(found.offset)
            if high > low:
                yield Verdict(part.name, count, captures, tuple(damaged), 0)


def prune(
    spool: KafkaSpool, *, now: datetime, keep_days: float | None, processed: Mapping[str, int],
    topic: str | None = None, dry_run: bool = False,
) -> list[Segment]:  # fmt: skip
    """Let the brokers forget what is older than *keep_days* and processed; return it.

    What is not processed stays whatever its age.
    """
    if keep_days is None:
        return []
    gone = []
    limit = now - timedelta(days=keep_days)
    with spool.logs(topic) as logs:
        for part in logs:
            low, high = part.ends()
            end = min(
                part.offset_at(int(limit.timestamp() * 1000), high), processed.get(part.name, 0)
            )
            if end <= low:
                continue
            large = []
            for found in part.stretch(low, end):
                if beside_bytes(found.headers) is not None:
                    entry = read_message(found.headers, found.value)
                    large += [entry.id] if isinstance(entry, Capture) else []
            gone.append(Segment(part.name, part.topic, None, end - low, True, limit))
            if dry_run:
                continue
            # Bodies first: those of a log that is already shorter would be found by nobody.
            for one in large:
                spool.beside.delete(one)
            spool.brokers.delete_before(part.topic, part.number, end)
    return gone
