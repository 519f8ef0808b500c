"""What the stream from Kafka promises: the rows of the embedded engine, each once."""

import secrets
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from corpus import entries

from tests.engines.sessions import settings_in, spark_or_skip
from vigie.engines import embedded
from vigie.errors import FromTheFuture, SpoolError, StoreError
from vigie.wiring import Instance
from vigie.wiring.sparking import work_of
from vigie.wiring.spooling import kafka_spool
from vigie.wiring.stack import Kafka

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from vigie.engines.streaming import Feeding

pytest.importorskip("pyspark", reason="needs pyspark: ./vigie extras")
pytest.importorskip("confluent_kafka", reason="needs confluent-kafka: ./vigie extras")
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
        from vigie.spool.kafka_starts import starting_offsets

        given: dict[str, Any] = {"trigger": AVAILABLE_NOW} | more
        return Feeding(
            brokers=self.brokers, pattern=self.spool.brokers.captures_pattern,
            checkpoints=self.folder / "spark", starts=partial(starting_offsets, self.spool),
            **given,
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
    """Same content hash and fates, started twice; new captures are new."""
    from vigie.engines.streaming import follow

    every = list(entries(LISTINGS, with_recorded=False))
    half = len(every) // 2
    stage.spool.append(every[:half])
    with Instance(stage.settings) as here:
        told = follow(spark, here.store, stage.work, stage.feeding(most_messages=150))
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


def test_where_to_begin_is_the_stores_word(spark: "SparkSession", stage: Stage) -> None:
    """A store that came back empty is filled again; engines take turns, and what is processed may
    be cut away under them."""
    from vigie.engines.streaming import follow

    every = list(entries(LISTINGS, with_recorded=False))
    third = len(every) // 3
    stage.spool.append(every[:third])
    with Instance(stage.settings) as here:
        follow(spark, here.store, stage.work, stage.feeding())
    for path in stage.settings.data_dir.glob("vigie.db*"):
        path.unlink()
    stage.spool.append(every[third : 2 * third])
    with Instance(stage.settings) as here:
        follow(spark, here.store, stage.work, stage.feeding())
        stage.spool.append(every[2 * third : -20])
        embedded.process(stage.spool, here.store, here.recipe)
        wanted, _ = stage.embedded()
        assert here.store.content_hash() == wanted
        for name, end in here.store.positions("store").items():
            topic, _, number = name.rpartition("/")
            stage.spool.brokers.delete_before(topic, int(number), end)
        stage.spool.append(every[-20:])
        found = follow(spark, here.store, stage.work, stage.feeding())
        assert found.found > 0
        assert here.store.positions("store") == {
            name: end for name, end in ends(stage).items() if end
        }


def test_a_topic_made_anew_is_told(spark: "SparkSession", stage: Stage) -> None:
    """Its new captures would be taken for old ones: nothing is processed until it is put right."""
    from vigie.engines.streaming import follow

    every = list(entries(LISTINGS, with_recorded=False))
    stage.spool.append(every)
    with Instance(stage.settings) as here:
        embedded.process(stage.spool, here.store, here.recipe)
        admin = stage.spool.brokers.admin
        for topic in list(stage.spool.brokers.captures_topics()):
            admin.delete_topics([topic])[topic].result(10)
        time.sleep(1)
        stage.spool.close()
        fresh = kafka_spool(stage.settings)
        fresh.append(every[:3])
        with pytest.raises(SpoolError, match="made anew"):
            follow(spark, here.store, stage.work, stage.feeding())
        fresh.close()


def test_a_newer_vigies_message_ends_the_stream(spark: "SparkSession", stage: Stage) -> None:
    """Trying again cannot help: it is said, not tried for ever."""
    from confluent_kafka import Producer

    from vigie.engines.streaming import CONTINUOUS, follow

    stage.spool.append(list(entries(LISTINGS, with_recorded=False))[:3])
    producer = Producer({"bootstrap.servers": stage.brokers})
    (topic, *_) = stage.spool.brokers.captures_topics()
    producer.produce(topic, b"{}", b"k", 0, headers=[("vigie", b"99"), ("entry", b"capture")])
    producer.flush()
    with Instance(stage.settings) as here, pytest.raises(FromTheFuture):
        follow(spark, here.store, stage.work, stage.feeding(trigger=CONTINUOUS))


def ends(stage: Stage) -> dict[str, int]:
    """Return partition → where its log ends."""
    with stage.spool.logs() as logs:
        return {part.name: part.ends()[1] for part in logs}
