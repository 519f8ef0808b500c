"""What the stream from Kafka promises: the rows of the embedded engine, each once."""

import secrets
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from corpus import entries

from tests.engines.sessions import settings_in, spark_or_skip
from vigie.engines import embedded
from vigie.errors import StoreError
from vigie.wiring import Instance
from vigie.wiring.sparking import work_of
from vigie.wiring.stack import Kafka

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from vigie.engines.streaming import Feeding

pytest.importorskip("pyspark", reason="needs pyspark: pip install 'vigie[spark]'")
pytest.importorskip("confluent_kafka", reason="needs confluent-kafka: pip install 'vigie[kafka]'")
pytestmark = [
    pytest.mark.service,
    pytest.mark.xdist_group("spark"),
    # py4j leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]

LISTINGS = 600


@pytest.fixture(scope="module")
def spark() -> Iterator["SparkSession"]:
    yield from spark_or_skip()


class Stage:
    """A topic of its own with a corpus in it, and what the embedded engine makes of it."""

    def __init__(self, kafka: Kafka, folder: Path) -> None:
        from vigie.wiring.spooling import kafka_spool

        topic = f"t{secrets.token_hex(4)}-{{source}}"
        self.brokers, self.folder = kafka.url, folder
        self.settings = settings_in(
            folder / "streamed", spool={"url": f"kafka://{kafka.url}"},
            kafka={"topic": topic, "partitions": 2, "body_limit_mb": 0.02},
        )  # fmt: skip
        self.work = work_of(self.settings)
        self.spool = kafka_spool(self.settings)

    def feeding(self, **more: Any) -> "Feeding":
        from vigie.engines.streaming import AVAILABLE_NOW, Feeding

        given: dict[str, Any] = {"trigger": AVAILABLE_NOW} | more
        return Feeding(
            brokers=self.brokers, pattern=self.spool.brokers.captures_pattern,
            checkpoint=self.folder / "checkpoint", **given,
        )  # fmt: skip

    def embedded(self) -> tuple[str, Any]:
        """Return content hash and fates of the embedded engine on the same topic."""
        with Instance(settings_in(self.folder / "embedded")) as here:
            fates = embedded.process(self.spool, here.store, here.recipe)
            return here.store.content_hash(), fates


@pytest.fixture
def stage(kafka: Kafka, tmp_path: Path) -> Iterator[Stage]:
    made = Stage(kafka, tmp_path)
    yield made
    made.spool.close()


def test_the_stream_gives_the_rows_of_the_embedded_engine(
    spark: "SparkSession", stage: Stage
) -> None:
    """Same content hash and fates; a lost checkpoint repeats nothing; new captures are new."""
    import shutil

    from vigie.engines.streaming import follow

    every = list(entries(LISTINGS, with_recorded=False))
    half = len(every) // 2
    stage.spool.append(every[:half])
    with Instance(stage.settings) as here:
        told = follow(spark, here.store, stage.work, stage.feeding(most_messages=150))
        shutil.rmtree(stage.folder / "checkpoint")
        stage.spool.append(every[half:])
        told += follow(spark, here.store, stage.work, stage.feeding())
        wanted, fates = stage.embedded()
        assert here.store.content_hash() == wanted
        assert told == fates
        assert here.store.positions("store") == {
            name: end for name, end in ends(stage).items() if end
        }


def test_what_the_stream_cannot_store_it_gives_again(spark: "SparkSession", stage: Stage) -> None:
    """The database refuses now and then: the stream goes on by itself, nothing lost or doubled."""
    from vigie.engines.streaming import CONTINUOUS, follow

    stage.spool.append(entries(LISTINGS, with_recorded=False))
    with Instance(stage.settings) as here:
        save, calls, stop = here.store.save, 0, threading.Event()

        def refusing(*given: Any, **more: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls in {3, 4, 9}:
                raise StoreError("the database is away")
            return save(*given, **more)

        here.store.save = refusing  # type: ignore[method-assign]  # a database that is away
        wanted, fates = stage.embedded()
        seen = 0

        def count(_span: Any, batch: Any) -> None:
            nonlocal seen
            seen += batch.found
            if seen >= fates.found:
                stop.set()

        feeding = stage.feeding(trigger=CONTINUOUS)
        assert follow(spark, here.store, stage.work, feeding, stop=stop, on_batch=count)
        assert seen == fates.found
        assert here.store.content_hash() == wanted


def test_a_message_that_is_not_ours_stops_nobody(spark: "SparkSession", stage: Stage) -> None:
    """Somebody else wrote to the topic: passed over, its offset counted, the rest goes on."""
    from confluent_kafka import Producer

    from vigie.engines.streaming import follow

    every = list(entries(LISTINGS, with_recorded=False))
    stage.spool.append(every[:20])
    producer = Producer({"bootstrap.servers": stage.brokers})
    for topic in stage.spool.brokers.captures_topics():
        producer.produce(topic, b"\xff not ours", b"key", 0)
        producer.produce(topic, b"{}", b"key", 1, headers=[("vigie", b"1"), ("entry", b"capture")])
    producer.flush()
    stage.spool.append(every[20:])
    with Instance(stage.settings) as here:
        follow(spark, here.store, stage.work, stage.feeding())
        wanted, _ = stage.embedded()
        assert here.store.content_hash() == wanted


def ends(stage: Stage) -> dict[str, int]:
    """Return partition → where its log ends."""
    with stage.spool.logs() as logs:
        return {part.name: part.ends()[1] for part in logs}
