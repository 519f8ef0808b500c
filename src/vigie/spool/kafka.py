"""The spool on Kafka: a topic a source, its entries in order per query, kept by all replicas.

Ordinals are offsets. A reader sees committed messages up to the log's end when it began, and its
spans cover the holes that compaction, expiry and transactions leave, so that positions never gap.
How an entry lies in a message is `kafka_record`'s; how one is erased, `kafka_erasing`'s.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

import msgspec
import structlog

from vigie.errors import SpoolError
from vigie.model.capture import Capture, Entry, RunEnd
from vigie.model.position import Span
from vigie.spool.beside import Beside
from vigie.spool.kafka_client import Brokers, BrokersAway
from vigie.spool.kafka_finding import Finder
from vigie.spool.kafka_log import Found, Logs, PartitionLog
from vigie.spool.kafka_record import (
    BESIDE,
    Mark,
    Message,
    beside_bytes,
    encode,
    mark_of,
    partition_of,
    read_message,
    run_in,
    size_of,
)
from vigie.spool.kafka_tombstones import Tombstones
from vigie.spool.kafka_writer import KafkaWriter, Placed

log = structlog.get_logger(__name__)


class KafkaSpool:
    """A `vigie.contracts.Spool` on Kafka."""

    def __init__(
        self, brokers: Brokers, folder: Path, beside: Beside, *, body_limit_bytes: int = 900_000,
        batch_entries: int = 64, batch_bytes: int = 16 * 1024 * 1024,
    ) -> None:  # fmt: skip
        """Know the spool; brokers are asked when something is appended or read.

        Args:
            folder: Of this machine, for the index by which captures are found.
            beside: Where bodies over *body_limit_bytes* are kept.
        """
        self.brokers, self.beside = brokers, beside
        self.folder, self._limit = folder, body_limit_bytes
        self._batch_entries, self._batch_bytes = batch_entries, batch_bytes
        self._writer = KafkaWriter(brokers)
        self.finder = Finder(folder, self.logs, self._brought)
        self.tombstones = Tombstones(self)
        self._lock = threading.Lock()

    def append(self, entries: Iterable[Entry]) -> None:
        """Durable on return: every replica in sync has it.

        Raises:
            BrokersAway: they did not say that they keep all of it; some of it may be kept.
            SpoolError: they refuse it.
        """
        # All that needs the brokers' answers comes first: what is queued then goes out together.
        placed = [self._placed(entry) for entry in entries]
        with self._lock:
            self._writer.write(placed)

    def kept(self, entries: Iterable[Entry]) -> set[Mark]:
        """Return those *entries* (`mark_of`) that the log holds already, or that somebody has had
        erased: these have a tombstone. What another run brought is another message, even if the
        page is the same.

        Searched from the oldest entry's time on: a message has its entry's time, or that of its
        writing where the topic says so, which is later.

        Raises:
            BrokersAway.
        """
        wanted: dict[str, set[Mark]] = {}
        oldest: dict[str, int] = {}
        for entry in entries:
            topic = self.brokers.topic_of(entry.source)
            number = partition_of(entry.source, entry.query, self.brokers.partitions_of(topic))
            name, at_ms = f"{topic}/{number}", int(entry.at.timestamp() * 1000)
            wanted.setdefault(name, set()).add(mark_of(entry))
            oldest[name] = min(at_ms, oldest.get(name, at_ms))
        there: set[Mark] = set()
        with self.logs() as logs:
            for part in logs:
                if part.name not in wanted:
                    continue
                low, high = part.ends()
                start = max(low, part.offset_at(oldest[part.name], high))
                found, gone = set[Mark](), set[bytes | None]()
                for one in part.stretch(start, high):
                    if one.value is None:
                        gone.add(one.key)
                    elif one.key is not None:
                        found.add((one.key, run_in(one.headers)))
                there |= {mark for mark in wanted[part.name] if mark in found or mark[0] in gone}
        return there

    def close(self) -> None:
        """Let go of connections and files; the next call opens them again."""
        with self._lock:
            self._writer.close()
            self.finder.close()

    def recover(self) -> int:
        """Give back the settings of topics out of which captures are erased by now; return how many
        writers' remains were brought in order: none, the brokers do it all."""
        from vigie.spool.kafka_loan import Loans

        if Loans.any(self.folder):
            from vigie.spool.kafka_erasing import settle

            with self._lock, Loans(self.folder) as loans:
                if loans is not None:
                    settle(self, loans)
        return 0

    def read(self, consumer: str, after: Mapping[str, int]) -> Iterator[tuple[Span, list[Entry]]]:
        with self.logs() as logs:
            for part in logs:
                yield from self._read_partition(consumer, part, after.get(part.name, 0))

    def fetch(self, capture_id: str) -> Capture | None:
        return self.finder.find([capture_id])[capture_id]

    def select(self, source: str | None, since: datetime, until: datetime) -> Iterator[Capture]:
        wanted = None if source is None else self.brokers.topic_of(source)
        with self.logs(wanted) as logs:
            for part in logs:
                _, high = part.ends()
                first = part.offset_at(int(since.timestamp() * 1000), high)
                for found in part.stretch(first, high):
                    entry = self.entry_of(found)
                    if not isinstance(entry, Capture) or not since <= entry.at < until:
                        continue
                    if source is None or entry.source == source:
                        yield entry

    def erase(self, capture_ids: Iterable[str]) -> int:
        """Have the brokers take captures out of their logs; return how many are gone by now.

        They do it in their own time (minutes): until then `fetch` still finds the capture, and
        erasing is asked for again.
        """
        from vigie.spool.kafka_erasing import erase

        with self._lock:
            return erase(self, set(capture_ids))

    def logs(self, topic: str | None = None) -> Logs:
        """Return the partitions of all captures' topics, or of one, with a consumer of their own.

        Raises:
            BrokersAway.
        """
        return Logs(self.brokers, topic)

    def entry_of(self, found: Found) -> Entry | None:
        """Return the entry of a message, its body brought from beside; None: there is none, or it
        is erased.

        Raises:
            SpoolError: its body is not where this machine looks for it. FromTheFuture.
        """
        entry = read_message(found.headers, found.value)
        if isinstance(entry, Capture) and beside_bytes(found.headers) is not None:
            return self._brought(entry)
        return entry

    def _brought(self, capture: Capture) -> Capture | None:
        """Return the capture with its body from beside; None: it is erased."""
        body = self.beside.get(capture.id)
        if body is not None:
            return msgspec.structs.replace(capture, body=body)
        if self.tombstones.has(capture):
            return None
        raise SpoolError(
            f"the body of capture {capture.id} of {capture.source} is not at "
            f"{self.beside.place(capture.id)}. Let kafka.beside_url name the folder or bucket that "
            f"the collecting machine writes to (s3://… when they share no disk) and start again. "
            f"Run a prune again that was interrupted; for a body that is lost for good, put an "
            f"empty one there."
        )

    def _placed(self, entry: Entry) -> Placed:
        topic = self.brokers.topic_of(entry.source)
        count = self.brokers.partitions_of(topic)
        return topic, partition_of(entry.source, entry.query, count), self._message(entry)

    def _message(self, entry: Entry) -> Message:
        message = encode(entry)
        if isinstance(entry, Capture) and size_of(message) > self._limit:
            self.beside.put(entry.id, entry.body)
            mark = (BESIDE, str(len(entry.body)).encode())
            return msgspec.structs.replace(message, value=b"", headers=[*message.headers, mark])
        return message

    def _read_partition(
        self, consumer: str, part: PartitionLog, done: int
    ) -> Iterator[tuple[Span, list[Entry]]]:
        low, high = part.ends()
        if done > high:
            raise SpoolError(
                f"{part.name} ends at {high}, but {done} of it is processed: the topic was made "
                f"anew. Give it another name (kafka.topic), so that its captures are not missed."
            )
        if low > done:
            log.warning("captures expired unread", partition=part.name, start=done, end=low)
        batch: list[Entry] = []
        start, size, seen = done, 0, list[tuple[str, int]]()
        first = max(done, low)
        for found in part.stretch(first, high):
            entry, end = self.entry_of(found), found.offset + 1
            if entry is not None:
                batch.append(entry)
            if isinstance(entry, Capture):
                size += len(entry.body)
                seen.append((entry.id, found.offset))
            # A run is judged before the next one's pages are stored, however they are batched.
            full = len(batch) >= self._batch_entries or size >= self._batch_bytes
            if isinstance(entry, RunEnd) or full:
                self.finder.note(part, first, end, seen)
                yield Span(consumer, part.name, start, end), batch
                batch, start, size, seen, first = [], end, 0, [], end
        if part.reached > start:
            self.finder.note(part, first, part.reached, seen)
            yield Span(consumer, part.name, start, part.reached), batch


__all__ = ["BrokersAway", "KafkaSpool"]
