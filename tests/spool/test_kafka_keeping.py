"""What stays on a real broker, what goes, and whose it is: pruning, erasing, waiting, bodies."""

import os
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

pytest.importorskip("confluent_kafka", reason="needs confluent_kafka: ./vigie extras")
pytest.importorskip("obstore", reason="needs obstore: ./vigie extras")

from confluent_kafka import Producer

from tests.spool import spools
from tests.spool.spools import AT, capture, everything
from vigie.errors import ConfigError, SpoolError, UsageError
from vigie.model.identity import digest
from vigie.spool import kafka_upkeep
from vigie.spool.beside import FolderBeside, ObjectBeside
from vigie.spool.kafka import KafkaSpool
from vigie.spool.kafka_client import Brokers
from vigie.spool.kafka_index import KafkaIndex
from vigie.spool.kafka_loan import Loans, Place
from vigie.spool.kafka_topics import TopicNames
from vigie.spool.waiting import WaitingSpool
from vigie.wiring import upkeep
from vigie.wiring.stack import S3, Kafka

service = pytest.mark.service
LATER = AT + timedelta(days=200)


@pytest.fixture
def spool(kafka: Kafka, tmp_path: Path) -> Iterator[KafkaSpool]:
    opened: KafkaSpool = spools.kafka(tmp_path, kafka.url)(brokers={"partitions": 1})
    yield opened
    opened.close()


def stood(spool: KafkaSpool) -> dict[str, int]:
    """Return the positions of a store that has processed everything."""
    return {span.partition: span.end for span, _ in spool.read("store", {})}


def ends(spool: KafkaSpool, topic: str) -> tuple[int, int]:
    with spool.logs(topic) as (part,):
        return part.ends()


def foreign(brokers: str, topic: str, count: int) -> None:
    """Write what somebody else would, long ago."""
    stranger = Producer({"bootstrap.servers": brokers})
    for number in range(count):
        stranger.produce(
            topic, f"order {number}".encode(), partition=0, timestamp=int(AT.timestamp() * 1000)
        )
    stranger.flush(10)


@pytest.mark.parametrize("topic", ["{source}", "abc-{source}", "{source}.v1", "--{source}--"])
def test_a_topic_that_could_be_anybodys_is_refused(topic: str) -> None:
    """Its name alone would not tell ours from those of others."""
    with pytest.raises(ConfigError, match="at least 4 letters"):
        Brokers("127.0.0.1:9", topic=topic)


def test_topics_say_whose_captures_they_hold() -> None:
    """There and back; a topic of several sources is none of theirs."""
    names = TopicNames("vigie-{source}-v1", {"b": "mine", "c": "both", "d": "both"})
    assert [names.of(source) for source in "abcd"] == ["vigie-a-v1", "mine", "both", "both"]
    told = [names.source_of(topic) for topic in ("vigie-a-v1", "mine", "both")]
    assert told == ["a", "b", "both"]
    assert [names.is_shared(topic) for topic in ("vigie-a-v1", "mine", "both")] == [
        False, False, True,
    ]  # fmt: skip
    assert TopicNames("all", {}).is_shared("all")
    assert names.may_hold("vigie-b-v1", "b")  # before it got another one
    assert not names.may_hold("vigie-b-v1", "a")
    assert names.among(["orders", "vigie-x-v1", "mine", "vigie-x-v2"]) == ["mine", "vigie-x-v1"]


@service
def test_nothing_of_a_stranger_is_pruned(spool: KafkaSpool, kafka: Kafka) -> None:
    """A topic of theirs that is called as ours are stays whole; one that we share is cut before
    their first message."""
    theirs, ours = spool.brokers.topic_of("orders"), spool.brokers.topic_of("site")
    spool.brokers.make_topic(theirs, 1, {})
    foreign(kafka.url, theirs, 5)
    spool.append([capture(1), capture(2)])
    foreign(kafka.url, ours, 1)
    spool.append([capture(3), capture(4, source="other")])
    done = stood(spool)
    assert done[f"{theirs}/0"] == 5

    ways: dict[str, Any] = {"now": LATER, "keep_days": 90, "processed": done}
    told = kafka_upkeep.prune(spool, dry_run=True, **ways)
    assert kafka_upkeep.prune(spool, **ways) == told

    assert {one.source: one.entries for one in told} == {"site": 2, "other": 1}
    assert (ends(spool, theirs), ends(spool, ours)) == ((0, 5), (2, 4))
    assert everything(spool) == [capture(3)]


