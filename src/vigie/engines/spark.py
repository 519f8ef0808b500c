"""The engine on Spark: workers refine, the driver stores.

What happens to a batch is `batch.refine`, as in every engine; Spark decides where. Workers take
entries (from Kafka as Spark reads it, or from a spool whose parts they open themselves) and give
back refined batches as bytes, each with the span of entries that it is made of. The driver gives
them to the same `Store.save`, in order, and each span is stored in the transaction of its rows:
a batch that Spark repeats changes nothing.
"""

import contextlib
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from vigie.contracts import Slicing, Store
from vigie.engines.batch import refine
from vigie.engines.trouble import told
from vigie.engines.wire import unpack
from vigie.engines.workers import (
    PIECE_ENTRIES,
    PIECES,
    Rows,
    Work,
    batches_of,
    made,
    pieces,
    sliced,
)
from vigie.errors import ConfigError, Missing
from vigie.model.fates import Fates
from vigie.model.frames import refined_schema
from vigie.model.kinds import KINDS
from vigie.model.position import Slice, Span

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

_MASTERS: Final = r"local(\[.+\])?$|spark://.+:\d+|yarn$|k8s://.+"
SLICES_AHEAD: Final = 2
"""Slices refined for each one that is being stored, per core."""
OnBatch = Callable[[Span, Fates], None]


def session(
    *, master: str, packages: str = "", jars: str = "", driver_memory: str = "1g",
    options: Mapping[str, str] | None = None, name: str = "vigie", noise: Path | None = None,
) -> "SparkSession":  # fmt: skip
    """Return a Spark session, started if there is none.

    Args:
        noise: File for what Java says to standard error, Spark's log included; None: as ours.

    Raises:
        Missing: pyspark is not installed. ConfigError: Spark does not start; Java may be missing.
    """
    try:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise Missing("the engine on Spark", "spark") from error
    if re.match(_MASTERS, master) is None:
        raise ConfigError(
            f"Spark has no master {master!r}: say local[N], local[*], spark://HOST:PORT, yarn or k8s://"
        )
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
    for key, value in settings.items():
        builder = builder.config(key, value)
    try:
        with _unseen(options or {}), _noise_to(noise):
            return builder.getOrCreate()
    except (PySparkException, Py4JError, RuntimeError, OSError) as error:
        if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
            raise ConfigError(
                "Spark needs Java 17 or newer, and there is none: install openjdk-17-jre-headless"
            ) from None
        why = " ".join(str(error).split())[:200].rstrip(".")
        more = "" if noise is None else f" All of it: {noise}"
        raise ConfigError(f"Spark does not start at {master}: {why}.{more}") from None


@contextlib.contextmanager
def _noise_to(path: Path | None) -> Iterator[None]:
    """Let processes that are started in the block say to *path* what they say to standard error:
    Java's resolver and loggers speak before any setting of theirs is read."""
    if path is None:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    sys.stderr.flush()
    ours, file = os.dup(2), os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    try:
        os.dup2(file, 2)
        yield
    finally:
        os.dup2(ours, 2)
        os.close(ours)
        os.close(file)


@contextlib.contextmanager
def _unseen(options: Mapping[str, str]) -> Iterator[None]:
    """Give Java *options* by a file that only we can read: what stands on a command line, as Spark
    puts its settings there, is seen by all users of the machine."""
    if not options:
        yield
        return
    with NamedTemporaryFile("w", prefix="vigie-spark-", suffix=".conf", encoding="utf-8") as file:
        file.writelines(f"{key} {_escaped(value)}\n" for key, value in options.items())
        file.flush()
        before = os.environ.get("PYSPARK_SUBMIT_ARGS")
        os.environ["PYSPARK_SUBMIT_ARGS"] = f"--properties-file {file.name} pyspark-shell"
        try:
            yield
        finally:
            if before is None:
                del os.environ["PYSPARK_SUBMIT_ARGS"]
            else:
                os.environ["PYSPARK_SUBMIT_ARGS"] = before


def _escaped(value: str) -> str:
    """Return *value* as Java's properties files read it back."""
    inner = value.strip(" \t\f")
    start = len(value) - len(value.lstrip(" \t\f"))
    ends = value[:start], value[start + len(inner) :]
    first, last = ("".join(f"\\u{ord(c):04x}" for c in part) for part in ends)
    plain = inner.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    return first + plain + last


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


def _patient(master: str) -> str:
    """Return *master* such that a task is tried again when its worker is killed."""
    if master == "local":
        return "local[1,4]"
    if master.startswith("local[") and "," not in master:
        return f"{master[:-1]},4]"
    return master


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
