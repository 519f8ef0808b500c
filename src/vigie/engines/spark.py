"""The engine on Spark: workers refine, the driver stores.

What happens to a batch is `batch.refine`, as in every engine; Spark decides where. Workers take
entries (from Kafka as Spark reads it, or from a spool whose parts they open themselves) and give
back refined batches as bytes, each with the span of entries that it is made of. The driver gives
them to the same `Store.save`, in order, and each span is stored in the transaction of its rows. So
Spark's own checkpoint only says where to start reading: a batch that Spark repeats, or a
checkpoint that is lost, changes nothing.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import msgspec

from vigie.contracts import Slicing, Store
from vigie.engines.batch import Recipe, refine
from vigie.engines.wire import pack, unpack
from vigie.errors import ConfigError, Missing
from vigie.model.capture import Capture, Entry, RunEnd
from vigie.model.fates import Fates
from vigie.model.position import Slice, Span

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

PIECES: Final = "partition string, start long, end long, refined binary"
"""What workers give back: a span, and `wire.pack` of what its entries are."""
SLICES_AHEAD: Final = 2
"""Slices refined for each one that is being stored, per core."""
PIECE_ENTRIES: Final = 64
PIECE_BYTES: Final = 16 * 1024 * 1024

Batches = Iterator[tuple[Span, list[Entry]]]
OnBatch = Callable[[Span, Fates], None]


class Message(msgspec.Struct, frozen=True):
    """One message of Kafka, as Spark reads it."""

    partition: str
    """``topic/partition``."""
    offset: int
    value: bytes | None
    headers: list[tuple[str, bytes | None]]


@dataclass(frozen=True)
class Work:
    """What workers need. All of it is pickled: functions of modules, or partials of such, and
    nothing secret."""

    make_recipe: Callable[[], Recipe]
    consumer: str = "store"
    make_spool: Callable[[], Slicing] | None = None
    """Opens the spool whose slices are read."""
    make_reader: Callable[[], Callable[[Message], Entry | None]] | None = None
    """Makes what reads the entry of a message; None from it: nothing of ours."""


def session(
    *, master: str, packages: str = "", jars: str = "", driver_memory: str = "1g",
    options: Mapping[str, str] | None = None, name: str = "vigie",
) -> "SparkSession":  # fmt: skip
    """Return a Spark session, started if there is none.

    Raises:
        Missing: pyspark is not installed. ConfigError: Spark does not start; Java may be missing.
    """
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise Missing("the engine on Spark", "spark") from error
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if master.startswith("local"):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        # A Python worker takes as much at once as one piece: bodies are large.
        "spark.sql.execution.arrow.maxRecordsPerBatch": str(PIECE_ENTRIES),
        "spark.driver.memory": driver_memory,
        "spark.driver.maxResultSize": "0",
        "spark.executorEnv.POLARS_MAX_THREADS": "1",
        "spark.log.level": "ERROR",
    }
    if packages:
        settings["spark.jars.packages"] = packages
    if jars:
        settings["spark.jars"] = jars
    builder = SparkSession.builder.appName(name).master(_patient(master))
    for key, value in (settings | dict(options or {})).items():
        builder = builder.config(key, value)
    try:
        return builder.getOrCreate()
    except (PySparkException, RuntimeError, OSError) as error:
        why = " ".join(str(error).split())[:300]
        raise ConfigError(
            f"Spark does not start at {master}: {why}. It needs Java 17 or newer "
            f"(`vigie doctor` tells what is here)."
        ) from None


def process(
    spark: "SparkSession", spool: Slicing, store: Store, work: Work, *,
    on_batch: OnBatch | None = None,
) -> Fates:  # fmt: skip
    """Refine on Spark, and store, everything the spool holds beyond the store's positions.

    While one lot of slices is stored, the workers refine the next.
    """
    total = Fates()
    cores = spark.sparkContext.defaultParallelism
    rest = iter(spool.slices(store.positions(work.consumer)))
    lots = iter(lambda: list(islice(rest, cores * SLICES_AHEAD)), [])
    with ThreadPoolExecutor(1) as pool:
        ahead = None
        for lot in lots:
            coming = pool.submit(_refined_slices, spark, lot, work)
            if ahead is not None:
                total += _keep(ahead.result(), store, work.consumer, on_batch)
            ahead = coming
        if ahead is not None:
            total += _keep(ahead.result(), store, work.consumer, on_batch)
    return total


def refined_messages(
    messages: "DataFrame", work: Work, positions: Mapping[str, int]
) -> "DataFrame":
    """Return the pieces (`PIECES`) of Kafka's messages beyond *positions*.

    Args:
        messages: As Spark's Kafka source gives them, with headers; each of Spark's partitions in
            the order of its topic's.
    """
    shape = messages.selectExpr(
        "topic", "partition", "offset", "value", "headers.key AS names", "headers.value AS texts"
    )
    known = dict(positions)

    def refine_all(rows: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        yield from _pieces(_batches(rows, work, known), work)

    return shape.mapInArrow(refine_all, PIECES)  # type: ignore[arg-type]  # the stubs know pandas only


def store_messages(
    messages: "DataFrame", store: Store, work: Work, on_batch: OnBatch | None = None
) -> Fates:
    """Refine and store one micro-batch of Kafka's messages: what `foreachBatch` calls."""
    pieces = refined_messages(messages, work, store.positions(work.consumer))
    return _keep(_collected(pieces), store, work.consumer, on_batch)


