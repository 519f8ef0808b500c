"""Nothing in the database says what an erased listing was: no table, no column, on any database."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl

from tests.store.batches import at, batch, end, seen
from tests.store.test_copying import rows
from tests.store.test_removals import gone as told_gone
from tests.store.test_removals import post
from vigie.model.capture import Scan
from vigie.model.fates import Fates
from vigie.model.frames import PAGES, Refined
from vigie.model.identity import digest, listing_id
from vigie.model.politeness import Asked
from vigie.model.removal import Removal
from vigie.store import SqlStore, StoreAgenda, open_store

SITE = "https://site.example"
OWN = f"{SITE}/ad/canary-sells-his-piano-471100"
FORMER = f"{SITE}/ad/canary-sells-his-old-piano-471100"


def at_url(told: Refined, url: str, **page: Any) -> Refined:
    """The batch with its page at *url*."""
    values = {name: pl.lit(value, PAGES[name]) for name, value in page.items()}
    return Refined(told.pages.with_columns(url=pl.lit(url), **values), told.listings, told.ends)


def no_listing(url: str, minutes: float, capture: str, **page: Any) -> Refined:
    """A page, or a failure, that showed nothing."""
    told = batch([seen("x", minutes)])
    told = at_url(told, url, found=0, **{"capture_id": capture, "status": 200} | page)
    return Refined(told.pages, {})


def asked(minutes: float, url: str, status: int | None = 200) -> Asked:
    return Asked(
        at=at(minutes) - timedelta(seconds=2), host="site.example", source="site", method="GET",
        url=url, status=status, outcome="answered" if status else "timeout", rule="source",
        pause_seconds=2.0,
    )  # fmt: skip


def live(store: SqlStore) -> None:
    """Two ads on a list; the page of one, by many roads; the page of the other."""
    agenda = StoreAgenda(store.database)
    listed = [
        seen("471100", 1, url=FORMER, title="canary", reading="card", item=0),
        seen("471200", 1, url=f"{SITE}/ad/other-471200", title="other", reading="card", item=1),
    ]
    store.save(at_url(batch(listed), f"{SITE}/list?page=1"), None)
    shown = batch([seen("471100", 2, url=OWN, title="canary")])
    store.save(at_url(shown, f"{OWN}?utm_source=mail"), None)
    twice = [seen("471100", 3, item=n, url=OWN, title="canary") for n in range(2)]
    store.save(at_url(batch(twice), f"{SITE}/preview/canary"), None)  # lists it twice, alone
    other = batch([seen("471200", 4, url=f"{SITE}/ad/other-471200", title="other")])
    store.save(at_url(other, f"{SITE}/ad/other-471200"), None)
    changed = f'site: no "price" on {OWN}. The site may have changed.'
    store.save(no_listing(OWN, 5, "c5", state="layout_changed", why=changed), None)
    bad = seen("471100", 6, fate="quarantined", title="canary") | {"detail": "price = 'canary'"}
    store.save(at_url(batch([bad]), f"{SITE}/hidden/canary"), None)
    store.save(no_listing(f"{OWN}#top", 7, "", state="unreachable", why="timeout: canary",
                          status=None, body_bytes=0), None)  # fmt: skip
    went = no_listing(f"{SITE}/AD/CANARY-SOLD-471100", 8, "c8", why="http 410", status=410)
    gone = (("ad", listing_id("site", "471100"), at(8), "c8"),)
    store.save(Refined(went.pages, {}, (end("r1", 9, scan=Scan.CUT, reason=changed),), gone), None)
    agenda.note([
        asked(1, f"{SITE}/list?page=1"),
        asked(1.9, f"{SITE}/out/sold-by-a-canary", 302), asked(2, f"{OWN}?utm_source=mail"),
        asked(3, f"{SITE}/preview/canary"), asked(4, f"{SITE}/ad/other-471200"),
        asked(6, f"{SITE}/hidden/canary"), asked(7, OWN, None),
        asked(60, f"{SITE}/print?id=471100&for=canary"), asked(90, f"{OWN}/"[:-1], 301),
    ])  # fmt: skip


def test_no_address_of_an_erased_listing_is_left(store: SqlStore) -> None:
    """A canary in its address, in every way that it was asked, is in no column of any table; pages
    and requests keep their time, status and counts, and those of other listings their address."""
    live(store)
    before = rows(store)
    assert sum("canary" in repr(kept).lower() for kept in before.values()) > 5

    store.erase([listing_id("site", "471100")])

    after = rows(store)
    left = {name: kept for name, kept in after.items() if "canary" in repr(kept).lower()}
    assert left == {}
    assert {name: len(after[name]) for name in ("pages", "asked", "runs")} == {
        name: len(before[name]) for name in ("pages", "asked", "runs")
    }
    told = store.pages("r1")
    assert [url for url in told["url"] if url] == [f"{SITE}/list?page=1", f"{SITE}/ad/other-471200"]
    assert told["why"].to_list() == [None] * 6 + ["timeout", "http 410"]
    requests = StoreAgenda(store.database).asked(at(0) - timedelta(days=1))
    assert [one.url for one in requests if one.url] == [
        f"{SITE}/list?page=1", f"{SITE}/ad/other-471200",
    ]  # fmt: skip
    assert {"c5", "c8"} <= set(store.to_erase())
    assert len(store.to_erase()) == 6


def test_not_a_byte_is_left_in_the_file(tmp_path: Path) -> None:
    """Neither in the file nor in its write-ahead log once that is emptied."""
    path = tmp_path / "v.db"
    store = open_store(f"sqlite:///{path}")
    live(store)
    store.erase([listing_id("site", "471100")])
    with store.database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()

    kept = b"".join(one.read_bytes() for one in tmp_path.iterdir()).lower()

    assert b"other-471200" in kept
    assert b"canary" not in kept


def test_a_removed_post_leaves_no_address(store: SqlStore) -> None:
    """Removed by its site, held or published, or shown again after it was removed."""
    for number, native_id in enumerate(("canary-1", "canary-2", "kept")):
        told = post(native_id, number, "a")
        store.save(at_url(told, f"https://net.example/{native_id}"), None)

    store.save(told_gone(10, Removal(native_ids=("canary-1", "canary-2"))), None)
    again = post("canary-1", 20, "a")
    store.save(at_url(again, "https://net.example/again/canary-1"), None)

    left = {name: kept for name, kept in rows(store).items() if "canary" in repr(kept)}
    assert left == {}
    assert [url for url in store.pages("r")["url"] if url] == ["https://net.example/kept"]


def test_what_is_refused_comes_back_when_it_is_let(store: SqlStore) -> None:
    """A page that shows it and another: the other is kept, nothing is kept of it, and the page is
    the spool's to erase; let back, it is new."""
    one, other = (listing_id("site", name) for name in ("1", "2"))

    def page(minute: float) -> Fates:
        rows = [
            seen(name, minute, run=f"r{minute}", title="A", item=int(name)) for name in ("1", "2")
        ]
        return store.save(batch(rows), None)

    page(1)
    assert store.erase([one], refuse=True) == 1
    store.erased(store.to_erase())

    told = page(2)

    assert (told.rejected, told.unchanged, told.new) == (1, 1, 0)
    assert store.get("ad", [one, other])["id"].to_list() == [other]
    assert list(store.to_erase()) == [digest("site", "", "2")]
    kept = rows(store)
    assert "erased_here" in repr(kept["quarantine"])
    of_listings = ("ad", "sightings", "changes", "scope_members", "quarantine")
    assert [name for name in of_listings if one in repr(kept[name])] == []

    assert (store.let_back([one, other]), store.let_back([one])) == (1, 0)
    assert page(3).new == 1


