"""The spool on a real broker: what other programs see, and what holes, kills and strangers do."""

import json
import random
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

pytest.importorskip("confluent_kafka", reason="needs confluent_kafka: ./vigie extras")
pytest.importorskip("obstore", reason="needs obstore: ./vigie extras")

from confluent_kafka import Consumer, Producer, TopicPartition

from tests.spool import spools
from tests.spool.spools import AT, Open, capture, everything
from vigie.contracts import Spool
from vigie.errors import ConfigError, FromTheFuture, Missing, SpoolError
from vigie.model.capture import Capture, RunEnd, Scan
from vigie.settings import Settings, SpoolSettings
from vigie.spool import kafka_upkeep
from vigie.spool.kafka import BrokersAway, KafkaSpool
from vigie.spool.kafka_record import partition_of
from vigie.spool.waiting import WaitingSpool
from vigie.wiring import spooling, upkeep
from vigie.wiring.stack import Kafka

pytestmark = pytest.mark.service


@pytest.fixture
def open_spool(kafka: Kafka, tmp_path: Path) -> Open:
    return spools.kafka(tmp_path, kafka.url)


@pytest.fixture
def spool(open_spool: Open) -> Iterator[KafkaSpool]:
    opened = open_spool(brokers={"partitions": 1})
    yield opened
    opened.close()


@pytest.fixture
def topic(spool: KafkaSpool) -> str:
    return spool.brokers.topic_of("site")


def raw(brokers: str, topic: str, count: int) -> list[Any]:
    """What a consumer that knows nothing of Vigie finds in the topic's first partition."""
    client = Consumer({"bootstrap.servers": brokers, "group.id": secrets.token_hex(4)})
    client.assign([TopicPartition(topic, 0, 0)])
    try:
        return client.consume(count, 10)
    finally:
        client.close()


def test_any_kafka_tool_shows_it(spool: KafkaSpool, kafka: Kafka, topic: str) -> None:
    """The value is the body as it came; the headers are the record's fields, as texts."""
    page = capture(1, query="auto", watch="w", note={"layer": "json"})
    end = RunEnd(at=AT, source="site", run="r1", scan=Scan.CUT, started_at=AT, query="auto")
    spool.append([page, end])
    first, second = raw(kafka.url, topic, 2)

    told = {name: text.decode() for name, text in first.headers()}
    assert first.value() == page.body
    assert first.key() == b"site/auto/c1"
    assert first.timestamp()[1] == int(page.at.timestamp() * 1000)
    assert json.loads(told.pop("headers")) == [list(pair) for pair in page.headers]
    assert told == {
        "vigie": "1", "entry": "capture", "id": "c1", "at": "2026-03-01T08:00:01.000Z",
        "source": "site", "url": page.url, "run": "r1", "watch": "w", "query": "auto",
        "status": "200", "note": '{"layer":"json"}',
    }  # fmt: skip
    assert dict(second.headers())["entry"] == b"end"
    assert second.key().startswith(b"site/auto/")


def test_topics_are_made_as_the_settings_say(kafka: Kafka, tmp_path: Path) -> None:
    """A topic a source, with its partitions; single sources may have another; none expires."""
    mine = f"mine-{secrets.token_hex(3)}"
    make = spools.kafka(tmp_path, kafka.url)
    spool = make(brokers={"partitions": 3, "topics": {"b": mine}})
    spool.append([capture(1, source="a"), capture(2, source="b")])
    assert spool.brokers.captures_topics() == {spool.brokers.topic_of("a"): 3, mine: 3}
    assert spool.brokers.topic_setting(mine, "retention.ms") == "-1"
    assert {c.id for c in spool.select("b", AT, AT + timedelta(days=1))} == {"c2"}
    spool.close()


def test_marks_of_transactions_are_no_gap(spool: KafkaSpool, kafka: Kafka, topic: str) -> None:
    """Commit marks and aborted messages leave holes that spans cover and readers do not see."""
    spool.append([capture(1)])
    stranger = Producer({"bootstrap.servers": kafka.url, "transactional.id": secrets.token_hex(4)})
    stranger.init_transactions(30)
    for aborted in (True, False):
        stranger.begin_transaction()
        stranger.produce(topic, b"not ours", partition=0)
        stranger.flush(10)
        if aborted:
            stranger.abort_transaction(10)
        else:
            stranger.commit_transaction(10)
    spool.append([capture(2)])

    spans = [(span.start, span.end, batch) for span, batch in spool.read("c", {})]
    assert spans == [(0, 6, [capture(1), capture(2)])]
    for position in range(6):
        ((span, batch),) = spool.read("c", {f"{topic}/0": position})
        assert (span.start, span.end) == (position, 6)
        # A commit's mark is written a moment after the commit: it may be the last.
        assert batch[-1:] == [capture(2)] or position == 5

    stranger.begin_transaction()
    stranger.produce(topic, b"open", partition=0)
    stranger.flush(10)
    spool.append([capture(3)])
    assert list(spool.read("c", {f"{topic}/0": 6})) == []  # read when the transaction is over
    stranger.abort_transaction(10)
    until = time.monotonic() + 20
    while not (found := everything(spool, {f"{topic}/0": 6})) and time.monotonic() < until:
        time.sleep(0.1)  # its mark, too, is written a moment later
    assert found == [capture(3)]


