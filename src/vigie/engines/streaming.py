"""Spark Structured Streaming: Kafka's topics followed in micro-batches, for as long as it is asked.

Where to begin is asked of the store at every start, never of an old checkpoint: the two can differ
(a backup, another store, another engine in between), and only the store knows what is stored. So
each start has a checkpoint folder of its own, which Spark needs while it runs.

The stream resumes by itself: when the broker, the database or a worker is gone, the query ends,
waits a little longer each time, and starts again.
"""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import structlog

from vigie.contracts import Store
from vigie.engines.spark import OnBatch, store_messages
from vigie.engines.trouble import is_gone, short, told
from vigie.engines.workers import Work
from vigie.errors import EngineGone, FromTheFuture, StoreError
from vigie.model.fates import Fates

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.streaming.query import StreamingQuery

AVAILABLE_NOW: Final = "available-now"
CONTINUOUS: Final = "continuous"
FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 30.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Feeding:
    """Which topics, and how often."""

    brokers: str
    """HOST:PORT, separated by commas."""
    pattern: str
    """Regular expression that the topics' names match; topics may appear later."""
    checkpoints: Path
    """Folder for what Spark notes while it runs."""
    starts: Callable[[Mapping[str, int]], Mapping[str, Mapping[int, int]]]
    """The store's positions → topic → partition → offset to begin at, for every partition."""
    trigger: str | float = 10.0
    """Seconds between two batches; `AVAILABLE_NOW`: all there is, then end; `CONTINUOUS`: one
    micro-batch after the other."""
    options: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Of Spark's own Kafka client, such as `kafka.security.protocol`: passwords may be among
    them."""
    most_messages: int = 2_000
    """Messages of a batch, so that the driver's memory holds what they say."""


def follow(
    spark: "SparkSession", store: Store, work: Work, feeding: Feeding, *,
    stop: threading.Event | None = None, on_batch: OnBatch | None = None,
    after: Callable[[], None] = lambda: None,
) -> Fates:  # fmt: skip
    """Refine and store what the topics hold, until *stop* is set; with `AVAILABLE_NOW` once.

    Args:
        after: Called when a micro-batch is stored.

    Raises:
        FromTheFuture: a newer Vigie wrote to the topics or the store: trying again cannot help.
        EngineGone: Spark itself has ended: another process has to start it again.
        StoreError: only with `AVAILABLE_NOW`, after which nothing of the failed batch is kept.
    """
    stop = stop or threading.Event()
    stored = _Stored(store, work, on_batch, after)
    pause = FIRST_PAUSE_SECONDS
    while not stop.is_set():
        before = stored.batches
        try:
            if _run(spark, feeding, stored, stop):
                break
            stop.wait(FIRST_PAUSE_SECONDS)  # there are no topics yet
        except Exception as error:  # Spark wraps whatever ended the query
            if stop.is_set():  # a signal to the whole group ends Java too
                break
            reason = stored.error or error
            stored.error = None
            trouble = told(reason, spark)
            if feeding.trigger == AVAILABLE_NOW or isinstance(trouble, (FromTheFuture, EngineGone)):
                raise trouble from error
            if is_gone(spark):
                raise EngineGone("Spark", short(error)) from error
            pause = FIRST_PAUSE_SECONDS if stored.batches > before else pause
            log.warning("stream interrupted", why=short(reason), retry_seconds=pause)
            stop.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
    return stored.fates


def _run(spark: "SparkSession", feeding: Feeding, stored: "_Stored", stop: threading.Event) -> bool:
    """Run one query to its end; return whether there is nothing more to do."""
    starts = feeding.starts(stored.positions())
    if not starts:
        return feeding.trigger == AVAILABLE_NOW
    stored.begin(starts)
    feeding.checkpoints.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=feeding.checkpoints, ignore_cleanup_errors=True) as checkpoint:
        query = _start(spark, feeding, stored, starts, Path(checkpoint))
        try:
            _wait(query, stop)
        finally:
            query.stop()
    return True


class _Stored:
    """What `foreachBatch` calls, and what came of it."""

    def __init__(
        self, store: Store, work: Work, on_batch: OnBatch | None, after: Callable[[], None]
    ) -> None:
        self._store, self._work, self._on_batch = store, work, on_batch
        self._after = after
        self._reached: dict[str, int] = {}
        self.fates = Fates()
        self.batches = 0
        self.error: Exception | None = None

    def positions(self) -> Mapping[str, int]:
        """Return what the store says of every partition."""
        return self._store.positions(self._work.consumer)

    def begin(self, starts: Mapping[str, Mapping[int, int]]) -> None:
        """Know where the query begins: what the store says must not fall behind it."""
        known = self.positions()
        parts = {f"{topic}/{n}": at for topic, all_ in starts.items() for n, at in all_.items()}
        # Where messages expired unread, the query begins later than the store stands.
        self._reached = {name: min(at, known.get(name, 0)) for name, at in parts.items()}

    def __call__(self, messages: "DataFrame", _number: int) -> None:
        try:
            known = self.positions()
            if any(known.get(name, 0) < at for name, at in self._reached.items()):
                raise StoreError("the store went back behind what the stream has stored in it")
            self.fates += store_messages(messages, self._store, self._work, self._on_batch)
            self._reached |= dict(self.positions())
            self._after()
        except Exception as error:  # raised again; kept as it is: Spark tells it as text only
            self.error = error
            raise
        self.batches += 1


def _start(
    spark: "SparkSession", feeding: Feeding, stored: _Stored,
    starts: Mapping[str, Mapping[int, int]], checkpoint: Path,
) -> "StreamingQuery":  # fmt: skip
    messages = (
        spark.readStream.format("kafka")
        .option("kafka.bootstrap.servers", feeding.brokers)
        .option("subscribePattern", feeding.pattern)
        .option("includeHeaders", "true")
        .option("startingOffsets", json.dumps(starts))
        .option("maxOffsetsPerTrigger", str(feeding.most_messages))
        # What the broker let go of before it was read is said, not passed over.
        .option("failOnDataLoss", "true")
        .options(**feeding.options)
        .load()
    )
    writer = messages.writeStream.foreachBatch(stored).option(
        "checkpointLocation", checkpoint.absolute().as_uri()
    )
    if feeding.trigger == AVAILABLE_NOW:
        writer = writer.trigger(availableNow=True)
    elif feeding.trigger != CONTINUOUS:
        writer = writer.trigger(processingTime=f"{feeding.trigger} seconds")
    return writer.start()


def _wait(query: "StreamingQuery", stop: threading.Event) -> None:
    """Wait until the query ends or *stop* is set.

    Raises:
        Exception: what ended the query.
    """
    while not stop.is_set():
        if query.awaitTermination(1):
            return
