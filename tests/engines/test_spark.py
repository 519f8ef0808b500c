"""What the engine on Spark promises: the same rows as the embedded one, whatever dies meanwhile."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from corpus import entries

from tests.engines.sessions import settings_in, spark_or_skip
from vigie.engines import embedded
from vigie.model.frames import Refined
from vigie.spool.files import FileSpool
from vigie.wiring import Instance

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [
    pytest.mark.service,
    pytest.mark.xdist_group("spark"),
    # py4j leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]
pytest.importorskip("pyspark", reason="needs pyspark: ./vigie extras")

LISTINGS = 1_500


@pytest.fixture(scope="module")
def spark() -> Iterator["SparkSession"]:
    yield from spark_or_skip()


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, Any]:
    """A spool of all kinds, and what the embedded engine makes of it: content hash and fates."""
    folder = tmp_path_factory.mktemp("embedded")
    with Instance(settings_in(folder)) as here:
        for entry in entries(LISTINGS):
            here.spool.append([entry])
        here.spool.close()
        fates = embedded.process(here.spool, here.store, here.recipe)
        return here.settings.spool_folder, here.store.content_hash(), fates


def instance_on(spool: Path, folder: Path) -> Instance:
    return Instance(settings_in(folder, spool={"folder": str(spool)}))


def process(spark: "SparkSession", here: Instance, **more: Any) -> Any:
    from vigie.engines.spark import process
    from vigie.wiring.sparking import work_of

    assert isinstance(here.spool, FileSpool)
    return process(spark, here.spool, here.store, work_of(here.settings), **more)


def test_a_batch_gives_the_rows_of_the_embedded_engine(
    spark: "SparkSession", expected: tuple[Path, str, Any], tmp_path: Path
) -> None:
    """Same content hash, same sum of fates; what is processed already changes nothing."""
    spool, wanted, fates = expected
    with instance_on(spool, tmp_path) as here:
        assert process(spark, here) == fates
        assert here.store.content_hash() == wanted
        assert process(spark, here).found == 0


def test_a_killed_worker_costs_nothing(
    spark: "SparkSession", expected: tuple[Path, str, Any], tmp_path: Path
) -> None:
    """Python workers are killed again and again while they refine; Spark asks others."""
    spool, wanted, fates = expected
    over = threading.Event()
    killed: list[int] = []

    def kill_workers() -> None:
        while not over.wait(0.4):
            for worker in workers_of(os.getpid())[:1]:
                os.kill(worker, signal.SIGKILL)
                killed.append(worker)
                if len(killed) >= 3:
                    return

    killer = threading.Thread(target=kill_workers)
    with instance_on(spool, tmp_path) as here:
        killer.start()
        try:
            assert process(spark, here) == fates
        finally:
            over.set()
            killer.join()
        assert here.store.content_hash() == wanted
    assert killed


def test_a_batch_refused_by_the_store_is_given_again(
    spark: "SparkSession", expected: tuple[Path, str, Any], tmp_path: Path
) -> None:
    """The driver dies between two pieces: the next one goes on where the rows end."""
    spool, wanted, _ = expected

    class Died(Exception):
        pass

    with instance_on(spool, tmp_path) as here:
        left = 5
        save = here.store.save

        def dying(batch: Refined, span: Any, **more: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                raise Died
            return save(batch, span, **more)

        here.store.save = dying  # type: ignore[method-assign]  # the driver's death, not the store's
        with pytest.raises(Died):
            process(spark, here)
    with instance_on(spool, tmp_path) as again:
        process(spark, again)
        assert again.store.content_hash() == wanted


def workers_of(parent: int) -> list[int]:
    """Return the Python workers that the JVM below *parent* has started."""
    found = []
    for status in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = status.read_bytes().split(b"\0")
        except OSError:  # it ended meanwhile
            continue
        if b"pyspark.daemon" in command and _is_below(int(status.parent.name), parent):
            found.append(int(status.parent.name))
    return sorted(found, reverse=True)  # the daemon is the oldest: it goes last


def _is_below(pid: int, ancestor: int) -> bool:
    while pid > 1:
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            return False
        if pid == ancestor:
            return True
    return False


def test_a_refined_batch_survives_the_wire(expected: tuple[Path, str, Any], tmp_path: Path) -> None:
    """Every table, type and mark comes out of the parcel as it went in."""
    from vigie.engines.batch import refine
    from vigie.engines.wire import pack, unpack

    spool, *_ = expected
    with instance_on(spool, tmp_path) as here:
        for _, part in here.spool.read("wire", {}):
            made = refine(part, here.recipe)
            back = unpack(pack(made))
            assert back.pages.equals(made.pages)
            assert back.pages.schema == made.pages.schema
            assert back.listings.keys() == made.listings.keys()
            for name, rows in made.listings.items():
                assert back.listings[name].equals(rows)
                assert back.listings[name].schema == rows.schema
            assert (back.ends, back.gone, back.removed) == (made.ends, made.gone, made.removed)


def test_local_masters_try_a_task_again() -> None:
    """Spark alone gives up a local task when its worker dies once."""
    from vigie.engines.session import _patient

    assert _patient("local") == "local[1,4]"
    assert _patient("local[*]") == "local[*,4]"
    assert _patient("local[2,1]") == "local[2,1]"
    assert _patient("spark://host:7077") == "spark://host:7077"


def test_a_master_that_is_none_is_refused_at_once() -> None:
    """One line, before Java is asked."""
    from vigie.engines.session import session
    from vigie.errors import ConfigError

    with pytest.raises(ConfigError, match="no master 'nonsense'"):
        session(master="nonsense")
    with pytest.raises(ConfigError, match="no Spark master answers at spark://127"):
        session(master="spark://127.0.0.1:1")


def test_options_reach_java_as_they_are() -> None:
    """Through a properties file, whose own marks are theirs to read back."""
    from vigie.engines.session import _escaped

    assert _escaped("plain and simple") == "plain and simple"
    assert _escaped("a\\b") == "a\\\\b"
    assert _escaped("two\nlines") == "two\\nlines"


def test_spark_and_polars_read_the_lake_alike(
    spark: "SparkSession", expected: tuple[Path, str, Any], tmp_path: Path
) -> None:
    """Counts by source and day, from the files the tables' logs name, are the store's."""
    pytest.importorskip("deltalake", reason="needs deltalake: ./vigie extras")
    import polars as pl

    from vigie.model.kinds import KINDS
    from vigie.wiring.lake import following, open_lake

    spool, *_ = expected
    with instance_on(spool, tmp_path) as here:
        embedded.process(here.spool, here.store, here.recipe)
        lake = open_lake(here.settings)
        with following(here, lake) as follower:
            follower.catch_up()
        for kind in KINDS.values():
            files = [uri.removeprefix("file://") for uri in lake.table(kind).file_uris()]
            base = lake.table_url(kind.name)
            by_spark = {
                (row["source"], str(row["date"])): row["count"]
                for row in spark.read.option("basePath", base)
                .parquet(*files)
                .groupBy("source", "date")
                .count()
                .collect()
            }
            by_polars = {
                (source, str(day)): count
                for source, day, count in pl.scan_delta(base)
                .group_by("source", "date")
                .len()
                .collect()
                .iter_rows()
            }
            assert by_spark == by_polars
            stored = here.store.counts(kind.name)
            assert sum(by_spark.values()) == stored["open"] + stored["closed"] > 0