def test_what_expired_is_no_gap(spool: KafkaSpool, topic: str) -> None:
    """A reader whose position is gone goes on at what is left, from where it stood."""
    spool.append(capture(n) for n in range(5))
    spool.brokers.delete_before(topic, 0, 3)
    ((span, batch),) = spool.read("c", {f"{topic}/0": 1})
    assert (span.start, span.end, batch) == (1, 5, [capture(3), capture(4)])
    assert spool.fetch("c1") is None
    assert spool.fetch("c4") == capture(4)
    spool.brokers.delete_before(topic, 0, 5)
    assert [(s.start, s.end, b) for s, b in spool.read("c", {f"{topic}/0": 1})] == [(1, 5, [])]


def test_a_topic_made_anew_is_told(spool: KafkaSpool, topic: str) -> None:
    """A position beyond the end is never taken for "nothing new"."""
    spool.append([capture(1)])
    with pytest.raises(SpoolError, match="was made anew"):
        everything(spool, {f"{topic}/0": 7})


def test_strangers_and_the_future(spool: KafkaSpool, kafka: Kafka, topic: str) -> None:
    """What others write is passed over; what a newer Vigie wrote is refused."""
    spool.append([capture(1)])
    stranger = Producer({"bootstrap.servers": kafka.url})
    ours: dict[str, str | bytes | None] = {"vigie": b"1", "entry": b"capture"}
    plain: dict[str, str | bytes | None] = {"vigie": b"1"}
    odd: dict[str, str | bytes | None] = {"vigie": b"x", "entry": b"capture"}
    unknown: dict[str, str | bytes | None] = {"vigie": b"9", "entry": b"purchase"}
    bare: dict[str, str | bytes | None] = {"vigie": b"2"}
    for headers in ({}, plain, ours, ours | {"at": b"\xff"}, odd, unknown, bare):
        stranger.produce(topic, b"x", headers=headers, partition=0)
    stranger.flush(10)
    spool.append([capture(2)])
    assert everything(spool) == [capture(1), capture(2)]
    (verdict,) = kafka_upkeep.verify(spool)
    assert (verdict.captures, verdict.damaged) == (2, (3, 4))
    stranger.produce(topic, b"x", headers={"vigie": b"9", "entry": b"capture"}, partition=0)
    stranger.flush(10)
    with pytest.raises(FromTheFuture, match="newer Vigie"):
        everything(spool)


def test_large_bodies_lie_beside(
    spool: KafkaSpool, kafka: Kafka, topic: str, tmp_path: Path
) -> None:
    """The message says so; the body is a file, and is missed when it is gone."""
    spool.append([capture(1, body=b"x" * 1_000_000), capture(2)])
    first, _ = raw(kafka.url, topic, 2)
    assert first.value() == b""
    assert dict(first.headers())["body_beside"] == b"1000000"
    (path,) = [path for path in (tmp_path / "beside").rglob("*") if path.is_file()]
    assert path.name == "c1"
    assert next(kafka_upkeep.verify(spool)).damaged == ()
    path.unlink()
    assert next(kafka_upkeep.verify(spool)).damaged == (0,)


def test_a_body_that_is_not_beside_is_never_passed_over(spool: KafkaSpool, tmp_path: Path) -> None:
    """As on a second machine whose folder it is not: reading stops and says what to set. Only a
    capture that was erased is passed over."""
    spool.append([capture(1, body=b"x" * 1_000_000), capture(2)])
    (path,) = [path for path in (tmp_path / "beside").rglob("*") if path.is_file()]
    elsewhere = path.rename(tmp_path / "elsewhere")
    with pytest.raises(SpoolError, match=r"kafka\.beside_url"):
        everything(spool)
    with pytest.raises(SpoolError, match=r"kafka\.beside_url"):
        list(spool.select("site", AT, AT + timedelta(days=1)))
    with pytest.raises(SpoolError, match=r"kafka\.beside_url"):
        spool.fetch("c1")
    elsewhere.rename(path)
    assert [entry.id for entry in everything(spool) if isinstance(entry, Capture)] == ["c1", "c2"]
    spool.erase(["c1"])
    assert not path.exists()
    assert everything(spool) == [capture(2)]
    assert next(kafka_upkeep.verify(spool)).damaged == ()


