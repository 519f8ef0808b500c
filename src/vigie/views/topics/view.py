"""Listings told to the outside: a Kafka topic a source, the listing's id as key, JSON as value.

A `vigie.contracts.View`: it follows the feed, and its cursor is a message of a compacted topic,
written in the same transaction as the listings. So a reader that asks for committed messages sees
each listing's last value and never a cursor ahead of them, whatever is killed. A listing that is
erased is a tombstone; one that is closed is told with its status.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final, Protocol

import msgspec
import polars as pl
from confluent_kafka import KafkaError, KafkaException

from vigie.errors import ViewBusy, ViewError, VigieError
from vigie.model.position import Change

_FENCED: Final = frozenset(
    {KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH}
)
CURSORS: Final = "vigie-cursors"
"""Topic of the cursors of every instance that publishes to these brokers."""
LISTINGS: Final = {
    "cleanup.policy": "compact", "max.compaction.lag.ms": "86400000", "segment.ms": "86400000",
    "max.message.bytes": "16000000",
}  # fmt: skip
"""Of topics of listings: a day after a newer value or a tombstone, the old one is taken out."""


class Clients(Protocol):
    """The brokers, as the view uses them."""

    def producer(self, **options: Any) -> Any:
        """Return a producer."""

    def make_topic(self, topic: str, partitions: int, config: Mapping[str, str]) -> None:
        """Make a topic; no effect when it is there."""

    def count(self, topic: str) -> int:
        """Return how many partitions a topic has; 0: there is none."""

    def messages(self, topic: str) -> Iterator[tuple[bytes | None, bytes | None]]:
        """Yield key and value of every committed message that a topic holds now; none when
        there is no such topic."""


class Cursor(msgspec.Struct, frozen=True):
    """What is kept of how far the view has come."""

    seq: int = 0
    topics: dict[str, list[str]] = {}
    """Source → topics: with others, the topics lack what was told before."""


Told = Callable[[str, pl.DataFrame], Sequence[bytes]]
"""Kind and rows → one JSON document a row."""


class TopicsView:
    """Publishes listings to topics."""

    forgets = True
    """What is erased leaves it by `apply` alone; it need not be made anew for that."""

    def __init__(
        self, clients: Clients, name: str, topics: Mapping[str, Sequence[str]], told: Told, *,
        partitions: int = 4, wait_seconds: float = 30,
    ) -> None:  # fmt: skip
        """Know the topics; the brokers are asked when there is something to tell.

        Args:
            name: Of the instance: its cursor's key. Two writers of one name fence each other off.
            topics: Source → topics of its listings.
            partitions: Of topics that are made here.
            wait_seconds: Longest wait for the brokers' word on a transaction.
        """
        self._clients, self._name, self._told = clients, name, told
        self._topics = {source: sorted(names) for source, names in sorted(topics.items())}
        self._partitions, self._seconds = partitions, wait_seconds
        self._made: set[str] = set()
        """Topics that are known to be there."""
        self._producer: Any = None
        self._known: Cursor | None = None

    @property
    def stale(self) -> bool:
        """Whether the topics are others than when it last published."""
        known = self._cursor()
        return known.seq > 0 and known.topics != self._topics

    def cursor(self) -> int:
        """Return the feed's position up to which listings are published.

        Raises:
            ViewError: the brokers do not answer.
        """
        return self._cursor().seq

    def apply(self, changes: Sequence[Change], rows: Mapping[str, pl.DataFrame], seq: int) -> None:
        """Publish the present state of what changed, with the cursor, in one transaction."""
        self._cursor()
        messages = [one for kind, frame in rows.items() for one in self._messages(kind, frame)]
        present = {one for frame in rows.values() for one in frame["id"]}
        gone = dict.fromkeys(change.id for change in changes if change.id not in present)
        # Where an erased listing was published is not known any more: everywhere it may have been.
        where = [topic for topic in self._every() if gone and self._is_there(topic)]
        messages += [(topic, one, None) for one in gone for topic in where]
        self._commit(messages, Cursor(seq, self._topics))

    def rebuild(self, seq: int, rows: Iterator[tuple[str, pl.DataFrame]]) -> None:
        """Publish what differs from what the topics hold; tombstones for what is not there."""
        self._cursor()
        held = {topic: self._held(topic) for topic in self._every()}
        for kind, frame in rows:
            fresh = []
            for topic, key, value in self._messages(kind, frame):
                if held[topic].pop(key, None) != _hash(value):
                    fresh.append((topic, key, value))
            if fresh:
                self._commit(fresh, None)
        surplus = [(topic, key, None) for topic, keys in held.items() for key in keys]
        self._commit(surplus, Cursor(seq, self._topics))

    def close(self) -> None:
        """Let go of the connection."""
        self._producer = self._known = None

    def _messages(self, kind: str, frame: pl.DataFrame) -> list[tuple[str, str, bytes | None]]:
        mine = frame.filter(pl.col("source").is_in(list(self._topics)))
        if not mine.height:
            return []
        return [
            (topic, key, value)
            for key, source, value in zip(
                mine["id"], mine["source"], self._told(kind, mine), strict=True
            )
            for topic in self._topics[source]
        ]

    def _every(self) -> list[str]:
        return sorted({topic for names in self._topics.values() for topic in names})

    def _is_there(self, topic: str) -> bool:
        """Whether a topic was ever published to: one is made with its first listing."""
        if topic not in self._made and self._asked(lambda: self._clients.count(topic)):
            self._made.add(topic)
        return topic in self._made

    def _held(self, topic: str) -> dict[str, bytes | None]:
        """Return what the topic holds now: key → hash of its last value."""
        held: dict[str, bytes | None] = {}
        for key, value in self._asked(lambda: list(self._hashes(topic))):
            if value is None:
                held.pop(key, None)
            else:
                held[key] = value
        return held

    def _hashes(self, topic: str) -> Iterator[tuple[str, bytes | None]]:
        for key, value in self._clients.messages(topic):
            yield (key or b"").decode("utf-8", "replace"), _hash(value)

    def _cursor(self) -> Cursor:
        """Return the cursor; the first time, take over from a writer before us, then read it."""
        if self._known is None or self._producer is None:
            self._asked(self._take_over)
            found = Cursor()
            for key, value in self._asked(lambda: list(self._clients.messages(CURSORS))):
                if key == self._name.encode() and value is not None:
                    found = msgspec.json.decode(value, type=Cursor)
            self._known = found
        return self._known

    def _take_over(self) -> None:
        self._clients.make_topic(CURSORS, 1, {"cleanup.policy": "compact"})
        producer = self._clients.producer(**{
            "transactional.id": f"vigie-{self._name}", "partitioner": "murmur2_random",
            "message.timeout.ms": int(self._seconds * 1000), "linger.ms": 20,
            "transaction.timeout.ms": 60_000,
        })  # fmt: skip
        producer.init_transactions(self._seconds)
        self._producer = producer

    def _commit(
        self, messages: Sequence[tuple[str, str, bytes | None]], cursor: Cursor | None
    ) -> None:
        """Write the messages, and the cursor if there is one, in one transaction."""

        def write() -> None:
            for topic in {topic for topic, _, _ in messages} - self._made:
                self._clients.make_topic(topic, self._partitions, LISTINGS)
                self._made.add(topic)
            self._producer.begin_transaction()
            for topic, key, value in messages:
                self._send(topic, key, value)
            if cursor is not None:
                self._send(CURSORS, self._name, msgspec.json.encode(cursor))
            self._producer.commit_transaction(self._seconds)

        self._asked(write)
        self._known = cursor or self._known

    def _send(self, topic: str, key: str, value: bytes | None) -> None:
        try:
            self._producer.produce(topic, value, key)
        except BufferError:  # the queue is full: wait until some of it is sent
            self._producer.poll(self._seconds)
            self._producer.produce(topic, value, key)
        self._producer.poll(0)

    def _asked(self, ask: Callable[[], Any]) -> Any:
        """Return what *ask* returns. After an error, start anew with what the brokers hold: a
        transaction that was cut off is finished or undone by taking over from ourselves."""
        try:
            return ask()
        except (KafkaException, BufferError) as error:
            self._abort()
            inner = error.args[0] if error.args else error
            if isinstance(inner, KafkaError) and inner.code() in _FENCED:
                raise ViewBusy("another process publishes the listings") from error
            why = inner.str() if isinstance(inner, KafkaError) else str(inner)
            raise ViewError(f"listings cannot be published to Kafka: {why}") from error
        except VigieError as error:
            self._abort()
            raise ViewError(f"listings cannot be published: {error}") from error

    def _abort(self) -> None:
        producer, self._producer, self._known = self._producer, None, None
        if producer is not None:
            try:
                producer.abort_transaction(1)
            except KafkaException:  # the next writer's `init_transactions` does it
                return


def _hash(value: bytes | None) -> bytes | None:
    return None if value is None else blake2b(value, digest_size=16).digest()
