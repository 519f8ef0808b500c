"""Listings told to Kafka: what readers of the topics see is what the store holds."""

import json
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("confluent_kafka", reason="needs confluent_kafka: ./vigie extras")

from confluent_kafka import Consumer, TopicPartition

from tests.store.batches import batch, seen
from vigie.errors import ConfigError, ViewBusy
from vigie.follow.views import Follower
from vigie.model.identity import listing_id
from vigie.model.watch import watch_of
from vigie.settings import KafkaSettings, Settings
from vigie.spool.kafka_client import Brokers
from vigie.store import SqlStore, open_store
from vigie.views.topics.reading import CURSORS
from vigie.views.topics.view import TopicsView
from vigie.wiring import Instance
from vigie.wiring.publishing import OnlyPublisher, Publisher, Topics, _told, publish
from vigie.wiring.secret import instance_id
from vigie.wiring.stack import Kafka

pytestmark = pytest.mark.service


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{tmp_path / 'v.db'}")
    yield opened
    opened.close()


@pytest.fixture
def topic() -> str:
    return f"listings-{secrets.token_hex(4)}"


@pytest.fixture
def view(kafka: Kafka, topic: str) -> Iterator[TopicsView]:
    made = opened(kafka, topic)
    yield made
    made.close()


def opened(kafka: Kafka, topic: str, **topics: list[str]) -> TopicsView:
    clients = Topics(Brokers(kafka.url))
    return TopicsView(
        clients, f"test-{topic}", {"site": [topic]} | topics, _told, partitions=2, wait_seconds=8
    )


def save(store: SqlStore, *names: str, minutes: float = 0, **values: Any) -> None:
    values = {"title": "Vélo"} | values
    store.save(batch(seen(name, minutes, **values) for name in names), None)


def last_values(kafka: Kafka, topic: str) -> dict[str, Any]:
    """What a reader of committed messages ends up with: key → last value."""
    client = Consumer({
        "bootstrap.servers": kafka.url, "group.id": secrets.token_hex(4),
        "isolation.level": "read_committed", "enable.partition.eof": True,
    })  # fmt: skip
    parts = client.list_topics(topic, 10).topics[topic].partitions
    client.assign([TopicPartition(topic, number, 0) for number in parts])
    found: dict[str, Any] = {}
    ends = 0
    while ends < len(parts):
        message = client.poll(10)
        assert message is not None
        if message.error() is not None:
            ends += 1
            continue
        key, value = (message.key() or b"").decode(), message.value()
        found[key] = None if value is None else json.loads(value)
    client.close()
    return found


def titles(kafka: Kafka, topic: str) -> dict[str, str | None]:
    return {
        key: None if value is None else value["title"]
        for key, value in last_values(kafka, topic).items()
    }


def ident(name: str) -> str:
    return listing_id("site", name)


