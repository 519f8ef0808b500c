"""The same batches give the same listings, history and clusters on every database."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest
from sqlalchemy import create_engine, inspect

from tests.store.batches import at, batch, end, seen
from tests.store.conftest import without_warnings
from tests.store.histories import live
from tests.store.test_saving import visits
from vigie.model.frames import Refined
from vigie.model.kinds import AD
from vigie.store import StoreAgenda, open_store


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
