"""Reading one partition: every message that is there, and how far the log reaches.

Offsets have holes: compaction and expiry take messages out, transactions leave marks. So a reader
goes by offsets, never by counting, and is done when it stands at the end, not when it has read so
many.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, cast

import msgspec
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin._listoffsets import OffsetSpec

from vigie.spool.kafka_client import ANSWER_SECONDS, Brokers, BrokersAway

SILENCE_SECONDS: Final = 30.0
"""After which a broker that sends nothing is taken to be away."""
_POLL_SECONDS: Final = 1.0

Headers = list[tuple[str, bytes | None]]


class Found(msgspec.Struct, frozen=True):
    """One message as it lies in the log."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers


class PartitionLog:
    """One partition of one topic, read by one consumer at a time."""

    def __init__(self, brokers: Brokers, consumer: Consumer, topic: str, number: int) -> None:
        self.topic, self.number = topic, number
        self.reached = 0
        """Offset up to which the last `stretch` looked."""
        self._brokers, self._consumer = brokers, consumer

    @property
    def name(self) -> str:
        """The partition's name in positions."""
        return f"{self.topic}/{self.number}"

    def ends(self) -> tuple[int, int]:
        """Return the first offset that is there, and the one after the last committed one.

        Raises:
            BrokersAway, SpoolError.
        """
        place = TopicPartition(self.topic, self.number)
        low, high = self._brokers.patiently(
            f"{self.name} cannot be read",
            lambda: self._consumer.get_watermark_offsets(place, timeout=5, cached=False),
        )
        return int(low), int(high)

    def stretch(self, start: int, end: int) -> Iterator[Found]:
        """Yield the messages at offsets ``start <= offset < end`` that are there, in order.

        Raises:
            BrokersAway: nothing came for long. SpoolError: the brokers refuse.
        """
        self.reached = start
        if start >= end:
            return
        self._consumer.assign([TopicPartition(self.topic, self.number, start)])
        silent = 0.0
        try:
            while self.reached < end:
                # `consume` would wait until it has a full list; `poll` gives what is there.
                if (message := self._consumer.poll(_POLL_SECONDS)) is None:
                    silent += _POLL_SECONDS
                    if silent >= SILENCE_SECONDS:
                        raise BrokersAway(self._brokers.brokers, f"{self.name} sends nothing")
                    continue
                error, offset = message.error(), message.offset()
                if error is not None and error.code() == KafkaError._PARTITION_EOF:
                    # Before *end* only when a transaction is open there: it is read later.
                    self.reached = end if offset is None else min(offset, end)
                    return
                if error is not None:
                    if error.fatal():
                        what = f"{self.name} cannot be read"
                        raise self._brokers.told(KafkaException(error), what)
                    continue  # a connection lost: when it does not come back, silence tells
                silent = 0.0
                if offset is None or offset >= end:
                    self.reached = end
                    return
                headers = cast("Headers", message.headers() or [])
                yield Found(offset, message.key(), message.value(), headers)
                self.reached = offset + 1
        finally:
            self._consumer.unassign()

    def newest(self) -> datetime | None:
        """Return the time of the newest message; None when there is none."""
        place = TopicPartition(self.topic, self.number)
        found = self._brokers.patiently(
            f"{self.name} cannot be searched",
            lambda: [
                future.result(ANSWER_SECONDS)
                for future in self._brokers.admin.list_offsets(
                    {place: OffsetSpec.max_timestamp()}  # type: ignore[no-untyped-call]  # theirs
                ).values()
            ],
        )[0]
        stamp = int(found.timestamp)
        return datetime.fromtimestamp(stamp / 1000, UTC) if stamp > 0 else None

    def offset_at(self, at_ms: int, end: int) -> int:
        """Return the first offset of a message of that time or later; *end* if there is none."""
        wanted = TopicPartition(self.topic, self.number, at_ms)
        (found,) = self._brokers.patiently(
            f"{self.name} cannot be searched",
            lambda: self._consumer.offsets_for_times([wanted], timeout=5),
        )
        return int(found.offset) if found.offset >= 0 else end


class Logs:
    """The partitions of topics, and the consumer that reads them; closed with the block."""

    def __init__(self, brokers: Brokers, topic: str | None) -> None:
        self._brokers, self._topic = brokers, topic
        self._consumer: Consumer | None = None

    def __enter__(self) -> list[PartitionLog]:
        found = self._brokers.captures_topics()
        self._consumer = self._brokers.consumer()
        return [
            PartitionLog(self._brokers, self._consumer, topic, number)
            for topic, count in found.items()
            if self._topic in {None, topic}
            for number in range(count)
        ]

    def __exit__(self, *_: object) -> None:
        if self._consumer is not None:
            self._consumer.close()
