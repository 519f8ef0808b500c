"""Spark for tests: one session a module, small, on this machine."""

import gc
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from vigie.config import load
from vigie.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

KAFKA: Final = "org.apache.spark:spark-sql-kafka-0-10_2.13:4.0.0"


def spark_or_skip(**more: Any) -> Iterator["SparkSession"]:
    """Yield a session that can read Kafka; skip when Spark does not start here."""
    from vigie.engines.session import session
    from vigie.errors import ConfigError

    try:
        made = session(**{"master": "local[2]", "driver_memory": "512m", "packages": KAFKA} | more)
    except ConfigError as error:
        pytest.skip(f"needs Spark: {error}")
    yield made
    made.stop()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def settings_in(folder: Path, **more: Any) -> Settings:
    """Return the settings of an instance in *folder*."""
    return load({"data_dir": str(folder), **more}, environ={}).settings
