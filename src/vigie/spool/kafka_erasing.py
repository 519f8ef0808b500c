"""Taking single captures out of Kafka's logs.

A log is only ever added to; what can take one message out of its middle is compaction: of messages
with one key the last is kept, and a tombstone (null value) is the last. Every capture has a key of
its own, so: a tombstone is written for each capture to erase, the topic is set to be compacted, the
file in which they lie is closed, and the brokers' cleaner writes the log anew without them. A body
beside is removed once the tombstone says why it is missing. When all are gone the topic gets back
the settings that it had (`kafka_loan`).

The captures' offsets stay holes, which readers' spans cover.
"""

import time
from typing import TYPE_CHECKING, Final

import msgspec
import structlog
from confluent_kafka import KafkaException

from vigie.model.capture import Capture
from vigie.spool.kafka_client import Brokers
from vigie.spool.kafka_loan import Loans, Place
from vigie.spool.kafka_log import Found, PartitionLog
from vigie.spool.kafka_record import (
    ENTRY,
    RECORD_VERSION,
    ROLL,
    VERSION,
    beside_bytes,
    id_in,
    read_message,
)

if TYPE_CHECKING:
    from vigie.spool.kafka import KafkaSpool

_PAUSE_SECONDS: Final = 1.2
"""Longer than `segment.ms`, so that the next message closes the file before it."""

log = structlog.get_logger(__name__)


class _Left(msgspec.Struct, frozen=True):
    """A capture that is still in its log."""

    id: str
    topic: str
    number: int
    found: Found


def erase(spool: "KafkaSpool", wanted: set[str]) -> int:
    """Ask for *wanted* to be taken out; return how many are gone.

    Called again while some are left, it asks again: a tombstone more changes nothing.
    """
    if not wanted:
        return 0
    with Loans(spool.folder) as loans:
        if loans is None:  # another process erases: asked again as long as they are found
            return 0
        left, gone = _looked_up(spool, wanted)
        bare = [one for one in left if _is_missed(spool, one)]
        topics: dict[str, list[_Left]] = {}
        for one in left:
            topics.setdefault(one.topic, []).append(one)
        for topic, captures in topics.items():
            places = [Place(one.number, one.found.offset) for one in captures]
            loans.take(spool.brokers, topic, places)
            _bury(spool.brokers, topic, captures)
        for capture_id in sorted(wanted):
            spool.beside.delete(capture_id)
        for one in bare:
            log.warning(
                "erased capture's body is not here: remove it on the machine that has it",
                capture=one.id, looked=spool.beside.place(one.id), setting="kafka.beside_url",
            )  # fmt: skip
        settle(spool, loans)
        return gone


def settle(spool: "KafkaSpool", loans: Loans) -> None:
    """Give their settings back to topics out of which everything is gone."""
    for topic, places in loans.places().items():
        with spool.logs(topic) as logs:
            parts = {part.number: part for part in logs}
            left = [one for one in places if _there(parts.get(one.number), one.offset) is not None]
        if left:
            loans.keep(topic, left)
        else:
            loans.give_back(spool.brokers, topic, exists=bool(parts))


def _looked_up(spool: "KafkaSpool", wanted: set[str]) -> tuple[list[_Left], int]:
    """Return which messages of *wanted* are still there, and how many captures are gone."""
    index = spool.finder.up_to_date()
    left: list[_Left] = []
    gone = 0
    with spool.logs() as logs:
        known = {part.name: part for part in logs}
        for capture_id in sorted(wanted):
            places, before = index.places(capture_id), len(left)
            for name, offset in places:
                part = known.get(name)
                found = _there(part, offset)
                if part is not None and found is not None and id_in(found.key) == capture_id:
                    left.append(_Left(capture_id, part.topic, part.number, found))
            if places and len(left) == before:
                index.forget(capture_id)
                gone += 1
    return left, gone


def _there(part: PartitionLog | None, offset: int) -> Found | None:
    """Return the message at *offset* when it is still there with its content."""
    if part is None:
        return None
    low, high = part.ends()
    for found in list(part.stretch(max(low, offset), min(high, offset + 1))):
        return found if found.value is not None else None
    return None


def _is_missed(spool: "KafkaSpool", one: _Left) -> bool:
    """Whether a body that should be beside is not, though nobody has erased it before."""
    if beside_bytes(one.found.headers) is None or spool.beside.get(one.id) is not None:
        return False
    entry = read_message(one.found.headers, one.found.value)
    return isinstance(entry, Capture) and not spool.tombstones.has(entry)


def _bury(brokers: Brokers, topic: str, captures: list[_Left]) -> None:
    """Write a tombstone for each capture, and close the files in which they lie."""
    producer = brokers.producer()
    mark: list[tuple[str, str | bytes | None]] = [
        (VERSION, str(RECORD_VERSION).encode()),
        (ENTRY, ROLL.encode()),
    ]
    failed: list[object] = []

    def told(error: object, _message: object) -> None:
        if error is not None:
            failed.append(error)

    time.sleep(_PAUSE_SECONDS)  # the tombstones begin a file of their own …
    for one in captures:
        producer.produce(topic, None, one.found.key, one.number, on_delivery=told, headers=mark)
    producer.flush()
    time.sleep(_PAUSE_SECONDS)  # … which this message closes: the last file is never compacted
    for number in {one.number for one in captures}:
        producer.produce(topic, b"", ROLL.encode(), number, on_delivery=told, headers=mark)
    producer.flush()
    if failed:
        raise brokers.told(KafkaException(failed[0]), "captures cannot be erased")
