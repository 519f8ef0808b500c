"""A view follows the store: nothing is missed, doubled or left behind, whatever happens."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.store.batches import at, batch, seen
from vigie.errors import FromTheFuture, StoreError, ViewBusy, ViewError
from vigie.follow import views
from vigie.follow.views import FAILURES_BEFORE_REBUILD, LONGEST_PAUSE_SECONDS, Follower
from vigie.model.ask import Ask
from vigie.model.identity import listing_id
from vigie.model.position import Change
from vigie.store import SqlStore, open_store
from vigie.views.search.index import SearchIndex


class Hindered:
    """A view that follows another one, but fails as often as it is told to."""

    stale = False

    def __init__(self, view: SearchIndex) -> None:
        self.view = view
        self.failures: list[Exception] = []
        self.batches: list[tuple[int, int]] = []
        self.rebuilds = 0

    def cursor(self) -> int:
        return self.view.cursor()

    def apply(self, changes: Sequence[Change], rows: Mapping[str, pl.DataFrame], seq: int) -> None:
        if self.failures:
            raise self.failures.pop()
        self.batches.append((len(changes), sum(frame.height for frame in rows.values())))
        self.view.apply(changes, rows, seq)

    def rebuild(self, seq: int, rows: Iterator[tuple[str, pl.DataFrame]]) -> None:
        self.rebuilds += 1
        self.view.rebuild(seq, rows)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{tmp_path / 'v.db'}")
    yield opened
    opened.close()


@pytest.fixture
def index(tmp_path: Path, store: SqlStore) -> Iterator[SearchIndex]:
    with SearchIndex(tmp_path / "search", members=store.clusters) as opened:
        yield opened


def save(store: SqlStore, *names: str, minutes: float = 0, **values: Any) -> None:
    values = {"title": "Vélo"} | values
    store.save(batch(seen(name, minutes, **values) for name in names), None)


def agree(store: SqlStore, index: SearchIndex) -> bool:
    return not index.reconcile(store.feed.snapshot()[1])


def test_what_is_stored_is_found(store: SqlStore, index: SearchIndex) -> None:
    """After catching up, the view stands at the feed's end and holds what the store holds."""
    follower = Follower(store.feed, store, index)
    save(store, "1", "2")

    assert follower.catch_up() == 2
    assert follower.catch_up() == 0
    assert index.cursor() == store.feed.last()
    assert index.ask(Ask(kind="ad", text="velo")).total == 2
    assert agree(store, index)


def test_a_listing_is_written_once_a_batch(store: SqlStore, index: SearchIndex) -> None:
    """Ten changes of one listing are one row to fetch and to write."""
    view = Hindered(index)
    for minutes in range(10):
        save(store, "1", minutes=minutes, title=f"Vélo {minutes}")

    assert Follower(store.feed, store, view).catch_up() == 10
    assert view.batches == [(10, 1)]
    assert index.ask(Ask(kind="ad", text="9")).total == 1


@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_any_size_of_batches_gives_the_same_index(
    store: SqlStore, index: SearchIndex, limit: int
) -> None:
    """How many entries are read at once does not matter."""
    for minutes in range(4):
        save(store, *"1234", minutes=minutes, title=f"Vélo {minutes}")
    store.link(edges("1", "2"))

    Follower(store.feed, store, index).catch_up(limit)

    assert agree(store, index)
    assert index.ask(Ask(kind="ad", grain="cluster")).total == 3


def edges(left: str, right: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "left": [listing_id("site", left)],
            "right": [listing_id("site", right)],
            "verdict": ["same"],
            "reason": ["same text"],
            "by": ["step"],
        }
    )


def test_what_is_erased_leaves_no_word_behind(store: SqlStore, index: SearchIndex) -> None:
    """Erasure reaches the files of the index: they are written anew."""
    follower = Follower(store.feed, store, index)
    save(store, "1", title="Canarizqx")
    save(store, "2")
    follower.catch_up()
    store.erase([listing_id("site", "1")])

    follower.catch_up()

    assert index.ask(Ask(kind="ad", status="all")).total == 1
    assert index.generation().searcher.terms_with_prefix("words_4", "canari") == []
    assert index.cursor() == store.feed.last()


def test_a_view_that_fell_behind_takes_a_snapshot(store: SqlStore, index: SearchIndex) -> None:
    """When the feed no longer has the entries, the view is rebuilt and goes on from there."""
    follower = Follower(store.feed, store, index)
    save(store, "1")
    follower.catch_up()
    save(store, "2")
    save(store, "3", minutes=100)
    store.feed.prune(at(50).isoformat())

    follower.catch_up()
    save(store, "4", minutes=200)
    follower.catch_up()

    assert index.ask(Ask(kind="ad")).total == 4
    assert agree(store, index)


def test_a_stale_view_is_rebuilt(store: SqlStore, tmp_path: Path) -> None:
    """An index of another schema is made anew from the store, without being asked to."""
    path = tmp_path / "search"
    save(store, "1")
    with SearchIndex(path, members=store.clusters) as index:
        Follower(store.feed, store, index).catch_up()
    (path / "view.json").write_text("{}")

    with SearchIndex(path, members=store.clusters) as index:
        assert index.stale
        Follower(store.feed, store, index).catch_up()
        assert agree(store, index)
        assert index.cursor() == store.feed.last()


