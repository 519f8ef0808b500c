"""Listings told to the outside: a Kafka topic a source, the listing's id as key, JSON as value.

A `vigie.contracts.View`: it follows the feed, and its cursor is a message of a compacted topic,
written in the same transaction as the listings. So a reader that asks for committed messages sees
each listing's last value and never a cursor ahead of them, whatever is killed. A listing that is
erased is a tombstone; one that is closed is told with its status.

Each message says which instance wrote it: in a topic that others write too, theirs are left alone.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
import polars as pl
from confluent_kafka import KafkaError, KafkaException

from vigie.errors import ViewBusy, ViewError, VigieError
from vigie.model.position import Change
from vigie.views.topics.reading import (
    CURSORS,
    INSTANCE,
    Clients,
    Cursor,
    cursor_of,
    hash_of,
    held_in,
)

_FENCED: Final = frozenset(
    {KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH}
)
_REREAD_SECONDS: Final = 1.0
"""How long a cursor that somebody else may move is believed."""
LISTINGS: Final = {
    "cleanup.policy": "compact", "max.compaction.lag.ms": "86400000", "segment.ms": "86400000",
    "max.message.bytes": "16000000",
}  # fmt: skip
"""Of topics of listings: a day after a newer value or a tombstone, the old one is taken out."""


Topics = Callable[[], Mapping[str, Sequence[str]]]
Tell = Callable[[str, pl.DataFrame], Sequence[bytes]]
"""Kind and rows → one JSON document a row."""


class TopicsView:
    """Publishes listings to topics."""

    forgets = True
    """What is erased leaves it by `apply` alone; it need not be made anew for that."""

    def __init__(
        self, clients: Clients, name: str, topics: Mapping[str, Sequence[str]], told: Tell, *,
        partitions: int = 4, wait_seconds: float = 30, again: Topics | None = None,
    ) -> None:  # fmt: skip
        """Know the topics; the brokers are asked when there is something to tell.

        Args:
            name: Of the instance: its cursor's key, and in its messages. Two writers of one name
                fence each other off.
            topics: Source → topics of its listings.
            partitions: Of topics that are made here.
            wait_seconds: Longest wait for the brokers' word on a transaction.
            again: Gives the topics as they are to be now; asked before they are taken for others
                than when it last published, for recipes are edited while we run.
        """
        self._clients, self._name, self._told = clients, name, told
        self._topics = _sorted(topics)
        self._again = again
        self._partitions, self._seconds = partitions, wait_seconds
        self._made: set[str] = set()
        """Topics that are known to be there."""
        self._producer: Any = None
        self._known: Cursor | None = None
        """The cursor, as long as we are its writer."""
        self._seen: tuple[float, Cursor] | None = None
        """When the cursor was last read, and what it was."""

    @property
    def stale(self) -> bool:
        """Whether the topics are others than when it last published."""
        known = self._look()
        if known.seq > 0 and known.topics != self._topics and self._again is not None:
            self._topics = _sorted(self._again())
        return known.seq > 0 and known.topics != self._topics

    def cursor(self) -> int:
        """Return the feed's position up to which listings are published. Looking at it takes
        nothing away from another writer.

        Raises:
            ViewError: the brokers do not answer.
        """
        return self._look().seq

    def apply(self, changes: Sequence[Change], rows: Mapping[str, pl.DataFrame], seq: int) -> None:
        """Publish the present state of what changed, with the cursor, in one transaction."""
        self._begin()
        messages = [one for kind, frame in rows.items() for one in self._messages(kind, frame)]
        present = {one for frame in rows.values() for one in frame["id"]}
        gone = dict.fromkeys(change.id for change in changes if change.id not in present)
        # Where an erased listing was published is not known any more: everywhere it may have been.
        for topic in self._ever() if gone else ():
            if self._is_there(topic):
                _, theirs = self._read(topic, set(gone))
                messages += [(topic, one, None) for one in gone if one not in theirs]
        self._commit(messages, seq)

    def rebuild(self, seq: int, rows: Iterator[tuple[str, pl.DataFrame]]) -> None:
        """Publish what differs from what the topics hold of ours; tombstones for what is not
        there, and in topics of before for what is erased."""
        self._begin()
        held = {topic: self._held(topic) for topic in self._ever()}
        before = [topic for topic in held if topic not in self._every()]
        for kind, frame in rows:
            fresh = []
            for topic, one in ((topic, one) for topic in before for one in frame["id"]):
                held[topic].pop(one, None)
            for topic, key, value in self._messages(kind, frame):
                if value is None or held[topic].pop(key, None) != hash_of(value):
                    fresh.append((topic, key, value))
            if fresh:
                self._commit(fresh, None)
        surplus = [(topic, key, None) for topic, keys in held.items() for key in keys]
        self._commit(surplus, seq)

    def close(self) -> None:
        """Let go of the connection: another may write."""
        self._producer = self._known = self._seen = None

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

    def _ever(self) -> list[str]:
        """Return the topics of now and of before."""
        before = self._known.ever if self._known is not None else []
        return sorted({*before, *self._every()})

    def _is_there(self, topic: str) -> bool:
        """Whether a topic was ever published to: one is made with its first listing."""
        if topic not in self._made and self._asked(lambda: self._clients.count(topic)):
            self._made.add(topic)
        return topic in self._made

    def _held(self, topic: str) -> dict[str, bytes]:
        """Return what the topic holds of ours now: key → hash of its last value."""
        return self._read(topic)[0]

    def _read(
        self, topic: str, wanted: set[str] | None = None
    ) -> tuple[dict[str, bytes], set[str]]:
        return self._asked(lambda: held_in(self._clients, topic, self._name, wanted))  # type: ignore[no-any-return]  # what it calls says

    def _look(self) -> Cursor:
        """Return the cursor: as we wrote it, or as it was read a moment ago."""
        if self._known is not None and self._producer is not None:
            return self._known
        if self._seen is None or time.monotonic() - self._seen[0] > _REREAD_SECONDS:
            self._seen = (
                time.monotonic(),
                self._asked(lambda: cursor_of(self._clients, self._name)),
            )
        return self._seen[1]

    def _kept(self) -> Cursor:
        found: Cursor = self._asked(lambda: cursor_of(self._clients, self._name))
        return found

    def _begin(self) -> None:
        """Take over from a writer before us, whose transaction is finished or undone by that; then
        read the cursor."""
        if self._known is None or self._producer is None:
            self._asked(self._take_over)
            self._known = self._kept()

    def _take_over(self) -> None:
        self._clients.make_topic(CURSORS, 1, {"cleanup.policy": "compact"})
        producer = self._clients.producer(**{
            "transactional.id": f"vigie-{self._name}", "partitioner": "murmur2_random",
            "message.timeout.ms": int(self._seconds * 1000), "linger.ms": 20,
            "transaction.timeout.ms": 60_000,
        })  # fmt: skip
        producer.init_transactions(self._seconds)
        self._producer = producer

    def _commit(self, messages: Sequence[tuple[str, str, bytes | None]], seq: int | None) -> None:
        """Write the messages with the cursor, in one transaction. None: the cursor stays where it
        was, and names the topics."""
        before = self._known or Cursor()
        cursor = msgspec.structs.replace(before, ever=self._ever())
        if seq is not None:
            cursor = Cursor(seq, self._topics, cursor.ever)

        def write() -> None:
            for topic in {topic for topic, _, _ in messages} - self._made:
                self._clients.make_topic(topic, self._partitions, LISTINGS)
                self._made.add(topic)
            self._producer.begin_transaction()
            for topic, key, value in messages:
                self._send(topic, key, value)
            self._send(CURSORS, self._name, msgspec.json.encode(cursor))
            self._producer.commit_transaction(self._seconds)

        self._asked(write)
        self._known = cursor

    def _send(self, topic: str, key: str, value: bytes | None) -> None:
        mark = [(INSTANCE, self._name.encode())]
        try:
            self._producer.produce(topic, value, key, headers=mark)
        except BufferError:  # the queue is full: wait until some of it is sent
            self._producer.poll(self._seconds)
            self._producer.produce(topic, value, key, headers=mark)
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
        producer, self._producer, self._known, self._seen = self._producer, None, None, None
        if producer is not None:
            try:
                producer.abort_transaction(1)
            except KafkaException:  # the next writer's `init_transactions` does it
                return


def _sorted(topics: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {source: sorted(names) for source, names in sorted(topics.items())}