@service
def test_captures_of_another_source_are_not_ours_to_prune(spool: KafkaSpool, kafka: Kafka) -> None:
    """Another Vigie has a topic of its own by this name: what it holds belongs to no such source
    of ours."""
    topic = spool.brokers.topic_of("orders")
    other = KafkaSpool(
        Brokers(kafka.url, topics={"site": topic}, partitions=1), spool.folder / "other",
        spool.beside,
    )  # fmt: skip
    other.append([capture(1)])
    other.close()
    ways: dict[str, Any] = {"now": LATER, "keep_days": 90, "processed": stood(spool)}
    assert kafka_upkeep.prune(spool, **ways) == []
    assert ends(spool, topic) == (0, 1)


@service
def test_of_several_sources_none_is_pruned_alone(kafka: Kafka, tmp_path: Path) -> None:
    """A log can only be cut at its beginning; it is said, and nothing goes. `spool list` and
    `spool prune` speak of sources."""
    make = spools.kafka(tmp_path, kafka.url)
    shared = make().brokers.topic_of("shared")
    spool = make(brokers={"partitions": 1, "topics": {"a": shared, "b": shared}})
    room = WaitingSpool(spool, tmp_path / "waiting")
    room.append([capture(1, "a"), capture(2, "b"), capture(3, "c")])
    assert {one.source for one in upkeep.list_segments(room)} == {shared, "c"}
    ways: dict[str, Any] = {
        "now": LATER, "keep_days": 90, "keep_bytes": None, "processed": stood(spool),
        "dry_run": False,
    }  # fmt: skip
    with pytest.raises(UsageError, match="captures of several sources"):
        upkeep.prune(room, source="a", **ways)
    assert len(everything(spool)) == 3
    assert [one.source for one in upkeep.prune(room, source="c", **ways)] == ["c"]
    assert {one.source for one in upkeep.prune(room, source=None, **ways)} == {shared}
    room.close()


@service
def test_what_is_erased_is_not_delivered_again(kafka: Kafka, tmp_path: Path) -> None:
    """The brokers had kept it without saying so, and its machine was off while another one had it
    erased: what waits there finds the tombstone, also after more was erased."""
    make = spools.kafka(tmp_path, kafka.url)
    spool: KafkaSpool = make(brokers={"partitions": 1})
    now = datetime.now(UTC).replace(microsecond=0)
    pages = [capture(number, at=now) for number in range(4)]
    spool.append(pages)
    off = WaitingSpool(make(brokers={"partitions": 1}), tmp_path / "off")
    off.room.append(pages)
    off.room.close()
    until = time.monotonic() + 120
    for one in ("c1", "c2"):
        spool.erase([one])
        while spool.fetch(one) is not None and time.monotonic() < until:
            spool.erase([one])
    assert everything(spool) == [pages[0], pages[3]]

    assert off.recover() == 0

    assert everything(spool) == [pages[0], pages[3]]
    off.close()
    spool.close()


@service
def test_tombstones_outlive_the_compaction_that_they_are_written_for(spool: KafkaSpool) -> None:
    """The next one, for another capture, would take out those that are over their time."""
    topic, names = spool.brokers.topic_of("site"), ["segment.ms", "delete.retention.ms"]
    spool.append([capture(1)])
    with Loans(spool.folder) as loans:
        assert loans is not None
        loans.take(spool.brokers, topic, [Place(0, 0)])
        until = time.monotonic() + 20
        while (told := spool.brokers.own_settings(topic, names))["segment.ms"] is None:
            assert time.monotonic() < until
            time.sleep(0.05)
        assert int(told["delete.retention.ms"] or 0) >= 30 * 86_400_000
        loans.give_back(spool.brokers, topic)
    assert spool.brokers.own_settings(topic, names) == dict.fromkeys(names)


@service
def test_what_is_refused_is_tried_seldom(kafka: Kafka, tmp_path: Path) -> None:
    """Streams ask every few seconds whether something waits: each segment that the brokers refuse
    would be read, searched for and sent each time. A process's first look tries it."""
    make = spools.kafka(tmp_path, kafka.url)
    spool = WaitingSpool(make(), tmp_path / "waiting")
    topic = spool.spool.brokers.topic_of("small")
    spool.spool.brokers.make_topic(topic, 1, {"max.message.bytes": "2000"})
    spool.room.append([capture(1, "small", body=Random(1).randbytes(200_000))])
    assert spool.recover() == 1
    spool.spool.brokers.change_topic(topic, {"max.message.bytes": "1000000"})
    time.sleep(1.0)

    assert spool.recover() == 1
    later = WaitingSpool(make(), tmp_path / "waiting")
    assert later.recover() == 0

    spool.close()
    later.close()


def test_brokers_that_are_away_are_not_asked_at_every_look(tmp_path: Path) -> None:
    """Their pause, which grows, holds for `recover` as for `append`."""
    make = spools.kafka(tmp_path, "127.0.0.1:9")
    spool = WaitingSpool(make(), tmp_path / "waiting", pause_seconds=300, longest_seconds=300)
    spool.append([capture(1)])
    started = time.monotonic()
    for _ in range(3):
        assert spool.recover() == 1
    assert time.monotonic() - started < 2
    spool.room.close()