def _patient(master: str) -> str:
    """Return *master* such that a task is tried again when its worker is killed."""
    if master == "local":
        return "local[1,4]"
    if master.startswith("local[") and "," not in master:
        return f"{master[:-1]},4]"
    return master


def _refined_slices(spark: "SparkSession", lot: list[Slice], work: Work) -> "list[Any]":
    rows = [(one.partition, one.start, one.end, one.place) for one in lot]
    frame = spark.createDataFrame(
        spark.sparkContext.parallelize(rows, len(rows)),
        "partition string, start long, end long, place long",
    )

    def refine_all(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        yield from _pieces(_sliced(batches, work), work)

    return _collected(frame.mapInArrow(refine_all, PIECES))  # type: ignore[arg-type]  # the stubs know pandas only


def _collected(pieces: "DataFrame") -> "list[Any]":
    return sorted(pieces.collect(), key=lambda piece: (piece.partition, piece.start))


def _keep(pieces: "Iterable[Any]", store: Store, consumer: str, on_batch: OnBatch | None) -> Fates:
    total = Fates()
    for piece in pieces:
        span = Span(consumer, piece.partition, piece.start, piece.end)
        fates = store.save(unpack(bytes(piece.refined)), span)
        total += fates
        if on_batch is not None:
            on_batch(span, fates)
    return total


def _sliced(rows: "Iterator[pa.RecordBatch]", work: Work) -> Batches:
    """Yield, in a worker, the batches of the slices named by *rows*."""
    if work.make_spool is None:
        raise ConfigError("this work names no spool to read slices of")
    spool = _made(work.make_spool)
    for batch in rows:
        for row in batch.to_pylist():
            yield from spool.read_slice(work.consumer, msgspec.convert(row, Slice))


def _batches(rows: "Iterator[pa.RecordBatch]", work: Work, positions: Mapping[str, int]) -> Batches:
    """Yield, in a worker, the batches that messages beyond *positions* make, cut as a spool does.

    A batch's span begins where the one before ended, so that offsets that hold no message (expired,
    compacted, marks of transactions) are no gap.
    """
    if work.make_reader is None:
        raise ConfigError("this work does not say how messages are read")
    read = _made(work.make_reader)
    waiting: list[Entry] = []
    partition, start, end, size = "", 0, 0, 0
    for message in _messages(rows):
        if message.partition != partition:
            if end > start:
                yield Span(work.consumer, partition, start, end), waiting
            partition, waiting, size = message.partition, [], 0
            start = end = positions.get(partition, 0)
        if message.offset < end:
            continue
        end = message.offset + 1
        if (entry := read(message)) is not None:
            waiting.append(entry)
            size += len(entry.body) if isinstance(entry, Capture) else 0
        # A run is judged before the next one's pages are stored, however they are batched.
        over = isinstance(entry, RunEnd)
        if over or len(waiting) >= PIECE_ENTRIES or size >= PIECE_BYTES:
            yield Span(work.consumer, partition, start, end), waiting
            waiting, start, size = [], end, 0
    if end > start:
        yield Span(work.consumer, partition, start, end), waiting


def _messages(rows: "Iterator[pa.RecordBatch]") -> Iterator[Message]:
    for batch in rows:
        for row in batch.to_pylist():
            yield Message(
                f"{row['topic']}/{row['partition']}", row["offset"], row["value"],
                list(zip(row["names"] or (), row["texts"] or (), strict=True)),
            )  # fmt: skip


def _pieces(batches: Batches, work: Work) -> "Iterator[pa.RecordBatch]":
    """Yield one record batch a piece: all that a worker gives back."""
    import pyarrow as pa

    recipe = _made(work.make_recipe)
    names = ["partition", "start", "end", "refined"]
    for span, entries in batches:
        parcel = pack(refine(entries, recipe))
        yield pa.RecordBatch.from_arrays(
            [pa.array([span.partition]), pa.array([span.start]), pa.array([span.end]),
             pa.array([parcel], pa.binary())], names=names,
        )  # fmt: skip


_kept: dict[bytes, Any] = {}


def _made(make: Callable[[], Any]) -> Any:
    """Return what *make* makes, once in a worker process: it lives on for later batches."""
    import pickle

    key = pickle.dumps(make)
    if key not in _kept:
        _kept[key] = make()
    return _kept[key]
