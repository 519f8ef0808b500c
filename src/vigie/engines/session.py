"""A session of Spark: started with settings that nobody else can see, its noise put aside."""

import contextlib
import os
import re
import shutil
import socket
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Final

from vigie.engines.workers import PIECE_ENTRIES
from vigie.errors import ConfigError, Missing

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_MASTERS: Final = r"local(\[.+\])?$|spark://.+:\d+|yarn$|k8s://.+"
MASTER_SECONDS: Final = 5.0
"""How long a cluster's master may take to be there at all."""


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
    _look_for(master)
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


def _look_for(master: str) -> None:
    """Raise ConfigError when nobody listens at any of ``spark://HOST:PORT,…``: Spark itself would
    try for a minute."""
    if not master.startswith("spark://"):
        return
    for place in master.removeprefix("spark://").split(","):
        host, _, port = place.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), MASTER_SECONDS).close()
        except (OSError, ValueError):
            continue
        return
    raise ConfigError(f"no Spark master answers at {master}: start it, or say another")


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
    """Return *value* as Java's properties files read it back; Spark strips its blanks."""
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")


def _patient(master: str) -> str:
    """Return *master* such that a task is tried again when its worker is killed."""
    if master == "local":
        return "local[1,4]"
    if master.startswith("local[") and "," not in master:
        return f"{master[:-1]},4]"
    return master
