"""Several processes on one server: each batch once, no number of the feed missed, none lost."""

import io
import random
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.store.batches import at, batch, seen
from tests.store.conftest import SERVERS, Fresh, at_server, on
from tests.store.writer import main as write_alone
from vigie.errors import StoreError
from vigie.model.fates import Fates
from vigie.model.position import Span
from vigie.store import SqlStore, StoreAgenda, open_store

ROOT = Path(__file__).parents[2]
BATCHES = 12


def writers(url: str, *partitions: str) -> list[subprocess.Popen[str]]:
    """Start one process a partition; all begin at once."""
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.store.writer", url, partition, str(BATCHES)],
            cwd=ROOT, env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "PATH": "/usr/bin:/bin"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for partition in partitions
    ]  # fmt: skip
    for one in started:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in started:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    return started


def test_two_processes_write_what_one_writes(
    server_url: str, fresh: Fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Different spans at once, half of their listings the same: content as if one after another;
    a reader who follows sees every number of the feed, in order, none twice."""
    store = open_store(server_url)
    running = writers(server_url, "left", "right")
    seen_numbers: list[int] = []
    while any(one.poll() is None for one in running):
        after = seen_numbers[-1] if seen_numbers else 0
        seen_numbers += [change.seq for change in store.feed.read(after, 1_000)]
    outputs = [one.communicate()[0].split() for one in running]
    after = seen_numbers[-1] if seen_numbers else 0
    seen_numbers += [change.seq for change in store.feed.read(after, 10_000)]

    assert outputs == [["20"] * BATCHES] * 2
    assert seen_numbers == list(range(1, store.feed.last() + 1))
    assert store.positions("p") == {"left": BATCHES, "right": BATCHES}
    alone = open_store(fresh("sqlite"))
    address = alone.database.url.render_as_string()
    for partition in ("left", "right"):
        monkeypatch.setattr(sys, "stdin", io.StringIO("go\n"))
        write_alone(address, partition, BATCHES)
    assert store.content_hash() == alone.content_hash()
    for one in (store, alone):
        one.close()


def test_a_writer_killed_anywhere_goes_on_where_it_was(
    server_url: str, fresh: Fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed a dozen times, at any moment of its work: nothing is lost, nothing is doubled."""
    store, rng, kills = open_store(server_url), random.Random(1), 0
    while store.positions("p").get("left", 0) < BATCHES:
        (running,) = writers(server_url, "left")
        time.sleep(rng.uniform(0.02, 0.25))
        kills += running.poll() is None
        running.kill()
        running.communicate()
    alone = open_store(fresh("sqlite"))
    monkeypatch.setattr(sys, "stdin", io.StringIO("go\n"))
    write_alone(alone.database.url.render_as_string(), "left", BATCHES)

    assert kills > 2
    assert store.content_hash() == alone.content_hash()
    assert store.feed.last() == alone.feed.last()
    assert store.runs(99).rows() == alone.runs(99).rows()
    for one in (store, alone):
        one.close()


def test_the_same_span_twice_at_once_is_kept_once(server_url: str) -> None:
    """One applies, the others have no effect and are told zeros."""
    stores = [open_store(server_url) for _ in range(4)]
    told = batch([seen(str(n), 1, item=n, title="A") for n in range(200)])
    gate = threading.Barrier(len(stores))

    def save(store: SqlStore) -> Fates:
        gate.wait()
        return store.save(told, Span("p", "part", 0, 1))

    with ThreadPoolExecutor(len(stores)) as pool:
        fates = list(pool.map(save, stores))

    assert sorted(one.new for one in fates) == [0, 0, 0, 200]
    assert stores[0].counts("ad")["open"] == 200
    for store in stores:
        store.close()


@pytest.mark.parametrize("backend", ["sqlite", *SERVERS])
def test_an_empty_database_opened_by_four_at_once_is_migrated_once(
    request: pytest.FixtureRequest, fresh: Fresh, backend: str
) -> None:
    """Whoever comes second waits and finds it done."""
    if backend == "sqlite":
        url = fresh(backend)
    else:
        server = request.getfixturevalue(backend)
        at_server(server.url, "CREATE DATABASE at_once")
        url = on(server.url, "at_once")
    try:
        with ThreadPoolExecutor(4) as pool:
            stores = list(pool.map(open_store, [url] * 4))
        assert {store.feed.last() for store in stores} == {0}
        for store in stores:
            store.close()
    finally:
        if backend != "sqlite":
            at_server(server.url, "DROP DATABASE at_once")


def test_a_long_save_does_not_hold_up_the_agenda(server_url: str) -> None:
    """Collectors take their turns while a batch is written; readers read what was before it."""
    store = open_store(server_url)
    other = open_store(server_url)
    agenda = StoreAgenda(other.database)
    with store.database.writing():
        started = time.monotonic()
        assert agenda.take("site.example", 5.0, at(0)) == 0
        assert agenda.take("site.example", 5.0, at(0)) == 5
        assert agenda.lease("w", "me", at(0), 60)
        assert not agenda.lease("w", "you", at(0), 60)
        assert other.counts("ad") == {"open": 0, "closed": 0, "new_24h": 0}
        assert time.monotonic() - started < 5
    for one in (store, other):
        one.close()


@pytest.mark.parametrize("backend", ["sqlite", *SERVERS])
def test_a_reader_sees_one_state(fresh: Fresh, backend: str) -> None:
    """What is committed while somebody reads is seen by the next reader."""
    url = fresh(backend)
    store, other = open_store(url), open_store(url)
    store.save(batch([seen("1", 1, title="A")]), None)
    count = "SELECT (SELECT COUNT(*) FROM ad) + (SELECT COUNT(*) FROM sightings)"
    with store.database.reading() as connection:
        assert connection.exec_driver_sql(count).scalar_one() == 2
        other.save(batch([seen("2", 2, run="r2", title="B")]), None)
        assert connection.exec_driver_sql(count).scalar_one() == 2
    with store.database.reading() as connection:
        assert connection.exec_driver_sql(count).scalar_one() == 4
    for one in (store, other):
        one.close()


def test_a_turn_is_given_once(server_url: str) -> None:
    """Collectors of several processes never ask one host in the same second."""
    stores = [open_store(server_url) for _ in range(4)]
    agendas = [StoreAgenda(store.database) for store in stores]

    with ThreadPoolExecutor(4) as pool:
        waits = list(pool.map(lambda n: agendas[n % 4].take("h", 2.0, at(0)), range(40)))

    assert sorted(waits) == [2.0 * n for n in range(40)]
    for store in stores:
        store.close()


@pytest.mark.parametrize("backend", SERVERS)
def test_a_server_killed_in_the_middle_keeps_nothing_of_the_batch(
    request: pytest.FixtureRequest, fresh: Fresh, backend: str
) -> None:
    """The error says to give it again; the same store does, once the server is back."""
    url = fresh(backend)
    server = request.getfixturevalue(backend)
    store = open_store(url)
    store.save(batch([seen("1", 1, title="A")]), Span("p", "part", 0, 1))
    before = store.content_hash()
    told = batch([seen("2", 2, run="r2", title="B")])

    with (  # noqa: PT012  # which statement notices is the driver's affair
        pytest.raises(StoreError, match=r"give it again|no server answers"),
        store.database.writing() as connection,
    ):
        connection.exec_driver_sql("DELETE FROM ad")
        server.kill()
        connection.exec_driver_sql("DELETE FROM changes")
    with pytest.raises(StoreError, match=r"no server answers|give it again"):
        store.save(told, Span("p", "part", 1, 2))
    server.start()

    assert store.content_hash() == before
    assert store.save(told, Span("p", "part", 1, 2)).new == 1
    assert store.positions("p") == {"part": 2}
    store.close()
