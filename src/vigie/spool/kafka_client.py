"""The brokers as the spool sees them: topics, where they begin and end, and what errors mean."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import (
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ConfigSource,
)
from confluent_kafka.admin._resource import ResourceType
from confluent_kafka.cimpl import NewTopic

from vigie.errors import ConfigError, SpoolError
from vigie.spool.kafka_errors import PASSING, BrokersAway, code_of, told
from vigie.spool.kafka_topics import TopicNames

ANSWER_SECONDS: Final = 10.0
"""Longest wait for an answer of the brokers."""
_STEP_SECONDS: Final = 0.1

T = TypeVar("T")


class Brokers:
    """Clients for one set of brokers, and the topics' names."""

    def __init__(
        self, brokers: str, *, topic: str = "vigie-captures-{source}",
        topics: Mapping[str, str] | None = None, partitions: int = 4, replication: int = 1,
        options: Mapping[str, str] | None = None, deliver_seconds: float = ANSWER_SECONDS,
    ) -> None:  # fmt: skip
        """Know the brokers; nothing is asked yet.

        Args:
            brokers: HOST:PORT, separated by commas.
            topic: Topic of a source without one in *topics*; `{source}` stands for its name, and
                at least four letters stand around it.
            partitions, replication: Of topics that are made here.
            options: Options of librdkafka, for all clients.
            deliver_seconds: Longest time that messages may take to be kept.

        Raises:
            ConfigError: *topic* could be the name of anybody's topic.
        """
        self.brokers, self.names = brokers, TopicNames(topic, topics or {})
        self._partitions, self._replication = partitions, replication
        self._options, self.deliver_seconds = dict(options or {}), deliver_seconds
        self._counts: dict[str, int] = {}
        self._admin: AdminClient | None = None

    def topic_of(self, source: str) -> str:
        """Return the topic of a source's captures."""
        return self.names.of(source)

    def captures_topics(self) -> dict[str, int]:
        """Return every topic of captures that there is, with its number of partitions, by name.

        Raises:
            BrokersAway.
        """
        found = self._listed()
        return {name: found[name] for name in self.names.among(found)}

    @property
    def captures_pattern(self) -> str:
        """Regular expression that the names of all captures' topics match."""
        return self.names.pattern

    def count(self, topic: str) -> int:
        """Return the topic's number of partitions; 0 when there is none.

        Raises:
            BrokersAway.
        """
        return self._listed().get(topic, 0)

    def partitions_of(self, topic: str) -> int:
        """Return the topic's number of partitions; it is made when there is none.

        Raises:
            BrokersAway. SpoolError: it cannot be made.
        """
        if topic not in self._counts:
            self._counts |= self._listed()
        if topic not in self._counts:
            self.make_topic(topic, self._partitions, CAPTURES)
            self._counts[topic] = self._listed().get(topic, self._partitions)
        return self._counts[topic]

    def make_topic(self, topic: str, partitions: int, config: Mapping[str, str]) -> None:
        """Make a topic; no effect when it is there."""
        made = NewTopic(
            topic, num_partitions=partitions, replication_factor=self._replication,
            config=dict(config),
        )  # fmt: skip
        try:
            self.admin.create_topics([made])[topic].result(ANSWER_SECONDS)
        except (KafkaException, TimeoutError) as error:
            if code_of(error) != KafkaError.TOPIC_ALREADY_EXISTS:
                raise self.told(error, f"topic {topic} cannot be made") from error

    def change_topic(self, topic: str, config: Mapping[str, str | None]) -> None:
        """Change settings of a topic; None: back to what the brokers have for all."""
        entries = [
            ConfigEntry(
                name, value or "",
                incremental_operation=(
                    AlterConfigOpType.DELETE if value is None else AlterConfigOpType.SET
                ),
            )
            for name, value in config.items()
        ]  # fmt: skip
        resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries)
        self.patiently(
            f"topic {topic} cannot be changed",
            lambda: [
                future.result(ANSWER_SECONDS)
                for future in self.admin.incremental_alter_configs([resource]).values()
            ],
        )

    def topic_setting(self, topic: str, name: str) -> str:
        """Return one setting of a topic."""
        resource = ConfigResource(ResourceType.TOPIC, topic)
        return self.patiently(
            f"topic {topic} cannot be looked at",
            lambda: [
                str(future.result(ANSWER_SECONDS)[name].value)
                for future in self.admin.describe_configs([resource]).values()
            ],
        )[0]

    def own_settings(self, topic: str, names: Iterable[str]) -> dict[str, str | None]:
        """Return what a topic itself says of *names*; None: what the brokers have for all."""
        resource = ConfigResource(ResourceType.TOPIC, topic)
        told: Mapping[str, Any] = self.patiently(
            f"topic {topic} cannot be looked at",
            lambda: [
                future.result(ANSWER_SECONDS)
                for future in self.admin.describe_configs([resource]).values()
            ],
        )[0]
        own = ConfigSource.DYNAMIC_TOPIC_CONFIG.value
        return {n: str(told[n].value) if told[n].source == own else None for n in names}

    def delete_before(self, topic: str, partition: int, offset: int) -> None:
        """Let the brokers forget everything before *offset*."""
        place = TopicPartition(topic, partition, offset)
        self.patiently(
            f"{topic}/{partition} cannot be shortened",
            lambda: [
                future.result(ANSWER_SECONDS)
                for future in self.admin.delete_records([place]).values()
            ],
        )

    @property
    def admin(self) -> AdminClient:
        if self._admin is None:
            self._admin = AdminClient(self.config())
        return self._admin

    def producer(self, **options: Any) -> Producer:
        """Return a producer whose messages are kept by all replicas, once and in order."""
        return Producer(self.config() | {
            "enable.idempotence": True, "acks": "all", "compression.type": "zstd",
            "linger.ms": 5, "message.timeout.ms": int(self.deliver_seconds * 1000),
            "message.max.bytes": 16_000_000,
        } | options)  # fmt: skip

    def consumer(self, **options: Any) -> Consumer:
        """Return a consumer that sees committed messages only and never commits a position."""
        return Consumer(self.config() | {
            "group.id": "vigie", "enable.auto.commit": False, "enable.auto.offset.store": False,
            "isolation.level": "read_committed", "auto.offset.reset": "error",
            "enable.partition.eof": True, "queued.max.messages.kbytes": 32_768,
            "fetch.wait.max.ms": 50, "check.crcs": True,
        } | options)  # fmt: skip

    def config(self) -> dict[str, Any]:
        """Return what every client has in common."""
        return {
            "bootstrap.servers": self.brokers, "client.id": "vigie", "log_level": 0,
            "error_cb": _quiet, "socket.timeout.ms": 10_000, "reconnect.backoff.max.ms": 1_000,
            "topic.metadata.refresh.interval.ms": 30_000,
        } | self._options  # fmt: skip

    def patiently(self, what: str, ask: Callable[[], T]) -> T:
        """Return what *ask* returns, asked again while the brokers sort out who leads.

        Raises:
            BrokersAway, SpoolError: about *what*.
        """
        limit = time.monotonic() + ANSWER_SECONDS
        while True:
            try:
                return ask()
            except (KafkaException, TimeoutError) as error:
                if code_of(error) not in PASSING or time.monotonic() > limit:
                    raise self.told(error, what) from error
            time.sleep(_STEP_SECONDS)

    def told(self, error: BaseException, what: str) -> SpoolError:
        """Return the error of ours that *error* means."""
        return told(self.brokers, error, what)

    def _listed(self) -> dict[str, int]:
        topics = self.patiently(
            "its topics cannot be listed", lambda: self.admin.list_topics(timeout=5).topics
        )
        return {name: len(topic.partitions) for name, topic in topics.items() if not topic.error}


CAPTURES: Final = {
    "cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1",
    "message.timestamp.type": "CreateTime", "max.message.bytes": "16000000",
}  # fmt: skip
"""Of topics of captures: nothing leaves by itself, since it may not be processed yet."""


def brokers_of(url: str) -> str:
    """Return the brokers of ``kafka://HOST:PORT[,HOST:PORT]``.

    Raises:
        ConfigError: it names none.
    """
    brokers = url.removeprefix("kafka://").rstrip("/")
    if not brokers or "/" in brokers:
        raise ConfigError(f"spool.url = {url!r}: expected kafka://HOST:PORT")
    return brokers


def _quiet(_: object) -> None:
    """Take what librdkafka says of lost connections: what matters comes back from the calls."""


__all__ = ["CAPTURES", "Brokers", "BrokersAway", "brokers_of"]
