"""A store moves from one database to another and is the same there."""

import tracemalloc
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.store.batches import at, batch, seen
from tests.store.conftest import SERVERS, Fresh
from tests.store.histories import live
from vigie.errors import StoreError
from vigie.model.position import Span
from vigie.store import SqlStore, StoreAgenda, open_store
from vigie.store.copying import copy
from vigie.store.tables import metadata

WAYS = [
    pytest.param("sqlite", "sqlite", id="sqlite-sqlite"),
    *(pytest.param("sqlite", one.values[0], marks=one.marks) for one in SERVERS),
    *(pytest.param(one.values[0], "sqlite", marks=one.marks) for one in SERVERS),
    pytest.param("postgresql", "mariadb", marks=pytest.mark.service),
]


def rows(store: SqlStore) -> dict[str, list[Any]]:
    """Every table's rows, in the order of their keys."""
    found = {}
    with store.database.reading() as connection:
        for table in metadata.sorted_tables:
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            sql = f'SELECT {names} FROM "{table.name}"'  # noqa: S608  # the model's names
            if table.name == "counters":
                sql += " WHERE name = 'feed'"
            told = connection.exec_driver_sql(sql).fetchall()
            found[table.name] = sorted((tuple(row) for row in told), key=repr)
    return found


@pytest.mark.parametrize(("from_", "to"), WAYS)
def test_a_copy_has_every_row_and_goes_on(fresh: Fresh, from_: str, to: str) -> None:
    """Listings, history, runs, positions, agenda and feed; then both take the same batch alike."""
    old, new = open_store(fresh(from_)), open_store(fresh(to))
    live(old, 1)
    old.save(batch([seen("n", 30, title="A")]), Span("p", "part", 0, 7))
    StoreAgenda(old.database).take("h", 9, at(1))
    StoreAgenda(old.database).stop_at("s", "q", "2026-03-01T08:00:00.000Z")
    told: dict[str, int] = {}

    content = copy(old.database, new.database, told.__setitem__)

    assert content == old.content_hash() == new.content_hash()
    assert rows(new) == rows(old)
    assert {name: count for name, count in told.items() if name != "counters"} == {
        name: len(kept) for name, kept in rows(old).items() if name != "counters"
    }
    assert new.positions("p") == {"part": 7}
    assert StoreAgenda(new.database).resume("s", "q") == "2026-03-01T08:00:00.000Z"
    more = batch([seen("n", 40, run="r9", title="B"), seen("new", 40, run="r9", item=1)])
    assert new.save(more, Span("p", "part", 7, 8)) == old.save(more, Span("p", "part", 7, 8))
    assert new.content_hash() == old.content_hash()
    assert new.feed.last() == old.feed.last()
    for store in (old, new):
        store.close()


def test_a_full_target_is_refused(fresh: Fresh) -> None:
    """Nothing of it is touched, and nothing is added."""
    old, new = open_store(fresh("sqlite")), open_store(fresh("sqlite"))
    for store, native_id in ((old, "1"), (new, "2")):
        store.save(batch([seen(native_id, 1, title="A")]), None)
    before = rows(new)

    with pytest.raises(StoreError, match="is not empty"):
        copy(old.database, new.database, lambda _table, _rows: None)

    assert rows(new) == before
    for store in (old, new):
        store.close()


@pytest.mark.parametrize("to", ["sqlite", *SERVERS])
def test_what_goes_wrong_on_the_way_leaves_the_target_empty(fresh: Fresh, to: str) -> None:
    """Everything or nothing: it can be tried again on the same target."""
    old, new = open_store(fresh("sqlite")), open_store(fresh(to))
    live(old, 2, minutes=3)

    def stop(table: str, _rows: int) -> None:
        if table == "sightings":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy(old.database, new.database, stop)
    assert not any(kept for name, kept in rows(new).items() if name != "counters")
    assert copy(old.database, new.database, lambda *_: None) == old.content_hash()
    for store in (old, new):
        store.close()


@pytest.mark.parametrize("from_", SERVERS)
def test_a_large_store_passes_through_little_memory(
    fresh: Fresh, from_: str, tmp_path: Path
) -> None:
    """Forty megabytes of texts; Python holds a small part of them at a time."""
    old, new = open_store(fresh(from_)), open_store(f"sqlite:///{tmp_path / 'new.db'}")
    for part in range(2):
        told = [seen(f"{part} {n}", part, item=n, run=f"r{part}", text=f"{n}é" * 2_000)
                for n in range(2_000)]  # fmt: skip
        old.save(batch(told), None)
    assert pl.Series(old.counts("ad").values()).max() == 4_000

    tracemalloc.start()
    copy(old.database, new.database, lambda *_: None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 20e6
    for store in (old, new):
        store.close()
