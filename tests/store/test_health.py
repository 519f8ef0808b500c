"""A page that looks wrong is held before it is published; a quiet source raises no alarm."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.store.batches import at, batch, end, seen
from vigie.model.capture import Scan
from vigie.model.fates import Fates
from vigie.model.frames import Refined
from vigie.store import SqlStore, open_store
from vigie.store.health.verdict import tail

RUNS = 6
ITEMS = 20
TOWNS = ("Rabat", "Salé", "Fès", "Tanger", "Agadir")

Change = Callable[[int, dict[str, Any]], dict[str, Any]]


def page(run: int, change: Change = lambda _number, values: values) -> Refined:
    """One page of twenty ads on day *run*; a tenth has no price, one a day gets cheaper."""
    rows = []
    for number in range(run, run + ITEMS):
        cut = 900 if number == run + 3 else 1000
        values: dict[str, Any] = {
            "title": f"Canapé d'angle numéro {number}",
            "url": f"https://site.example/{number}",
            "price_raw": None if number % 10 == 0 else f"{number * cut} DH",
            "price": None if number % 10 == 0 else number * cut / 1000,
            "place_raw": TOWNS[number % 5],
        }
        rows.append(
            seen(f"n{number}", run * 1440.0, run=f"r{run}", item=number - run,
                 **change(number, values))
        )  # fmt: skip
    return batch(rows)


def quiet(store: SqlStore, runs: int = RUNS) -> None:
    for run in range(runs):
        store.save(page(run), None)
        store.save(Refined(page(run).pages.clear(), {}, (ending(run),)), None)


def wide(
    run: int, start: int, stop: int, capture: str = "", moved: range = range(0)
) -> Refined:  # fmt: skip
    """A page of many ads, those in *moved* in another town."""
    rows = [
        seen(f"n{n}", run * 1440.0, run=f"r{run}", item=n - start, capture=f"{run}{capture}",
             title=f"Canapé {n}", url=f"https://site.example/{n}",
             place_raw="Oujda" if n in moved else TOWNS[n % 5])
        for n in range(start, stop)
    ]  # fmt: skip
    return batch(rows)


def ending(run: int) -> Any:
    return end(f"r{run}", run * 1440.0 + 1, scan=Scan.NEWEST)


def without(name: str) -> Change:
    return lambda _number, values: values | {name: None}


BREAKS: dict[str, tuple[Change, str]] = {
    "a field is gone": (without("price_raw"), "held:vanished"),
    "every address is gone": (without("url"), "held:vanished"),
    "title and place are swapped": (
        lambda _n, v: v | {"title": v["place_raw"], "place_raw": v["title"]}, "held:",
    ),
    "prices in cents": (
        lambda _n, v: v | {"price": None if v["price"] is None else v["price"] * 100}, "held:",
    ),
    "one title everywhere": (lambda _n, v: v | {"title": "Voir l'annonce"}, "held:"),
    "a date in the place's place": (lambda _n, v: v | {"place_raw": "2026-03-01"}, "held:"),
    "a wrong encoding": (
        lambda _n, v: v | {"title": v["title"].encode().decode("latin-1")}, "held:",
    ),
}  # fmt: skip


def test_quiet_runs_raise_no_alarm(store: SqlStore) -> None:
    """Thirty days of ads that come, go and get cheaper are all as usual."""
    quiet(store, 30)

    assert store.alarms(every=True).height == 0
    assert store.quarantine(10).height == 0


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_page_is_held_whole(store: SqlStore, name: str) -> None:
    """None of its rows is published, each says why, and the listings known stay as they were."""
    change, reason = BREAKS[name]
    quiet(store)
    before, feed = store.content_hash(), store.feed.last()

    told = store.save(page(RUNS, change), None)

    assert told == Fates(quarantined=ITEMS)
    assert store.content_hash() == before
    assert store.feed.last() == feed
    held = store.quarantine(ITEMS)
    assert held["reason"].str.starts_with(reason).all()
    assert store.run(f"r{RUNS}")["state"].to_list() == ["layout_changed"]
    assert store.alarms("site").height >= 1


def test_a_held_page_closes_nothing(store: SqlStore) -> None:
    """What a held run does not show is not missed, however often."""
    quiet(store)
    open_before = store.counts("ad")["open"]
    for run in (RUNS, RUNS + 1, RUNS + 2):
        store.save(page(run, without("url")), None)
        over = end(f"r{run}", run * 1440.0 + 1, scan=Scan.COMPLETE, misses=1)
        store.save(Refined(page(run).pages.clear(), {}, (over,)), None)

    assert store.counts("ad")["open"] == open_before


def test_however_a_run_is_split_the_same_pages_are_held(store: SqlStore) -> None:
    """A page is compared with runs that were over, so batches make no difference."""
    quiet(store)
    good, bad = page(RUNS), page(RUNS, without("price_raw"))

    store.save(bad, None)
    store.save(good, None)

    assert store.run(f"r{RUNS}")["quarantined"].to_list() == [ITEMS]
    assert store.counts("ad")["open"] == ITEMS + RUNS


def test_a_release_publishes_what_was_held_and_makes_it_usual(store: SqlStore) -> None:
    """The site has new ways: what it showed counts from when it showed it, and no alarm follows."""
    quiet(store)
    changed = page(RUNS, without("price_raw"))
    store.save(changed, None)

    captures = store.release("site")
    store.save(changed, None, reread=True)

    assert captures == changed.pages["capture_id"].to_list()
    assert store.quarantine(10).height == 0
    assert store.get("ad", changed.listings["ad"]["id"].to_list()).height == ITEMS
    assert store.alarms("site").height == 0
    assert store.alarms("site", every=True)["status"].unique().to_list() == ["released"]
    told = store.save(page(RUNS + 1, without("price_raw")), None)
    assert told.quarantined == 0


def test_a_mended_reader_publishes_what_was_held(store: SqlStore) -> None:
    """Read again and right, a held page is kept, and its alarms are mended."""
    quiet(store)
    store.save(page(RUNS, without("url")), None)

    store.save(page(RUNS), None, reread=True)

    assert store.alarms("site", every=True)["status"].unique().to_list() == ["mended"]
    assert store.counts("ad")["open"] == ITEMS + RUNS


def test_a_replay_loses_nothing_of_a_page_that_nobody_can_read(store: SqlStore) -> None:
    """What stays unread stays held: a row is somewhere, whatever today's reader makes of it."""
    quiet(store)
    bad = page(RUNS, without("url"))
    store.save(bad, None)
    condemned = bad.pages.with_columns(
        pl.lit("layout_changed").alias("state"), pl.lit(0, pl.Int32).alias("found")
    )

    store.save(Refined(condemned, {}), None, reread=True)

    assert store.quarantine(ITEMS + 1).height == ITEMS
    assert store.alarms("site", every=True)["status"].unique().to_list() == ["open"]


