"""Spark Structured Streaming: Kafka's topics followed in micro-batches, for as long as it is asked.

The stream resumes by itself: when the broker, the database or a worker is gone, the query ends,
waits a little longer each time, and starts again from its checkpoint. What was stored stays
stored, since positions are kept with the rows (see `spark`).
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from vigie.contracts import Store
from vigie.engines.spark import OnBatch, store_messages
from vigie.engines.workers import Work
from vigie.errors import FromTheFuture, StoreError, VigieError
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
    checkpoint: Path
    """Folder where Spark keeps how far it has read. It may be lost: see `spark`."""
    trigger: str | float = 10.0
    """Seconds between two batches; `AVAILABLE_NOW`: all there is, then end; `CONTINUOUS`: one
    micro-batch after the other."""
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
        StoreError: only with `AVAILABLE_NOW`, after which nothing of the failed batch is kept.
    """
    stop = stop or threading.Event()
    stored = _Stored(store, work, on_batch, after)
    pause = FIRST_PAUSE_SECONDS
    while not stop.is_set():
        before = stored.batches
        query = _start(spark, feeding, stored)
        try:
            _wait(query, stop)
        except Exception as error:  # Spark wraps whatever ended the query
            reason = stored.error or error
            stored.error = None
            if isinstance(reason, FromTheFuture) or feeding.trigger == AVAILABLE_NOW:
                raise reason if isinstance(reason, VigieError) else _told(reason) from error
            pause = FIRST_PAUSE_SECONDS if stored.batches > before else pause
            log.warning("stream interrupted", why=_short(reason), retry_seconds=pause)
            stop.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        else:
            break
        finally:
            query.stop()
    return stored.fates


class _Stored:
    """What `foreachBatch` calls, and what came of it."""

    def __init__(
        self, store: Store, work: Work, on_batch: OnBatch | None, after: Callable[[], None]
    ) -> None:
        self._store, self._work, self._on_batch = store, work, on_batch
        self._after = after
        self.fates = Fates()
        self.batches = 0
        self.error: Exception | None = None

    def __call__(self, messages: "DataFrame", _number: int) -> None:
        try:
            self.fates += store_messages(messages, self._store, self._work, self._on_batch)
            self._after()
        except Exception as error:
            self.error = error  # as it is: Spark tells it as text only
            raise
        self.batches += 1


def _start(spark: "SparkSession", feeding: Feeding, stored: _Stored) -> "StreamingQuery":
    messages = (
        spark.readStream.format("kafka")
        .option("kafka.bootstrap.servers", feeding.brokers)
        .option("subscribePattern", feeding.pattern)
        .option("includeHeaders", "true")
        .option("startingOffsets", "earliest")
        .option("maxOffsetsPerTrigger", str(feeding.most_messages))
        # What the broker let go of before it was read is said, not passed over.
        .option("failOnDataLoss", "true")
        .load()
    )
    writer = messages.writeStream.foreachBatch(stored).option(
        "checkpointLocation", feeding.checkpoint.absolute().as_uri()
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


def _told(error: Exception) -> StoreError:
    return StoreError(f"the stream ended: {_short(error)}. Nothing of its last batch was kept.")


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