def test_a_view_ahead_of_its_store_is_rebuilt(store: SqlStore, index: SearchIndex) -> None:
    """The store came back from a backup: what it does not have is not found."""
    save(store, "1")
    index.rebuild(99, iter(()))

    Follower(store.feed, store, index).catch_up()

    assert index.cursor() == store.feed.last()
    assert agree(store, index)


def test_an_error_of_the_view_loses_no_change(store: SqlStore, index: SearchIndex) -> None:
    """What the view refused stays in the feed and is given again."""
    view = Hindered(index)
    follower = Follower(store.feed, store, view)
    save(store, "1")
    view.failures = [ViewError("the disk is full")]

    with pytest.raises(ViewError):
        follower.catch_up()
    assert follower.catch_up() == 1
    assert agree(store, index)


def followed(follower: Follower, until: Any) -> None:
    """Run the follower until *until* is true, ten seconds at most."""
    stop = threading.Event()
    runner = threading.Thread(target=follower.run, args=(stop, 0.01))
    runner.start()
    deadline = time.monotonic() + 10
    while not until() and time.monotonic() < deadline:
        time.sleep(0.005)
    stop.set()
    runner.join(timeout=40)
    assert not runner.is_alive()
    assert until()


def test_it_follows_while_others_write(store: SqlStore, index: SearchIndex, tmp_path: Path) -> None:
    """Another process writes through its own connection; every commit arrives, once."""
    other = open_store(f"sqlite:///{tmp_path / 'v.db'}")

    def write() -> None:
        for number in range(60):
            save(other, f"n{number}", f"m{number % 7}", minutes=number, title=f"Vélo {number}")
        other.close()

    writer = threading.Thread(target=write)
    writer.start()
    followed(
        Follower(store.feed, store, index),
        lambda: not writer.is_alive() and index.cursor() == store.feed.last(),
    )

    assert index.ask(Ask(kind="ad")).total == 67
    assert agree(store, index)


def test_it_goes_on_after_errors_and_rebuilds_what_keeps_failing(
    store: SqlStore, index: SearchIndex
) -> None:
    """Failures are tried again; after some, the view is made anew from a snapshot."""
    view = Hindered(index)
    save(store, "1")
    view.failures = [StoreError("busy")] * (FAILURES_BEFORE_REBUILD + 1)

    followed(Follower(store.feed, store, view), lambda: index.cursor() == store.feed.last())

    assert view.rebuilds == 1
    assert agree(store, index)


def test_a_newer_vigies_view_stops_the_follower(store: SqlStore, index: SearchIndex) -> None:
    """Trying again cannot help: it ends, so that somebody sees it."""
    view = Hindered(index)
    save(store, "1")
    view.failures = [FromTheFuture("search index", "here", "9", "1")]

    with pytest.raises(FromTheFuture):
        Follower(store.feed, store, view).run(threading.Event())


class Away(Hindered):
    """A view that cannot even say where it stands."""

    def cursor(self) -> int:
        if self.failures:
            raise self.failures.pop()
        return super().cursor()

    def rebuild(self, seq: int, rows: Iterator[tuple[str, pl.DataFrame]]) -> None:
        if self.failures:
            raise self.failures.pop()
        super().rebuild(seq, rows)


class Timeless(threading.Event):
    """Waits take no time; it is set when the view has nothing left to fail with."""

    def __init__(self, view: Hindered) -> None:
        super().__init__()
        self.view, self.waits = view, list[float]()

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0.0)
        if not self.view.failures:
            self.set()
        return self.is_set()


def test_it_tries_again_for_ever(
    store: SqlStore, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full for a day is tried more than a thousand times; then it goes on."""
    monkeypatch.setattr(views.log, "exception", lambda *_, **__: None)  # 1,100 tracebacks
    view = Away(index)
    view.failures = [ViewError("the disk is full") for _ in range(1100)]
    stop = Timeless(view)
    save(store, "1")

    follower = Follower(store.feed, store, view)
    follower.run(stop)
    follower.catch_up()

    assert len(stop.waits) >= 1100
    assert max(stop.waits) == LONGEST_PAUSE_SECONDS
    assert index.cursor() == store.feed.last()


def test_another_process_that_writes_is_waited_for(store: SqlStore, tmp_path: Path) -> None:
    """The one who holds the index follows the feed: we are content when it has come as far as the
    feed was, take over when it goes, and say so when it does neither."""
    theirs, ours = (SearchIndex(tmp_path / "index", members=store.clusters) for _ in range(2))
    holder, waiting = Follower(store.feed, store, theirs), Follower(store.feed, store, ours)
    save(store, "1")
    holder.catch_up()  # it holds the folder from now on
    save(store, "2")
    with pytest.raises(ViewBusy):
        waiting.catch_up()
    waiting.settle(patience_seconds=0.2)
    assert ours.cursor() < store.feed.last()
    soon = threading.Timer(0.3, holder.catch_up)
    soon.start()
    waiting.settle()
    assert ours.cursor() == store.feed.last()
    save(store, "3")
    gone = threading.Timer(0.3, theirs.close)
    gone.start()
    waiting.settle()
    assert ours.cursor() == store.feed.last()
    ours.close()