def test_threads_share_the_index(tmp_path: Path) -> None:
    """A stream reads while another thread looks something up, and a third lets go of it."""
    index, failed = KafkaIndex(tmp_path / "index.db"), list[BaseException]()

    def use(number: int) -> None:
        try:
            for step in range(200):
                index.add(f"t/{number}", step + 1, [(f"c{number}-{step}-{k}", k) for k in range(9)])
                assert index.covered(f"t/{number}") == step + 1
                assert index.places(f"c{number}-{step}-3") == [(f"t/{number}", 3)]
                if step % 50 == 0:
                    index.close()
        except BaseException as error:  # told below
            failed.append(error)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failed == []
    index.close()


def test_an_index_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    """In a line that names the file: it can be removed."""
    path = tmp_path / "index.db"
    path.write_bytes(b"not a database, whatever its name says" * 100)
    with pytest.raises(SpoolError, match=r"index\.db cannot be used .* remove it"):
        KafkaIndex(path).places("c1")


def put_long_ago(beside: Any, folder: Path, one: str) -> None:
    beside.put(one, b"x")
    os.utime(folder / one[:2] / one, (AT.timestamp(), AT.timestamp()))


@service
def test_a_body_that_no_message_names_goes(spool: KafkaSpool, tmp_path: Path) -> None:
    """Left by a collector that was killed before it wrote the message. Not those that the log
    still names, those that are young, and what is none of ours; those of a log that is cut go."""
    folder = tmp_path / "beside"
    old, kept, young, orphan = (digest(name) for name in ("old", "kept", "young", "orphan"))
    large = b"x" * 1_000_000
    spool.append([
        capture(1, id=old, body=large),
        capture(2, id=kept, body=large, at=LATER), capture(3, at=LATER),
    ])  # fmt: skip
    for one in (old, kept, orphan):
        put_long_ago(spool.beside, folder, one)
    spool.beside.put(young, b"x")
    half = folder / old[:2] / f"{old}.77.new"
    half.write_bytes(b"half")
    os.utime(half, (AT.timestamp(), AT.timestamp()))
    stranger = folder / "no" / "notes.txt"
    stranger.parent.mkdir()
    stranger.write_bytes(b"none of ours")
    os.utime(stranger, (AT.timestamp(), AT.timestamp()))
    ways: dict[str, Any] = {"now": LATER, "keep_days": 90, "processed": stood(spool)}

    kafka_upkeep.prune(spool, dry_run=True, **ways)
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 6
    kafka_upkeep.prune(spool, **ways)
    left = {path.name for path in folder.rglob("*") if path.is_file()}
    assert left == {kept, young, "notes.txt"}

    spool.finder.index.start_anew(f"{spool.brokers.topic_of('site')}/0")
    spool.finder.index.add(f"{spool.brokers.topic_of('site')}/0", 3, [])  # an index that lies
    kafka_upkeep.prune(spool, **ways)
    assert spool.beside.get(kept) is not None


@service
def test_a_body_that_two_messages_name_stays_for_the_second(spool: KafkaSpool) -> None:
    """The same file imported twice is one capture: the first message goes, the second is read."""
    one = digest("twice")
    page = capture(1, id=one, body=b"x" * 1_000_000)
    spool.append([page, capture(2, at=LATER)])
    spool.append([page])
    ways: dict[str, Any] = {"now": LATER, "keep_days": 90, "processed": stood(spool)}
    kafka_upkeep.prune(spool, **ways)
    assert everything(spool) == [capture(2, at=LATER), page]


@service
def test_bodies_in_a_bucket_are_swept_too(s3: S3) -> None:
    """By their names and times there."""
    store = spools.bucket(s3.url)
    beside, ids = ObjectBeside(store), [digest("a"), digest("b")]
    for name in (*ids, "notes.txt"):
        beside.put(name, b"x")
    assert beside.sweep(AT, lambda _: set()) == 0
    assert beside.sweep(datetime.now(UTC) + timedelta(hours=1), lambda _: {ids[0]}) == 1
    assert [beside.get(name) for name in (*ids, "notes.txt")] == [b"x", None, b"x"]


def test_a_body_put_again_meanwhile_stays(tmp_path: Path) -> None:
    """Its message comes a moment later."""
    beside, one = FolderBeside(tmp_path), digest("again")
    put_long_ago(beside, tmp_path, one)

    def named(_: set[str]) -> set[str]:
        beside.put(one, b"y")
        return set()

    assert beside.sweep(LATER, named) == 0
    assert beside.get(one) == b"y"
