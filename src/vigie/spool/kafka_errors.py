"""What the errors of Kafka's client mean: away, and asked again, or refused."""

from typing import Final

from confluent_kafka import KafkaError, KafkaException

from vigie.errors import SpoolError

PASSING: Final = frozenset({
    KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError.FENCED_LEADER_EPOCH,
    KafkaError.UNKNOWN_LEADER_EPOCH, KafkaError.OFFSET_NOT_AVAILABLE,
})  # fmt: skip
"""While a topic is new or its leader changes."""

_AWAY: Final = PASSING | frozenset({
    KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._TIMED_OUT,
    KafkaError._MSG_TIMED_OUT, KafkaError._RESOLVE, KafkaError._PURGE_INFLIGHT,
    KafkaError._PURGE_QUEUE, KafkaError._WAIT_COORD, KafkaError._UNKNOWN_PARTITION,
    KafkaError._UNKNOWN_TOPIC, KafkaError._FATAL, KafkaError.NOT_ENOUGH_REPLICAS,
    KafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER, KafkaError.UNKNOWN_PRODUCER_ID,
    KafkaError.INVALID_PRODUCER_EPOCH, KafkaError.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
    KafkaError.REQUEST_TIMED_OUT, KafkaError.LEADER_NOT_AVAILABLE, KafkaError._TIMED_OUT_QUEUE,
})  # fmt: skip


class BrokersAway(SpoolError):
    """The brokers do not answer, or not in time; what was asked may be asked again."""

    def __init__(self, brokers: str, what: str) -> None:
        self.brokers, self.what = brokers, what
        super().__init__(f"Kafka at {brokers} does not answer: {what}. Is it running?")


def told(brokers: str, error: BaseException, what: str) -> SpoolError:
    """Return the error of ours that *error* means; *what* says what was asked for."""
    code = code_of(error)
    inner = error.args[0] if isinstance(error, KafkaException) and error.args else error
    why = inner.str() if isinstance(inner, KafkaError) else str(inner) or "no answer in time"
    retriable = isinstance(inner, KafkaError) and inner.retriable()
    if isinstance(error, TimeoutError) or retriable or code in _AWAY:
        return BrokersAway(brokers, f"{what} ({why})")
    return SpoolError(f"Kafka at {brokers}: {what}: {why}")


def code_of(error: BaseException) -> int | None:
    """Return the number of a client's error; None when it is none of its."""
    inner = error.args[0] if isinstance(error, KafkaException) and error.args else None
    return int(inner.code()) if isinstance(inner, KafkaError) else None
