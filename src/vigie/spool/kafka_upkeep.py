"""Looking after the spool on Kafka: list, verify, prune.

A partition is what a segment is among files. How many bytes it takes only its brokers know.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from vigie.errors import SpoolError, UsageError
from vigie.model.capture import Capture
from vigie.spool import kafka_bodies as bodies
from vigie.spool.kafka import KafkaSpool
from vigie.spool.kafka_log import Found, PartitionLog
from vigie.spool.kafka_record import ENTRY, ROLL, VERSION, beside_bytes, decode, id_in
from vigie.spool.upkeep import Segment, Verdict

_LEAST_AGE: Final = timedelta(days=1)
"""Of a body that is taken for one that no message will name any more."""

log = structlog.get_logger(__name__)


def list_segments(spool: KafkaSpool) -> list[Segment]:
    """Return every partition that holds something, with how many offsets it spans."""
    found = []
    with spool.logs() as logs:
        for part in logs:
            low, high = part.ends()
            if high > low:
                newest = part.newest() or datetime.now(UTC)
                source = spool.brokers.names.source_of(part.topic)
                found.append(Segment(part.name, source, None, high - low, True, newest))
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

    What is not processed stays whatever its age, and so does what is not ours: a log is cut before
    the first message of a stranger. Bodies that no message names are removed with it.

    Raises:
        UsageError: *topic* is that of several sources.
    """
    if topic is not None and spool.brokers.names.is_shared(topic):
        raise UsageError(
            f"topic {topic} holds captures of several sources, and a log can only be cut at its "
            f"beginning: prune without --source"
        )
    if keep_days is None:
        return []
    gone = []
    limit = now - timedelta(days=keep_days)
    with spool.logs() as logs:
        lows = {part.name: part.ends()[0] for part in logs}
        for part in logs:
            if topic not in {None, part.topic}:
                continue
            low, (_, high) = lows[part.name], part.ends()
            end = min(
                part.offset_at(int(limit.timestamp() * 1000), high), processed.get(part.name, 0)
            )
            end, large = _ours(spool, part, low, end)
            if end <= low:
                continue
            source = spool.brokers.names.source_of(part.topic)
            gone.append(Segment(part.name, source, None, end - low, True, limit))
            if dry_run:
                continue
            lows[part.name] = end
            # Bodies first: those of a log that is already shorter would be found by nobody.
            for one in large - bodies.placed(spool, large, lows):
                spool.beside.delete(one)
            spool.brokers.delete_before(part.topic, part.number, end)
    if topic is None and not dry_run:
        bodies.sweep(spool, min(limit, datetime.now(UTC) - _LEAST_AGE))
    return gone


def _ours(spool: KafkaSpool, part: PartitionLog, low: int, end: int) -> tuple[int, set[str]]:
    """Return up to which offset, at most *end*, all messages are ours, and the captures among them
    whose bodies are beside.

    Every message that would go is looked at: a topic's name does not say whose it is.
    """
    large: set[str] = set()
    for found in part.stretch(low, end):
        if not _is_ours(spool, part.topic, found):
            log.warning(
                "log kept from a message on that is not ours", partition=part.name,
                offset=found.offset, setting="kafka.topic",
            )  # fmt: skip
            return found.offset, large
        if beside_bytes(found.headers) is not None:
            large.add(id_in(found.key))
    return end, large


def _is_ours(spool: KafkaSpool, topic: str, found: Found) -> bool:
    told = dict(found.headers)
    if found.value is None or (VERSION in told and told.get(ENTRY) == ROLL.encode()):
        return True  # a tombstone, or what closes a file
    try:
        entry = decode(found.headers, found.value)
    except SpoolError:
        return False
    return entry is not None and spool.brokers.names.may_hold(topic, entry.source)
