"""Listings told to Kafka topics, as the watches' `[topics]` say."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import structlog

from vigie.contracts import Feed, Shelf
from vigie.errors import ConfigError, VigieError
from vigie.follow.views import Follower
from vigie.wiring.leased import SECONDS, LeasedView
from vigie.wiring.secret import instance_id

if TYPE_CHECKING:
    import polars as pl

    from vigie.spool.kafka_client import Brokers
    from vigie.spool.kafka_log import Found
    from vigie.views.topics.view import TopicsView
    from vigie.wiring.parts import Parts

PATIENCE_SECONDS: Final = SECONDS + 5
"""How long a command waits until its listings are published, by itself or by another."""

log = structlog.get_logger(__name__)


class Topics:
    """The brokers as `views.topics` uses them."""

    def __init__(self, brokers: "Brokers") -> None:
        self._brokers = brokers

    def producer(self, **options: Any) -> Any:
        return self._brokers.producer(**options)

    def make_topic(self, topic: str, partitions: int, config: Mapping[str, str]) -> None:
        self._brokers.make_topic(topic, partitions, config)

    def count(self, topic: str) -> int:
        return self._brokers.count(topic)

    def messages(self, topic: str) -> "Iterator[Found]":
        from vigie.spool.kafka_log import PartitionLog

        consumer = self._brokers.consumer()
        try:
            for number in range(self._brokers.count(topic)):
                part = PartitionLog(self._brokers, consumer, topic, number)
                yield from part.stretch(*part.ends())
        finally:
            consumer.close()


class OnlyPublisher(LeasedView):
    """The view of the topics. Two that write in turns would fence each other off, which is safe but
    slow and noisy. Its cursor is for all to see."""

    def __init__(self, here: "Parts", view: "TopicsView", name: str) -> None:
        super().__init__(view, here.agenda, f"publish:{name}")
        self._topics = view

    def cursor(self) -> int:
        return self._topics.cursor()

    def close(self) -> None:
        """Let others publish."""
        self._topics.close()
        self.release()

    def _lost(self) -> None:
        self._topics.close()  # what it knows of the cursor is old from now on


class Publisher(Follower):
    """Keeps the topics at the feed's end."""

    def __init__(self, feed: Feed, shelf: Shelf, view: OnlyPublisher) -> None:
        super().__init__(feed, shelf, view)
        self._publishing = view

    def release(self) -> None:
        """Let others publish until there is more to tell."""
        self._publishing.close()


def topics_of(here: "Parts") -> dict[str, list[str]]:
    """Return the topics that the watches name, by source; a recipe that is broken names none."""
    found: dict[str, set[str]] = {}
    for name in here.watch_files():
        try:
            watch = here.watch(name)
        except ConfigError as error:
            log.warning("watch not published", watch=name, why=str(error))
            continue
        for source, topic in watch.publish.items():
            found.setdefault(source, set()).add(topic)
    return {source: sorted(names) for source, names in found.items()}


def topics_view(here: "Parts") -> "OnlyPublisher | None":
    """Return the view of the watches' topics; None when there are no brokers or no topics."""
    settings = here.settings
    on_kafka = settings.spool.url.startswith("kafka://")
    if not (settings.kafka.brokers or on_kafka) or not (topics := topics_of(here)):
        return None
    from vigie.wiring.spooling import brokers

    clients = Topics(brokers(settings, settings.kafka.brokers))
    from vigie.views.topics.view import TopicsView

    name = instance_id(settings.data_dir)
    view = TopicsView(
        clients, f"listings-{name}", topics, _told, partitions=settings.kafka.listings_partitions,
        again=lambda: topics_of(here),
    )  # fmt: skip
    return OnlyPublisher(here, view, name)


def publisher(here: "Parts") -> Publisher | None:
    """Return what keeps the topics at the feed's end; None when nothing is published."""
    if (view := topics_view(here)) is None:
        return None
    made = Publisher(here.store.feed, here.store, view)
    here.at_end(made.release)
    return made


def publish(publisher: Publisher | None) -> None:
    """Tell the topics what the feed holds, or see another process do so: one that died holds its
    lease for a while. Brokers that are away cost nothing but time: the feed keeps what is to be
    told."""
    if publisher is None:
        return
    try:
        publisher.settle(PATIENCE_SECONDS)
    except VigieError as error:
        log.warning("listings not published yet", why=str(error))
    finally:
        publisher.release()


def _told(kind: str, rows: "pl.DataFrame") -> Sequence[bytes]:
    from vigie.model.kinds import KINDS
    from vigie.web.envelope import Shape, encode, visible

    shape = Shape(visible(KINDS[kind], owner=True))
    return [encode({"kind": kind} | item) for item in shape.items(rows)]
