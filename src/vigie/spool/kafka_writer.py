"""Writing to Kafka so that what is kept is always a beginning of what was given.

Messages have no time-out of their own: one that ran out while a later one is still sent would
leave a gap, and be delivered after it. What is not acknowledged in time is given up all at once.
"""

from confluent_kafka import KafkaError, KafkaException, Producer

from vigie.spool.kafka_client import Brokers, BrokersAway
from vigie.spool.kafka_record import Message

Placed = tuple[str, int, Message]
"""Topic, partition, message."""


class KafkaWriter:
    """An idempotent producer, made when it is needed and dropped after a failure."""

    def __init__(self, brokers: Brokers) -> None:
        self._brokers = brokers
        self._producer: Producer | None = None

    def write(self, placed: list[Placed]) -> None:
        """Send the messages and wait until all replicas in sync have them.

        Raises:
            BrokersAway: they did not say so in time; a beginning may be kept.
            SpoolError: they refuse.
        """
        failed: list[KafkaError] = []
        try:
            self._produce(placed, failed)
        except (KafkaException, BufferError) as error:
            self.close()
            raise self._brokers.told(error, "captures cannot be written") from error
        if failed:
            raise self._brokers.told(KafkaException(failed[0]), "captures cannot be written")

    def close(self) -> None:
        """Give up what is not sent, and let go of the connection."""
        if self._producer is not None:
            self._producer.purge()
            self._producer.flush(1)
            self._producer = None

    def _produce(self, placed: list[Placed], failed: list[KafkaError]) -> None:
        def told(error: KafkaError | None, _message: object) -> None:
            if error is not None:
                failed.append(error)

        if self._producer is None:
            self._producer = self._brokers.producer(**{"message.timeout.ms": 0})
        producer, seconds = self._producer, self._brokers.deliver_seconds
        for topic, number, message in placed:
            for attempt in (1, 2):
                try:
                    producer.produce(
                        topic, message.value, message.key, number, on_delivery=told,
                        timestamp=message.at_ms, headers=list(message.headers),
                    )  # fmt: skip
                    break
                except BufferError:  # the queue is full: wait until it is sent
                    if attempt == 2:
                        raise
                    producer.flush(seconds)
            producer.poll(0)
        if (unsent := producer.flush(seconds)) or failed:
            self.close()  # tells of what was given up, too
        if unsent and not failed:
            raise BrokersAway(self._brokers.brokers, "captures cannot be written")