def test_a_held_page_is_not_published_because_its_past_is_forgotten(store: SqlStore) -> None:
    """Long after, the oldest runs that are remembered say what was usual."""
    quiet(store)
    bad = page(RUNS, without("url"))
    store.save(bad, None)
    for run in range(RUNS + 1, RUNS + 90):
        store.save(page(run), None)
        store.save(Refined(page(run).pages.clear(), {}, (ending(run),)), None)

    store.save(bad, None, reread=True)

    assert store.quarantine(ITEMS + 1).height == ITEMS


def test_a_release_can_be_said_twice(store: SqlStore) -> None:
    """Killed between the release and its replay, what was held is returned once more."""
    quiet(store)
    store.save(page(RUNS, without("price_raw")), None)

    first = store.release("site")

    assert store.release("site") == first != []


def test_two_batches_hold_what_one_holds(store: SqlStore, tmp_path: Path) -> None:
    """A long page that repeats another's listings is compared by the same rows either way."""
    other = open_store(f"sqlite:///{tmp_path / 'other.db'}")
    for one in (store, other):
        for run in range(RUNS):
            one.save(wide(run, 0, 90), None)
            one.save(Refined(wide(run, 0, 90).pages.clear(), {}, (ending(run),)), None)
    first, second = wide(RUNS, 0, 40, "a"), wide(RUNS, 0, 90, "b", moved=range(41, 90))

    store.save(first, None)
    store.save(second, None)
    together = pl.concat([first.listings["ad"], second.listings["ad"]])
    other.save(Refined(pl.concat([first.pages, second.pages]), {"ad": together}), None)

    assert store.content_hash() == other.content_hash()
    assert store.quarantine(500).height == other.quarantine(500).height
    other.close()