def test_nothing_of_what_is_refused_is_left(store: SqlStore) -> None:
    """On a list, on its own page, with a value that cannot be read, or gone: no address, id or
    detail of it stands in any table, and every capture that shows it is the spool's to erase."""
    live(store)
    one = listing_id("site", "471100")
    store.erase([one], refuse=True)
    store.erased(store.to_erase())
    agenda = StoreAgenda(store.database)
    agenda.note([asked(100, f"{SITE}/list?page=1"), asked(101, OWN), asked(102, f"{OWN}?again=1")])

    listed = [
        seen("471100", 100, run="r2", url=OWN, title="canary", reading="card"),
        seen("471200", 100, run="r2", url=f"{SITE}/ad/other-471200", title="other", item=1),
    ]
    store.save(at_url(batch(listed), f"{SITE}/list?page=1"), None)
    store.save(at_url(batch([seen("471100", 101, run="r2", url=OWN, title="canary")]), OWN), None)
    bad = seen("471100", 102, run="r2", fate="quarantined", title="canary")
    bad |= {"detail": "price = 'canary'"}
    told = store.save(at_url(batch([bad]), f"{OWN}?again=1"), None)
    went = no_listing(OWN, 103, "c103", why="http 404", status=404)
    store.save(Refined(went.pages, {}, (), (("ad", one, at(103), "c103"),)), None)

    assert (told.rejected, told.quarantined) == (1, 0)
    left = {name: kept for name, kept in rows(store).items() if "canary" in repr(kept).lower()}
    assert left == {}
    assert [name for name, kept in rows(store).items() if "471100" in repr(kept)] == []
    assert {digest("site", "", str(n)) for n in (100, 101, 102)} <= set(store.to_erase())
    assert f"{SITE}/ad/other-471200" in repr(rows(store)["ad"])
