"""Taking single captures out of Kafka's logs.

A log is only ever added to; what can take one message out of its middle is compaction: of messages
with one key the last is kept, and a tombstone (null value) is the last. Every capture has a key of
its own, so: a tombstone is written for each capture to erase, the topic is set to be compacted, the
file in which they lie is closed, and the brokers' cleaner writes the log anew without them. When
all are gone the topic is set back, since compacting a log that only grows is work for nothing.

The captures' offsets stay holes, which readers' spans cover.
"""

import time
from typing import TYPE_CHECKING, Final

from confluent_kafka import KafkaException

from vigie.model.capture import Capture
from vigie.spool.kafka_client import Brokers
from vigie.spool.kafka_record import ENTRY, RECORD_VERSION, ROLL, VERSION, key_of, partition_of

if TYPE_CHECKING:
    from vigie.spool.kafka import KafkaSpool

_COMPACTING: Final = {
    "cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.0001",
    "max.compaction.lag.ms": "1000", "segment.ms": "1000", "delete.retention.ms": "60000",
    "file.delete.delay.ms": "1000",
}  # fmt: skip
_PAUSE_SECONDS: Final = 1.2
"""Longer than `segment.ms`, so that the next message closes the file before it."""


def erase(spool: "KafkaSpool", wanted: set[str]) -> int:
    """Ask for *wanted* to be taken out; return how many bodies are gone.

    Called again while some are left, it asks again: a tombstone more changes nothing.
    """
    if not wanted:
        return 0
    there: dict[str, list[Capture]] = {}
    gone = 0
    for one, capture in spool.fetch_all(sorted(wanted)).items():
        if capture is not None:
            spool.beside.delete(one)
            there.setdefault(spool.brokers.topic_of(capture.source), []).append(capture)
        elif spool.index().places(one):
            spool.index().forget(one)
            gone += 1
    for topic, captures in there.items():
        _ask(spool.brokers, topic, captures)
    _set_back(spool, set(there))
    return gone


def _ask(brokers: Brokers, topic: str, captures: list[Capture]) -> None:
    brokers.change_topic(topic, _COMPACTING)
    count = brokers.partitions_of(topic)
    producer = brokers.producer()
    numbers = {partition_of(one.source, one.query, count) for one in captures}
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
        number = partition_of(one.source, one.query, count)
        producer.produce(topic, None, key_of(one), number, on_delivery=told, headers=mark)
    producer.flush()
    time.sleep(_PAUSE_SECONDS)  # … which this message closes: the last file is never compacted
    for number in numbers:
        producer.produce(topic, b"", ROLL.encode(), number, on_delivery=told, headers=mark)
    producer.flush()
    if failed:
        raise brokers.told(KafkaException(failed[0]), "captures cannot be erased")


def _set_back(spool: "KafkaSpool", still: set[str]) -> None:
    """Let topics without anything left to erase grow as before."""
    for topic in spool.brokers.captures_topics():
        if topic in still:
            continue
        if "compact" in spool.brokers.topic_setting(topic, "cleanup.policy"):
            usual: dict[str, str | None] = dict.fromkeys(_COMPACTING)
            spool.brokers.change_topic(topic, usual | {"cleanup.policy": "delete"})
