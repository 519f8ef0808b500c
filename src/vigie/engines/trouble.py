"""What went wrong in Spark, in our own words: it wraps whatever ended a task in many lines."""

import re
from typing import TYPE_CHECKING

from vigie.errors import EngineGone, FromTheFuture, StoreError, VigieError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def is_gone(spark: "SparkSession") -> bool:
    """Return whether Spark's own process has ended, or its cluster has: no query starts there."""
    try:
        return bool(spark.sparkContext._jsc.sc().isStopped())
    except Exception:  # py4j says in many ways that nobody is there
        return True


def told(error: Exception, spark: "SparkSession") -> VigieError:
    """Return *error* as one of ours: as it is, if it is; what a worker raised, if that is said."""
    if isinstance(error, VigieError):
        return error
    if "FromTheFuture" in f"{type(error).__name__} {error}":
        return FromTheFuture("capture", "the spool", "a later one", "ours")
    if is_gone(spark):
        return EngineGone("Spark", short(error))
    return StoreError(f"Spark: {short(error)}. Nothing of its last batch was kept.")


def short(error: Exception) -> str:
    """Return what went wrong: our own error's words, where Spark tells it among its own."""
    text = str(error)
    ours = re.findall(r"vigie\.errors\.\w+: (.+)", text)
    missing = re.findall(r"FileNotFoundError: (.+)", text)
    if missing and not ours:
        return f"a worker finds no {missing[-1].partition('] ')[2] or missing[-1]}"[:300]
    return " ".join((ours[-1] if ours else text).split())[:300]
