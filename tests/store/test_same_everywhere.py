"""The same batches give the same listings, history and clusters on every database."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import polars as pl
import pytest
from sqlalchemy import create_engine, inspect

from tests.store.batches import at, batch, end, seen
from tests.store.conftest import without_warnings
from tests.store.histories import live
from tests.store.test_copying import rows as rows_of
from tests.store.test_saving import visits
from vigie.model.frames import Refined
from vigie.model.identity import listing_id
from vigie.model.kinds import AD
from vigie.store import SqlStore, StoreAgenda, open_store
from vigie.store.ledger import write_quarantine


@pytest.mark.parametrize("seed", range(3))
def test_a_history_has_one_content_hash(server_url: str, seed: int) -> None:
    """Texts of all alphabets, money, instants, coordinates, lists, closings, links, erasures."""
    here, there = open_store("sqlite://"), open_store(server_url)

    with without_warnings(there.database):
        for store in (here, there):
            live(store, seed)

    assert there.content_hash() == here.content_hash()
    assert there.feed.last() == here.feed.last()
    assert there.runs(500).rows() == here.runs(500).rows()
    span = at(0), at(0) + timedelta(hours=2)
    assert there.coverage(*span).rows() == here.coverage(*span).rows()
    assert there.sources().rows() == here.sources().rows()
    assert there.counts("ad") == here.counts("ad")
    told = [[(c.seq, c.kind, c.id, str(c.what)) for c in store.feed.read(0, 5000)]
            for store in (here, there)]  # fmt: skip
    assert told[0] == told[1]
    for store in (here, there):
        store.close()


@pytest.mark.parametrize("seed", range(2))
def test_any_order_and_split_gives_the_same_on_a_server(server_url: str, seed: int) -> None:
    """Late and split captures on the server are what captures in order are on SQLite."""
    rng = random.Random(seed)
    rows = visits(rng)
    here, there = open_store("sqlite://"), open_store(server_url)
    here.save(batch(rows), None)

    order = list(rows)
    rng.shuffle(order)
    for start in range(0, len(order), 5):
        captures = {row["capture_id"] for row in order[start : start + 5]}
        there.save(batch([row for row in order if row["capture_id"] in captures]), None)

    assert there.content_hash() == here.content_hash()
    for store in (here, there):
        store.close()


def test_values_have_the_servers_own_types(server_url: str) -> None:
    """Whoever reads the tables finds exact amounts, real times and booleans."""
    store = open_store(server_url)
    store.close()
    engine = create_engine(server_url)
    types = {c["name"]: str(c["type"]).split("(")[0].upper() for c in
             inspect(engine).get_columns("ad")}  # fmt: skip
    engine.dispose()

    assert types["price"] in ("NUMERIC", "DECIMAL")
    assert types["last_seen_at"] in ("TIMESTAMP", "DATETIME")
    assert types["new_development"] in ("BOOLEAN", "TINYINT")
    assert types["place_lat"] in ("DOUBLE PRECISION", "DOUBLE")


def test_what_one_database_refuses_is_kept_by_none(server_url: str) -> None:
    """NUL in every text, numbers that are not finite, the first and last years: no batch stops."""
    here, there = open_store("sqlite://"), open_store(server_url)
    nul = "a\0b"
    odd = seen(
        f"n{nul}", 1, title=nul, text=f"{nul}\x01\x1f\ufffe", url=nul, images=[nul, "\0"],
        price_raw=nul, place_raw="\0", place_lat=float("nan"), place_lon=float("inf"),
        posted_at=datetime(202, 1, 1, tzinfo=UTC), posted_precision="day", posted_raw=nul,
    )  # fmt: skip
    last = seen(
        "2", 1, item=1, posted_at=datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
        posted_precision="second", price=Decimal("999999999999.99"), title="b",
    )  # fmt: skip
    bad = seen(f"q{nul}", 1, item=2, fate="quarantined") | {"detail": nul, "reason": "r\0"}
    first = batch([odd, last, bad])
    pages = first.pages.with_columns(url=pl.lit(nul), why=pl.lit(nul), total=pl.lit(2**62))
    told = Refined(pages, first.listings, (end(f"r\0{1}", 2, reason=nul),))

    for store in (here, there):
        with without_warnings(store.database):
            store.save(told, None)
            again = batch([odd | {"at": at(9), "run": "r2", "capture_id": "c9"}])
            assert store.save(again, None).unchanged == 1
            StoreAgenda(store.database).stop_at("s", nul, nul)

    assert there.content_hash() == here.content_hash()
    assert there.get("ad", [odd["id"]])["title"].to_list() == ["ab"]
    assert there.get("ad", [odd["id"]]).select("place_lat", "place_lon").row(0) == (None, None)
    assert there.get("ad", [odd["id"], last["id"]]).rows() == here.get(
        "ad", [odd["id"], last["id"]]
    ).rows()  # fmt: skip
    for store in (here, there):
        store.close()


def test_a_zero_has_no_sign_anywhere(server_url: str) -> None:
    """-0.0, and what is rounded to it, are 0.0: in rows, in the history and in the content hash."""
    here, there = open_store("sqlite://"), open_store(server_url)
    tiny = -1e-7
    for store in (here, there):
        for minute, (lat, lon) in enumerate([(tiny, -0.0), (1.0, 2.0), (-0.0, tiny), (0.0, 0.0)]):
            told = seen("1", minute, run=f"r{minute}", place_lat=lat, place_lon=lon, place_raw="x")
            store.save(batch([told]), None)
        with store.database.writing() as connection:  # as versions before this one wrote it
            connection.exec_driver_sql("UPDATE ad SET place_lat = ?", (-0.0,))

    assert there.content_hash() == here.content_hash()
    for store in (here, there):
        (row,) = store.get("ad", [listing_id("site", "1")]).select("place_lat", "place_lon").rows()
        assert [str(value) for value in row] == ["0.0", "0.0"]
        changes = store.history(listing_id("site", "1"))
        assert "-0.0" not in [*changes["old"], *changes["new"]]
        assert changes.height == 4
        store.close()


def test_what_is_longer_than_its_column_is_kept_alike(server_url: str) -> None:
    """Names of queries and watches, addresses, reasons, ids of what is set apart: no batch stops.

    Two names remain two, and the same name is one at every visit.
    """
    here, there = open_store("sqlite://"), open_store(server_url)
    alike, wide, long = "é" * 300, "w" * 129, "🚲" * 70_000
    names = [f"{alike}1", f"{alike}2", "q" * 255, "q" * 256]
    for store in (here, there):
        with without_warnings(store.database):
            for minute in range(2):
                rows = [
                    seen(f"{n}", minute, run=f"r{minute}", query=name, capture=f"c{minute}{n}",
                         title=name, lang="l" * 40) | {"watch": wide}
                    for n, name in enumerate(names)
                ]  # fmt: skip
                bad = seen(long, minute, run=f"r{minute}", item=9, fate="quarantined")
                bad |= {"detail": long, "reason": "r" * 100, "watch": wide}
                ends = [
                    msgspec.structs.replace(end(f"r{minute}", minute + 0.5, query=name),
                                            watch=wide, reason=long)
                    for name in names
                ]  # fmt: skip
                told = batch([*rows, bad], ends)
                pages = told.pages.with_columns(url=pl.lit(long), why=pl.lit(long))
                store.save(Refined(pages, told.listings, told.ends), None)
            edge = {"left": "a", "right": "b", "verdict": "same", "reason": long, "by": "machine"}
            store.link(pl.DataFrame([edge]))
        agenda = StoreAgenda(store.database)
        for name in names:
            agenda.stop_at("s", name, name[-1])
        assert [agenda.resume("s", name) for name in names] == [name[-1] for name in names]

    runs = there.runs(99)
    assert runs.rows() == here.runs(99).rows()
    assert runs["query"].n_unique() == runs.filter(run="r1").height == 5
    assert runs["query"].str.len_chars().max() == 255
    assert "q" * 255 in runs["query"]
    assert there.content_hash() == here.content_hash()
    assert there.found_by(wide).rows() == here.found_by(wide).rows()
    assert here.found_by(wide).height == 5
    assert here.last_runs(wide).height == 5
    for table in ("pages", "quarantine", "edges"):
        kept = [[row[1:] for row in rows_of(store)[table]] for store in (here, there)]
        assert sorted(kept[0], key=repr) == sorted(kept[1], key=repr)
    erased = listing_id("site", long)
    assert {store.erase([erased]) for store in (here, there)} == {0}
    for store in (here, there):
        store.close()


def test_a_row_set_apart_keeps_its_number(store: SqlStore) -> None:
    """Told again in a replay, it is overwritten at its place: the newest stay the newest."""
    first = seen("1", 1, item=0, fate="rejected"), seen("2", 1, item=1, fate="rejected")
    store.save(batch(first), None)
    again = first[0] | {"detail": "told again"}
    with store.database.writing() as connection:
        write_quarantine(connection, "ad", batch([again]).listings["ad"])

    assert store.quarantine(9).select("native_id", "detail").rows() == [
        ("2", None), ("1", "told again"),
    ]  # fmt: skip


def test_a_batch_of_thirty_megabytes_is_kept(server_url: str) -> None:
    """More than a MySQL server takes in one statement by default."""
    store = open_store(server_url)
    rows = [seen(str(n), 1, item=n, title=f"{n}", text=f"é{n}" * 4_000) for n in range(1_500)]

    fates = store.save(batch(rows), None)
    again = store.save(
        batch([row | {"at": at(9), "capture_id": "c9", "run": "r2"} for row in rows]), None
    )

    assert (fates.new, again.unchanged) == (1_500, 1_500)
    ids = [row["id"] for row in rows]
    assert store.get("ad", ids)["text"].to_list() == [row["text"] for row in rows]
    assert set(store.get("ad", ids)["last_seen_at"]) == {at(9)}
    store.close()


def test_masks_of_every_field_fit(server_url: str) -> None:
    """An ad that carries every field at once comes back with its mask."""
    store, row = open_store(server_url), seen("1", 1, title="A")
    row["carried"] = (1 << len(AD.shown)) - 1
    store.save(batch([row]), None)

    with store.database.reading() as connection:
        kept = connection.exec_driver_sql("SELECT carried FROM ad").scalar_one()

    assert kept == row["carried"]
    store.close()
