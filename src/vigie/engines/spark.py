"""The engine on Spark: workers refine, the driver stores.

What happens to a batch is `batch.refine`, as in every engine; Spark decides where. Workers take
entries (from Kafka as Spark reads it, or from a spool whose parts they open themselves) and give
back refined batches as bytes, each with the span of entries that it is made of. The driver gives
them to the same `Store.save`, in order, and each span is stored in the transaction of its rows:
a batch that Spark repeats changes nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from vigie.contracts import Slicing, Store
from vigie.engines.batch import refine
from vigie.engines.trouble import told
from vigie.engines.wire import unpack
from vigie.engines.workers import (
    PIECES,
    Rows,
    Work,
    batches_of,
    made,
    pieces,
    sliced,
)
from vigie.model.fates import Fates
from vigie.model.frames import refined_schema
from vigie.model.kinds import KINDS
from vigie.model.position import Slice, Span

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

SLICES_AHEAD: Final = 2
"""Slices refined for each one that is being stored, per core."""
OnBatch = Callable[[Span, Fates], None]


def process(
    spark: "SparkSession", spool: Slicing, store: Store, work: Work, *,
    on_batch: OnBatch | None = None,
) -> Fates:  # fmt: skip
    """Refine on Spark, and store, everything the spool holds beyond the store's positions.

    While one lot of slices is stored, the workers refine the next.

    Raises:
        EngineGone: Spark itself has ended: another process has to start it again.
        StoreError: a lot was not refined or not stored; what was stored before stays.
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        return _drained(spark, spool, store, work, on_batch)
    except (PySparkException, Py4JError, ConnectionError) as error:
        raise told(error, spark) from error


def _drained(
    spark: "SparkSession", spool: Slicing, store: Store, work: Work, on_batch: OnBatch | None
) -> Fates:
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

    def refine_all(rows: Rows) -> Rows:
        yield from pieces(batches_of(rows, work, known), work)

    return shape.mapInArrow(refine_all, PIECES)  # type: ignore[arg-type]  # the stubs know pandas only


def refined_rows(spark: "SparkSession", spool: Slicing, work: Work, kind: str) -> "DataFrame":
    """Return everything the spool shows of *kind*, read and cleaned by the workers and not stored.

    One row (`refined_schema`) a sighting, set apart or not.
    """
    from pyspark.sql.pandas.types import from_arrow_schema

    schema = _arrow_schema(refined_schema(KINDS[kind]))

    def refine_all(rows: Rows) -> Rows:
        recipe = made(work.make_recipe)
        for _, entries in sliced(rows, work):
            listings = refine(entries, recipe).listings.get(kind)
            if listings is not None:
                yield from listings.to_arrow().cast(schema).to_batches()

    return _slice_frame(spark, list(spool.slices({}))).mapInArrow(
        refine_all,  # type: ignore[arg-type]  # the stubs know pandas only
        from_arrow_schema(schema),
    )


def store_messages(
    messages: "DataFrame", store: Store, work: Work, on_batch: OnBatch | None = None
) -> Fates:
    """Refine and store one micro-batch of Kafka's messages: what `foreachBatch` calls."""
    pieces = refined_messages(messages, work, store.positions(work.consumer))
    return _keep(_collected(pieces), store, work.consumer, on_batch)


def _refined_slices(spark: "SparkSession", lot: list[Slice], work: Work) -> "list[Any]":
    def refine_all(batches: Rows) -> Rows:
        yield from pieces(sliced(batches, work), work)

    return _collected(_slice_frame(spark, lot).mapInArrow(refine_all, PIECES))  # type: ignore[arg-type]  # the stubs know pandas only


def _slice_frame(spark: "SparkSession", lot: list[Slice]) -> "DataFrame":
    """Return one row a slice, each a task of its own."""
    rows = [(one.partition, one.start, one.end, one.place) for one in lot]
    names = "partition string, start long, end long, place long"
    return spark.createDataFrame(spark.sparkContext.parallelize(rows, max(len(rows), 1)), names)


def _arrow_schema(columns: "Mapping[str, pl.DataType]") -> "pa.Schema":
    """Return the columns in Spark's own types: its instants are microseconds, its texts short."""
    import pyarrow as pa

    large = pl.DataFrame(schema=dict(columns)).to_arrow().schema
    plain = {
        pa.large_string(): pa.string(),
        pa.large_list(pa.large_string()): pa.list_(pa.string()),
    }
    return pa.schema(
        [
            pa.field(
                one.name,
                pa.timestamp("us", one.type.tz) if pa.types.is_timestamp(one.type)
                else plain.get(one.type, one.type),
            )
            for one in large
        ]
    )  # fmt: skip


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