def test_pruning_keeps_what_is_not_processed(spool: KafkaSpool, topic: str, tmp_path: Path) -> None:
    """What is old and processed leaves the log, bodies beside too; the rest stays."""
    spool.append([capture(0, body=b"x" * 1_000_000), capture(1), capture(2), capture(99_999)])
    now = AT + timedelta(days=1)
    ways: dict[str, Any] = {"now": now, "keep_days": 0.5, "processed": {f"{topic}/0": 2}}
    (told,) = kafka_upkeep.prune(spool, dry_run=True, **ways)
    assert len(everything(spool)) == 4
    assert (told.entries, told.size_bytes) == (2, None)

    kafka_upkeep.prune(spool, **ways)
    assert everything(spool) == [capture(2), capture(99_999)]
    assert not [path for path in (tmp_path / "beside").rglob("*") if path.is_file()]

    ways["processed"] = {f"{topic}/0": 4}
    kafka_upkeep.prune(spool, **ways)
    assert everything(spool) == [capture(99_999)]
    (segment,) = kafka_upkeep.list_segments(spool)
    assert (segment.entries, segment.modified_at) == (1, capture(99_999).at)


def dumped(kafka: Kafka, topic: str, folder: Path) -> str:
    """All that lies in the topic's files, as Kafka's own tool prints it; deleted files, too."""
    copies = []
    for number, path in enumerate((kafka.folder / "data").glob(f"{topic}-*/*.log*")):
        copy = folder / str(number) / f"{path.name.partition('.')[0]}.log"
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            copies.append(str(shutil.copyfile(path, copy)))
        except FileNotFoundError:  # deleted meanwhile
            continue
    told = subprocess.run(
        [*kafka.java("-Dorg.slf4j.simpleLogger.defaultLogLevel=off"),
         "kafka.tools.DumpLogSegments", "--print-data-log", "--files", ",".join(copies)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    return told.stdout


def test_no_byte_of_an_erased_capture_is_left(
    spool: KafkaSpool, kafka: Kafka, topic: str, tmp_path: Path
) -> None:
    """The broker's files hold the capture before, and not after; its neighbours stay."""
    spool.append([capture(1), capture(2, body=b"canary 0612345678"), capture(3, body=b"neighbour")])
    before = dumped(kafka, topic, tmp_path)
    assert "canary" in before
    assert "neighbour" in before

    until = time.monotonic() + 90
    while "canary" in (left := dumped(kafka, topic, tmp_path)) and time.monotonic() < until:
        spool.erase(["c2"])

    assert "canary" not in left
    assert "neighbour" in left
    spool.erase(["c2"])
    assert spool.brokers.topic_setting(topic, "cleanup.policy") == "delete"
    assert everything(spool) == [capture(1), capture(3, body=b"neighbour")]


def policy(spool: KafkaSpool, topic: str) -> dict[str, str | None]:
    names = ["cleanup.policy", "segment.ms", "retention.ms", "min.cleanable.dirty.ratio"]
    return spool.brokers.own_settings(topic, names)


def test_a_large_capture_is_erased_to_the_end(
    spool: KafkaSpool, topic: str, tmp_path: Path
) -> None:
    """It is found until its message is gone, and the topic gets back what it had even when
    nobody asks for anything to be erased any more. Killed in between, it is done again."""
    before = {
        "cleanup.policy": "compact,delete", "segment.ms": "3600000", "retention.ms": "-1",
        "min.cleanable.dirty.ratio": None,
    }  # fmt: skip
    made = {name: value for name, value in before.items() if value is not None}
    spool.brokers.make_topic(topic, 1, made)
    spool.append([capture(1, body=b"x" * 1_000_000), capture(2)])
    spool.erase(["nobody"])
    assert policy(spool, topic) == before
    spool.beside.delete("c1")  # a process was killed after it had removed the body
    spool.erase(["c1"])
    assert not (tmp_path / "beside" / "c1" / "c1").exists()
    changed = policy(spool, topic)
    assert (changed["cleanup.policy"], changed["segment.ms"]) == ("compact,delete", "1000")

    until = time.monotonic() + 90
    while (found := spool.fetch("c1")) is not None and time.monotonic() < until:
        assert found.body == b""
        time.sleep(0.5)
    assert spool.fetch("c1") is None
    spool.close()
    spool.recover()  # nothing is pending: the next process sees it
    assert policy(spool, topic) == before
    assert everything(spool) == [capture(2)]


def test_a_pruning_that_is_cut_off_leaves_no_body(
    spool: KafkaSpool, topic: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bodies go before the log's start moves: what is left can still be found and removed."""
    spool.append([capture(0, body=b"x" * 1_000_000), capture(1)])
    ways: dict[str, Any] = {
        "now": AT + timedelta(days=1), "keep_days": 0.5, "processed": {f"{topic}/0": 2},
    }  # fmt: skip
    with monkeypatch.context() as cut:
        cut.setattr(spool.brokers, "delete_before", cut_off)
        with pytest.raises(KeyboardInterrupt):
            kafka_upkeep.prune(spool, **ways)
    assert not [path for path in (tmp_path / "beside").rglob("*") if path.is_file()]
    kafka_upkeep.prune(spool, **ways)
    assert everything(spool) == []


def cut_off(*_: object) -> None:
    raise KeyboardInterrupt


def test_the_index_begins_anew_with_the_topic(open_spool: Open) -> None:
    """A topic that is deleted and made again under its name: its captures are found."""
    spool = open_spool(brokers={"partitions": 1})
    topic = spool.brokers.topic_of("site")
    spool.append(capture(n) for n in range(5))
    assert spool.fetch("c4") == capture(4)
    for told in spool.brokers.admin.delete_topics([topic]).values():
        told.result(10)
    spool.close()
    until = time.monotonic() + 20
    while spool.brokers.count(topic) and time.monotonic() < until:
        time.sleep(0.1)
    anew = open_spool(brokers={"partitions": 1})
    anew.append([capture(7), capture(8)])
    assert anew.fetch("c8") == capture(8)
    assert anew.fetch("c4") is None
    anew.close()


def test_the_index_can_be_lost(spool: KafkaSpool, tmp_path: Path) -> None:
    """It is made again from the log."""
    spool.append(capture(n) for n in range(5))
    assert spool.fetch("c3") == capture(3)
    spool.close()
    for path in (tmp_path / "spool").glob("kafka-index*"):
        path.unlink()
    assert spool.fetch("c3") == capture(3)


class Writing(threading.Thread):
    """Appends captures of two queries, one after the other, until told to stop."""

    def __init__(self, spool: Spool) -> None:
        super().__init__()
        self.spool, self.acknowledged, self.enough = spool, list[str](), threading.Event()

    def run(self) -> None:
        number = 0
        while not self.enough.is_set():
            page = capture(number, query=f"q{number % 2}", at=datetime.now(UTC))
            self.spool.append([page])
            self.acknowledged.append(page.id)
            number += 1
            time.sleep(0.005)


def test_a_killed_broker_loses_and_doubles_nothing(kafka: Kafka, tmp_path: Path) -> None:
    """Collecting goes on while the broker is away; what waited comes first, in order, once."""
    make = spools.kafka(tmp_path, kafka.url)
    inner = make(brokers={"deliver_seconds": 1.0})
    spool = WaitingSpool(inner, tmp_path / "waiting", pause_seconds=0.2, longest_seconds=0.5)
    writer = Writing(spool)
    writer.start()
    for _ in range(2):
        time.sleep(1.0)
        kafka.kill()
        before = len(writer.acknowledged)
        time.sleep(2.5)
        assert len(writer.acknowledged) > before  # it waits on disk, the collector does not
        assert spool.waiting()
        kafka.restart()
        until = time.monotonic() + 60
        while spool.waiting() and time.monotonic() < until:
            time.sleep(0.1)
    writer.enough.set()
    writer.join()
    spool.close()

    assert not spool.waiting()
    found = [entry for entry in everything(spool) if isinstance(entry, Capture)]
    ids = [one.id for one in found]
    assert sorted(set(writer.acknowledged) - set(ids)) == []
    assert len(ids) == len(set(ids))
    for query in ("q0", "q1"):
        mine = [one.id for one in found if one.query == query]
        assert mine == [one for n, one in enumerate(writer.acknowledged) if f"q{n % 2}" == query]
    assert len(found) > 100


def test_what_the_brokers_had_kept_is_not_delivered_again(kafka: Kafka, tmp_path: Path) -> None:
    """A writer gave up on messages that were kept; those that follow them in the room are new."""
    make = spools.kafka(tmp_path, kafka.url)
    spool = WaitingSpool(make(), tmp_path / "waiting")
    kept, new = [capture(1), capture(2)], [capture(3), capture(4)]
    spool.spool.append(kept)
    spool.room.append([*kept, *new])
    dead = WaitingSpool(make(), tmp_path / "waiting")

    assert spool.recover() == 0
    assert dead.recover() == 0
    assert everything(spool) == [*kept, *new]
    spool.close()


def test_a_page_that_an_earlier_run_brought_is_delivered_for_its_own(
    kafka: Kafka, tmp_path: Path
) -> None:
    """The same page under the same id, brought by two runs: the second waited, and is not taken for
    the first; a message of its own run that was kept is not sent twice."""
    make = spools.kafka(tmp_path, kafka.url)
    spool = WaitingSpool(make(), tmp_path / "waiting")
    first, second = (msgspec.structs.replace(capture(1), run=run) for run in ("one", "two"))
    spool.spool.append([first])
    spool.room.append([second])
    assert spool.recover() == 0
    spool.room.append([second])
    assert spool.recover() == 0
    assert [entry.run for entry in everything(spool) if isinstance(entry, Capture)] == [
        "one", "two"
    ]  # fmt: skip
    spool.close()


def test_a_process_that_died_leaves_its_room_to_the_next(kafka: Kafka, tmp_path: Path) -> None:
    """What a killed collector had waiting is delivered before anything newer."""
    make = spools.kafka(tmp_path, kafka.url)
    dead = WaitingSpool(make(), tmp_path / "waiting")
    dead.room.append([capture(1)])
    for writer in dead.room._writers.values():
        writer.close()  # as a kill does: the lock is gone, the segment is not sealed
    alive = WaitingSpool(make(), tmp_path / "waiting")
    alive.append([capture(2)])
    alive.close()
    assert everything(alive) == [capture(1), capture(2)]


def test_what_the_brokers_refuse_holds_up_nothing_else(kafka: Kafka, tmp_path: Path) -> None:
    """It is set aside, listed, and delivered once the topic takes it."""
    make = spools.kafka(tmp_path, kafka.url)
    spool = WaitingSpool(make(), tmp_path / "waiting", refused_seconds=0.5)
    large = capture(1, "small", body=random.Random(1).randbytes(200_000))
    topic = spool.spool.brokers.topic_of("small")
    spool.spool.brokers.make_topic(topic, 1, {"max.message.bytes": "2000"})
    spool.room.append([large])
    spool.room.append([capture(2, "other")])
    spool.append([capture(3, "third")])

    assert {one.source for one in everything(spool) if isinstance(one, Capture)} == {
        "other", "third",
    }  # fmt: skip
    assert not spool.waiting()
    refused = [one for one in upkeep.list_segments(spool) if one.partition.startswith("refused/")]
    assert [(one.source, one.entries) for one in refused] == [("small", 1)]
    assert spool.fetch("c1") == large
    assert spool.recover() == 1
    spool.spool.brokers.change_topic(topic, {"max.message.bytes": "1000000"})
    time.sleep(0.5)
    assert spool.recover() == 0
    assert large in everything(spool)
    spool.close()


def test_without_a_broker_it_is_said(tmp_path: Path) -> None:
    """Reading says where no broker answers; appending keeps the captures and goes on."""
    make = spools.kafka(tmp_path, "127.0.0.1:9")
    with pytest.raises(BrokersAway, match=r"Kafka at 127\.0\.0\.1:9 does not answer"):
        everything(make())
    spool = WaitingSpool(make(), tmp_path / "waiting")
    spool.append([capture(1)])
    assert spool.waiting()
    with pytest.raises(BrokersAway):  # it may be with the brokers, too, or erased there
        spool.fetch("c1")
    spool.close()
    assert len(list((tmp_path / "waiting").rglob("*.warc.gz"))) == 1


def test_the_same_query_has_the_same_partition_for_ever() -> None:
    """Where an entry goes is stored in the log: the rule does not change with the program."""
    known = [partition_of("avito_ma", query, 4) for query in ("", "auto", "immobilier", "é")]
    assert known == [3, 3, 3, 2]


def test_settings_choose_the_spool(
    kafka: Kafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`spool.url` says where; what it does not know, or cannot load, is said in a line."""

    def chosen(url: str) -> Any:
        return spooling.open_spool(Settings(data_dir=tmp_path, spool=SpoolSettings(url=url)))

    assert isinstance(chosen(f"kafka://{kafka.url}"), WaitingSpool)
    for wrong in ("ftp://x", "kafka://", "s3://", "kafka://a/b"):
        with pytest.raises(ConfigError, match="expected"):
            chosen(wrong)
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    for name in [name for name in sys.modules if name.startswith("vigie.spool.kafka")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(Missing, match=r"\./vigie extras installs it \(here: kafka\)"):
        chosen(f"kafka://{kafka.url}")