def test_a_replay_does_not_publish_what_still_looks_wrong(store: SqlStore) -> None:
    """Reading a range again for another reason lets no held page slip through."""
    quiet(store)
    bad = page(RUNS, without("url"))
    store.save(bad, None)
    before = store.content_hash()

    store.save(bad, None, reread=True)

    assert store.content_hash() == before
    assert store.quarantine(ITEMS).height == ITEMS


def test_a_few_odd_listings_are_no_alarm(store: SqlStore) -> None:
    """One listing without a price or a place is a listing, not a broken page."""
    quiet(store)
    odd = {RUNS + 1: {"price_raw": None, "price": None}, RUNS + 2: {"place_raw": None}}

    told = store.save(page(RUNS, lambda number, values: values | odd.get(number, {})), None)

    assert told.quarantined == 0


def test_imported_pages_are_not_judged(store: SqlStore) -> None:
    """A file that a person brings is what they say it is."""
    quiet(store)
    bad = page(RUNS, without("url"))
    imported = bad.pages.with_columns(pl.lit(None, pl.Int32).alias("status"))

    told = store.save(Refined(imported, bad.listings), None)

    assert told.quarantined == 0


def test_identities_that_all_change_hold_the_run(store: SqlStore) -> None:
    """A token in every id makes every listing new: the run says so and closes nothing."""
    quiet(store)
    token = [
        seen(f"token{number}", RUNS * 1440.0, run=f"r{RUNS}", item=number,
             title=f"Canapé d'angle numéro {number}", url=f"https://site.example/{number}",
             price_raw=f"{number * 1000 + 100} DH", price=number + 0.1, place_raw=TOWNS[number % 5])
        for number in range(ITEMS)
    ]  # fmt: skip
    store.save(batch(token), None)
    over = end(f"r{RUNS}", RUNS * 1440.0 + 1, scan=Scan.COMPLETE, misses=1)

    store.save(Refined(page(0).pages.clear(), {}, (over,)), None)

    assert "identities" in store.alarms("site")["alarm"].to_list()
    assert store.run(f"r{RUNS}")["held"].to_list() == ["identities"]
    assert store.counts("ad")["closed"] == 0


def test_known_listings_under_new_identities_are_held(store: SqlStore) -> None:
    """A per-visit token in the address: not one of the forty offers becomes a second one."""
    quiet(store)
    before = store.content_hash()
    tokens = page(RUNS)
    renamed = tokens.listings["ad"].with_columns(
        pl.concat_str(pl.col("native_id"), pl.lit("?visit=8812")).alias("native_id"),
        pl.concat_str(pl.lit("token"), "id").str.slice(0, 16).alias("id"),
    )

    told = store.save(Refined(tokens.pages, {"ad": renamed}), None)

    assert told == Fates(quarantined=ITEMS)
    assert store.content_hash() == before
    assert store.alarms("site")["alarm"].to_list() == ["identities"]


def test_new_listings_after_a_long_pause_are_new(store: SqlStore) -> None:
    """A page of listings that nobody knows is no alarm when they say what no known one says."""
    quiet(store)

    told = store.save(page(RUNS + 40), None)

    assert told == Fates(new=ITEMS)


def test_the_tail_of_a_binomial_is_right() -> None:
    """At most 8 heads of 10 throws: 1013 of 1024."""
    assert tail(8, 10, 0.5) == pytest.approx(1013 / 1024)
    assert at(0).tzinfo is not None