def test_kafkas_own_consumer_reads_it(
    store: SqlStore, view: TopicsView, kafka: Kafka, topic: str
) -> None:
    """A line of JSON a listing, in the API's shape, with its id as key."""
    save(store, "1", price=1200)
    Follower(store.feed, store, view).catch_up()

    told = subprocess.run(
        [*kafka.java("-Dorg.slf4j.simpleLogger.defaultLogLevel=off"),
         "org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server", kafka.url,
         "--topic", topic, "--from-beginning", "--max-messages", "1", "--timeout-ms", "20000",
         "--property", "print.key=true", "--isolation-level", "read_committed"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    key, _, text = told.stdout.strip().partition("\t")
    value = json.loads(text)
    assert key == value["id"] == ident("1")
    assert (value["kind"], value["source"], value["title"]) == ("ad", "site", "Vélo")
    assert value["status"] == "open"
    assert value["place"]["city"] is None
    assert "author_key" not in value


def test_the_last_value_is_the_stores(
    store: SqlStore, view: TopicsView, kafka: Kafka, topic: str
) -> None:
    """Changed, erased and added: each key's last message says how it is now."""
    follower = Follower(store.feed, store, view)
    save(store, "1", "2", "3")
    follower.catch_up()
    save(store, "1", minutes=1, title="Moto")
    store.erase([ident("2")])
    save(store, "4", minutes=2)
    follower.catch_up()

    assert titles(kafka, topic) == {
        ident("1"): "Moto", ident("2"): None, ident("3"): "Vélo", ident("4"): "Vélo",
    }  # fmt: skip
    assert view.cursor() == store.feed.last()
    assert opened(kafka, topic).cursor() == store.feed.last()


def test_a_rebuild_tells_what_differs_only(
    store: SqlStore, view: TopicsView, kafka: Kafka, topic: str
) -> None:
    """After a store that came back from a backup: what it lacks is taken back, the rest stays."""
    follower = Follower(store.feed, store, view)
    save(store, "1", "2")
    follower.catch_up()
    before = count(kafka, topic)
    follower.rebuild()
    assert count(kafka, topic) - before <= 1  # no listing; at most the mark of a transaction

    view.apply([], {"ad": store.get("ad", [ident("1")]).with_columns(id=_text("strange"))}, 10**6)
    follower.catch_up()
    assert titles(kafka, topic) == {ident("1"): "Vélo", ident("2"): "Vélo", "strange": None}
    assert view.cursor() == store.feed.last()


def _text(value: str) -> Any:
    import polars as pl

    return pl.lit(value)


def count(kafka: Kafka, topic: str) -> int:
    """Offsets in use, once they stand still: a transaction's marks come a moment after its end."""
    client = Consumer({"bootstrap.servers": kafka.url, "group.id": "count"})
    found, still = 0, 0
    while still < 5:
        ends = [client.get_watermark_offsets(TopicPartition(topic, n), 10)[1] for n in range(2)]
        found, still = sum(ends), still + 1 if sum(ends) == found > 0 else 0
        time.sleep(0.1)
    client.close()
    return found


def test_a_topic_that_is_added_gets_what_was_told_before(
    store: SqlStore, view: TopicsView, kafka: Kafka, topic: str
) -> None:
    """A recipe that names another topic makes the view stale: it is made anew."""
    save(store, "1")
    Follower(store.feed, store, view).catch_up()
    wider = opened(kafka, topic, site=[topic, f"{topic}-too"])
    assert wider.stale
    Follower(store.feed, store, wider).catch_up()
    assert not wider.stale
    assert titles(kafka, f"{topic}-too") == {ident("1"): "Vélo"}


def test_an_older_writer_is_fenced_off(
    store: SqlStore, view: TopicsView, kafka: Kafka, topic: str
) -> None:
    """Two followers of one instance: the one that came later goes on, the other begins anew."""
    save(store, "1")
    Follower(store.feed, store, view).catch_up()
    later = opened(kafka, topic)
    save(store, "1", minutes=1, title="Moto")
    Follower(store.feed, store, later).catch_up()
    save(store, "2", minutes=2)

    older = Follower(store.feed, store, view)
    with pytest.raises(ViewBusy, match="another process"):
        older.catch_up()
    older.catch_up()

    assert titles(kafka, topic) == {ident("1"): "Moto", ident("2"): "Vélo"}
    assert view.cursor() == store.feed.last()


def stolen(here: Instance, kafka: Kafka, topic: str, owner: str) -> OnlyPublisher:
    """A publisher of the instance, as another process has it."""
    made = OnlyPublisher(here, opened(kafka, topic), topic)
    made._owner = owner
    return made


def test_who_only_looks_fences_nobody_off(kafka: Kafka, topic: str, tmp_path: Path) -> None:
    """The holder of the lease goes on while others look; one that closes lets the next write."""
    with Instance(Settings(data_dir=tmp_path)) as here:
        store = here.store
        one, two = (stolen(here, kafka, topic, owner) for owner in ("one", "two"))
        save(store, "1")
        Follower(store.feed, store, one).catch_up()
        save(store, "2")
        for _ in range(3):
            with pytest.raises(ViewBusy):
                Follower(store.feed, store, two).catch_up()
        Follower(store.feed, store, one).catch_up()
        assert titles(kafka, topic) == {ident("1"): "Vélo", ident("2"): "Vélo"}

        save(store, "3")
        one.close()
        Follower(store.feed, store, two).catch_up()
        assert set(titles(kafka, topic)) == {ident("1"), ident("2"), ident("3")}


def test_a_command_sees_its_listings_published(kafka: Kafka, topic: str, tmp_path: Path) -> None:
    """While another process holds the lease it waits for it; nothing is left behind."""
    with Instance(Settings(data_dir=tmp_path)) as here:
        store = here.store
        busy, mine = (stolen(here, kafka, topic, owner) for owner in ("busy", "mine"))
        save(store, "1")
        Follower(store.feed, store, busy).catch_up()
        save(store, "2")
        later = threading.Timer(1.5, busy.close)  # its process ends without publishing it
        later.start()
        publish(Publisher(store.feed, store, mine))
        assert set(titles(kafka, topic)) == {ident("1"), ident("2")}
        later.join()
        save(store, "3")
        Follower(store.feed, store, busy).catch_up()  # the command holds no lease any more
        busy.close()


def settings_of(kafka: Kafka, folder: Path, topic: str) -> Settings:
    """An instance with a watch that names the topic."""
    recipe = folder / "watches" / "mine.toml"
    recipe.parent.mkdir(parents=True, exist_ok=True)
    recipe.write_text(f'kind = "ad"\n[topics]\nsite = "{topic}"\n[[source]]\nname = "site"\n')
    return Settings(data_dir=folder, kafka=KafkaSettings(brokers=kafka.url))


def test_two_instances_are_two(kafka: Kafka, topic: str, tmp_path: Path) -> None:
    """As in two containers, whose addresses are the same: each has its name, its cursor, and in a
    topic of both its listings."""
    for name in ("a", "b"):
        with Instance(settings_of(kafka, tmp_path / name, topic)) as here:
            save(here.store, name, "both")
            here.bring_up_to_date()
            assert here.publisher is not None
            here.publisher.rebuild()  # as after a store that came back from a backup
    everywhere = {ident("a"): "Vélo", ident("b"): "Vélo", ident("both"): "Vélo"}
    assert titles(kafka, topic) == everywhere
    with Instance(settings_of(kafka, tmp_path / "a", topic)) as here:
        here.erase([ident("a"), ident("both")])  # of "both" the other's word is the last
        assert titles(kafka, topic) == everywhere | {ident("a"): None}
    with Instance(settings_of(kafka, tmp_path / "b", topic)) as here:
        here.erase([ident("both")])
        assert titles(kafka, topic) == {ident("a"): None, ident("b"): "Vélo", ident("both"): None}
    names = {instance_id(tmp_path / name) for name in ("a", "b", "a")}
    assert len(names) == 2


def test_what_is_erased_leaves_topics_of_before(
    store: SqlStore, view: TopicsView, kafka: Kafka, topic: str
) -> None:
    """A topic that no watch names any more is not told anything new, but forgets with the rest."""
    save(store, "1", "2", "3")
    Follower(store.feed, store, view).catch_up()
    for number in range(2):
        view.close()
        view = opened(kafka, topic, site=[f"{topic}-{number}"])
        follower = Follower(store.feed, store, view)
        follower.catch_up()
    store.erase([ident("1")])
    follower.catch_up()
    store.erase([ident("2")])
    follower.rebuild()
    for name in (topic, f"{topic}-0", f"{topic}-1"):
        assert titles(kafka, name) == {ident("1"): None, ident("2"): None, ident("3"): "Vélo"}
    view.close()


def test_a_killed_broker_costs_nothing(
    store: SqlStore, view: TopicsView, kafka: Kafka, topic: str
) -> None:
    """Killed in the middle of publishing: the last values and the cursor are right afterwards."""
    follower, stop = Follower(store.feed, store, view), threading.Event()
    thread = threading.Thread(target=follower.run, args=(stop,))
    thread.start()
    for minutes in range(8):
        save(store, *(str(n) for n in range(300)), minutes=minutes, title=f"Vélo {minutes}")
        if minutes == 3:
            kafka.kill()
    kafka.restart()
    until = time.monotonic() + 90
    while time.monotonic() < until and not all_is_told(view, store):
        time.sleep(0.5)
    stop.set()
    thread.join()

    assert titles(kafka, topic) == {ident(str(n)): "Vélo 7" for n in range(300)}
    assert opened(kafka, topic).cursor() == store.feed.last()


def all_is_told(view: TopicsView, store: SqlStore) -> bool:
    """Whether the follower's thread has told everything; its view alone is asked what it knows."""
    known = view._known
    return known is not None and known.seq == store.feed.last()


FOLLOW = """\
import sys
from vigie.follow.views import Follower
from vigie.spool.kafka_client import Brokers
from vigie.store import open_store
from vigie.views.topics.view import TopicsView
from vigie.wiring.publishing import Topics, _told
from vigie.wiring.secret import instance_id
url, brokers, topic = sys.argv[1:]
store = open_store(url)
view = TopicsView(Topics(Brokers(brokers)), f"test-{topic}", {"site": [topic]}, _told, partitions=2)
follower = Follower(store.feed, store, view)
print("ready", flush=True)
while True:
    follower.catch_up(limit=7)
"""


def test_a_killed_follower_is_never_ahead(
    store: SqlStore, kafka: Kafka, topic: str, tmp_path: Path
) -> None:
    """SIGKILL at any moment: the cursor that is seen never passes what readers see."""
    url = f"sqlite:///{tmp_path / 'v.db'}"
    for round_ in range(4):
        for part in range(20):
            names = [f"{round_}-{part}-{n}" for n in range(10)]
            save(store, *names, minutes=round_ * 100 + part)
        child = subprocess.Popen(
            [sys.executable, "-c", FOLLOW, url, kafka.url, topic], stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )  # fmt: skip
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(0.2 + 0.15 * round_)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()

        reader = opened(kafka, topic)
        cursor = reader.cursor()
        seen_now = last_values(kafka, topic)
        due = {change.id for change in store.feed.read(0, 10_000) if change.seq <= cursor}
        assert due <= set(seen_now)
        reader.close()
    last = opened(kafka, topic)
    Follower(store.feed, store, last).catch_up()
    assert len(titles(kafka, topic)) == 800
    assert last.cursor() == store.feed.last()


def test_a_watch_names_the_topics(kafka: Kafka, tmp_path: Path) -> None:
    """`[topics]` in the recipe and `kafka.brokers` in the settings are all it takes."""
    recipe = tmp_path / "watches" / "mine.toml"
    recipe.parent.mkdir()
    name = f"mine-{secrets.token_hex(4)}"
    recipe.write_text(f'kind = "ad"\n[topics]\nsite = "{name}"\n[[source]]\nname = "site"\n')
    settings = Settings(data_dir=tmp_path, kafka=KafkaSettings(brokers=kafka.url))
    with Instance(settings) as here:
        save(here.store, "1")
        here.bring_up_to_date()
        assert titles(kafka, name) == {ident("1"): "Vélo"}
        here.erase([ident("1")])
        assert titles(kafka, name) == {ident("1"): None}
    with Instance(Settings(data_dir=tmp_path)) as here:
        assert here.publisher is None


def test_brokers_that_are_away_do_not_stop_the_rest(tmp_path: Path) -> None:
    """Storing and searching go on; the feed keeps what is to be told."""
    settings = Settings(
        data_dir=tmp_path,
        kafka=KafkaSettings(brokers="127.0.0.1:9", topics={}),
    )
    with Instance(settings) as here:
        save(here.store, "1")
        here.bring_up_to_date()
        assert here.search.cursor() == here.store.feed.last()


@pytest.mark.parametrize(
    ("line", "why"),
    [('nobody = "x"', "no source 'nobody'"), ('site = "a b"', "no name of a Kafka")],
)
def test_a_wrong_recipe_is_told(line: str, why: str) -> None:
    """A source that the watch has not, a name that Kafka refuses."""
    text = f'kind = "ad"\n[topics]\n{line}\n[[source]]\nname = "site"\n'
    with pytest.raises(ConfigError, match=why):
        watch_of(text, "mine", "mine.toml")


def test_the_cursors_topic_keeps_the_last_only(
    store: SqlStore, view: TopicsView, kafka: Kafka
) -> None:
    """It is compacted: it does not grow with the years."""
    save(store, "1")
    Follower(store.feed, store, view).catch_up()
    assert Brokers(kafka.url).topic_setting(CURSORS, "cleanup.policy") == "compact"


def test_a_recipe_that_was_edited_while_it_runs_is_read_again(
    store: SqlStore, kafka: Kafka, topic: str
) -> None:
    """A process that publishes by the recipes of this morning does not undo what another one did
    by those of now."""
    other = f"{topic}-more"
    edited = {"site": [topic, other]}
    clients = Topics(Brokers(kafka.url))
    old = TopicsView(
        clients, f"test-{topic}", {"site": [topic]}, _told, partitions=2, wait_seconds=8,
        again=lambda: edited,
    )  # fmt: skip
    save(store, "1")
    Follower(store.feed, store, old).catch_up()
    old.close()
    new = opened(kafka, topic, site=[topic, other])
    Follower(store.feed, store, new).catch_up()
    assert len(last_values(kafka, other)) == 1
    new.close()
    assert not old.stale
    save(store, "2")
    Follower(store.feed, store, old).catch_up()
    assert len(last_values(kafka, other)) == len(last_values(kafka, topic)) == 2
    old.close()
