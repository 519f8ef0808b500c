"""What the store promises about batches: fates, history, order, repetition."""

import random
from decimal import Decimal
from typing import Any

import pytest

from tests.store.batches import at, batch, end, seen
from vigie.errors import PositionGap
from vigie.model.capture import Scan
from vigie.model.fates import Fates
from vigie.model.identity import listing_id
from vigie.model.position import Span
from vigie.store import SqlStore, open_store

ID = listing_id("site", "1")


def row(store: SqlStore, native_id: str = "1") -> dict[str, Any]:
    return store.get("ad", [listing_id("site", native_id)]).row(0, named=True)


def test_values_come_back_as_they_went_in(store: SqlStore) -> None:
    """Money to the cent, instants to the millisecond, lists, booleans and emoji survive."""
    given: dict[str, Any] = {
        "title": "Vélo d’enfant 🚲 دراجة", "price": Decimal("1234567.89"), "price_currency": "MAD",
        "images": ["https://a/é", "b"], "new_development": True, "posted_at": at(1.00001),
        "posted_precision": "second", "place_lat": 33.573110, "place_lon": -7.589843,
    }  # fmt: skip
    store.save(batch([seen("1", 2, **given)]), None)

    kept = row(store)

    assert {name: kept[name] for name in given} == given | {
        "posted_at": at(1.00001).replace(microsecond=0)
    }


def test_the_second_time_nothing_is_new(store: SqlStore) -> None:
    """The same observation later is unchanged, and only moves when it was last seen."""
    assert store.save(batch([seen("1", 1, title="A")]), None) == Fates(new=1)
    emitted = store.feed.last()

    assert store.save(batch([seen("1", 9, title="A", run="r2")]), None) == Fates(unchanged=1)
    assert store.feed.last() == emitted
    assert (row(store)["first_seen_at"], row(store)["last_seen_at"]) == (at(1), at(9))


def test_the_same_capture_twice_changes_nothing(store: SqlStore) -> None:
    """A capture processed again in another run says nothing new: no row, sighting or news."""
    store.save(batch([seen("1", 1, title="A", capture="c")]), None)
    before = store.content_hash(), store.feed.last()

    assert store.save(batch([seen("1", 1, title="A", capture="c", run="r2")]), None).unchanged == 1
    assert (store.content_hash(), store.feed.last()) == before
    assert store.sightings(ID).height == 1


def test_a_change_is_told_with_old_and_new(store: SqlStore) -> None:
    store.save(batch([seen("1", 1, title="A", price_raw="10 DH", price=Decimal(10))]), None)
    fates = store.save(batch([seen("1", 5, run="r2", price_raw="8 DH", price=Decimal(8))]), None)

    told = store.history(ID).select("field", "old", "new", "cause").rows()

    assert fates == Fates(changed=1)
    assert ("price", "10.00", "8.00", "site") in told
    assert ("price_raw", '"10 DH"', '"8 DH"', "site") in told
    assert row(store)["title"] == "A"


def test_filling_a_null_is_not_a_change(store: SqlStore) -> None:
    """An ad page adds what its card lacks: a duplicate of the run, told to views as filled."""
    store.save(batch([seen("1", 1, title="A", reading="card")]), None)

    fates = store.save(batch([seen("1", 2, title="A", text="Long")]), None)

    assert fates == Fates(duplicate=1)
    assert row(store)["text"] == "Long"
    assert row(store)["reading"] == "full"
    assert [str(c.what) for c in store.feed.read(0, 9)] == ["new", "filled"]
    assert store.history(ID).height == 0


def test_a_card_never_erases(store: SqlStore) -> None:
    """What a card does not carry stays; what a full page shows as absent goes."""
    store.save(batch([seen("1", 1, title="A", text="Long")]), None)
    store.save(batch([seen("1", 2, title="A", text=None, reading="card", run="r2")]), None)
    assert row(store)["text"] == "Long"

    fates = store.save(batch([seen("1", 3, title="A", text=None, run="r3")]), None)
    assert fates == Fates(changed=1)
    assert row(store)["text"] is None


def test_a_position_is_kept_with_its_rows(store: SqlStore) -> None:
    """A batch given again has no effect, a missing one is an error and keeps nothing."""
    first = batch([seen("1", 1, title="A")])
    assert store.save(first, Span("p", "part", 0, 3)).new == 1
    assert store.save(first, Span("p", "part", 0, 3)) == Fates()
    with pytest.raises(PositionGap):
        store.save(batch([seen("2", 1, title="B")]), Span("p", "part", 5, 6))
    assert store.positions("p") == {"part": 3}
    assert store.get("ad", [listing_id("site", "2")]).height == 0


def test_rejected_and_quarantined_are_counted_and_kept_apart(store: SqlStore) -> None:
    rows = [seen("1", 1, title="A"), seen("2", 1, fate="rejected", item=1),
            seen("3", 1, fate="quarantined", item=2)]  # fmt: skip
    assert store.save(batch(rows), None) == Fates(new=1, rejected=1, quarantined=1)
    assert store.quarantine(9).select("native_id", "reason").rows() == [
        ("3", "no_title"), ("2", "no_title"),
    ]  # fmt: skip


def test_a_page_that_lists_one_ad_twice(store: SqlStore) -> None:
    """Every item has a fate, also the third of the same identity on one page."""
    rows = [seen("1", 1, title="A", item=n) for n in range(3)]
    assert store.save(batch(rows), None) == Fates(new=1, duplicate=2)


def visits(rng: random.Random) -> list[dict[str, Any]]:
    """Random observations of three ads by several queries, some fields absent or null."""
    found = []
    for minute in range(14):
        for native_id in "123":
            if rng.random() < 0.4:
                continue
            values: dict[str, Any] = {"title": rng.choice("AB")}
            if rng.random() < 0.7:
                values["price_raw"] = rng.choice(["10", "20", None])
                values["price"] = values["price_raw"] and Decimal(values["price_raw"])
            if rng.random() < 0.5:
                values["text"] = rng.choice(["t", "u"])
            if rng.random() < 0.5:
                precision = rng.choice(["second", "hour", "day"])
                values |= {"posted_at": at(rng.randrange(5)), "posted_precision": precision}
                values["posted_raw"] = f"{values['posted_at']}{precision}"
            reading = rng.choice(["card", "full"])
            found.append(seen(native_id, minute, reading=reading, query=rng.choice("xy"), **values))
    return found


@pytest.mark.parametrize("seed", range(25))
def test_any_order_and_split_gives_the_same(seed: int) -> None:
    """The same captures, in any order and any batches, give the same rows and history."""
    rng = random.Random(seed)
    rows = visits(rng)
    hashes = set()
    for attempt in range(4):
        store = open_store("sqlite://")
        order = list(rows)
        if attempt:
            rng.shuffle(order)
        size = (len(rows), 1, 5, 11)[attempt]
        for start in range(0, len(order), size):
            part = order[start : start + size]
            captures = {r["capture_id"] for r in part}
            store.save(batch([r for r in order if r["capture_id"] in captures]), None)
        hashes.add(store.content_hash())
        store.close()
    assert len(hashes) == 1


def test_a_reread_changes_the_reading_not_the_site(store: SqlStore) -> None:
    """A mended reader corrects values everywhere, history included, marked as reread."""
    for n, wrong in enumerate(("1", "2")):
        store.save(
            batch([seen("1", n, run=f"r{n}", price_raw=f"{wrong} k", price=Decimal(wrong))]), None
        )
    mended = batch(
        [seen("1", n, run=f"r{n}", price_raw=f"{k} k", price=Decimal(k) * 1000)
         for n, k in enumerate(("1", "2"))]
    )  # fmt: skip
    before = store.feed.last()

    shown = store.compare(mended).select("field", "old", "new").rows()
    assert ("price", "2.00", "2000.00") in shown
    assert row(store)["price"] == 2
    store.save(mended, None, reread=True)

    assert row(store)["price"] == 2000
    told = store.history(ID).select("field", "old", "new", "cause").rows()
    assert ("price", "1000.00", "2000.00", "site") in told
    assert ("price", "2.00", "2000.00", "reread") in told
    assert {str(c.what) for c in store.feed.read(before, 9)} == {"reread"}
    assert store.sightings(ID).height == 2
    assert store.compare(mended).height == 0


def run(store: SqlStore, number: int, ids: str, *, scan: Scan = Scan.COMPLETE, state: str = "ok",
        pages: int = 1, misses: int = 2) -> Fates:  # fmt: skip
    rows = [seen(i, number * 10, run=f"r{number}", title="A", item=n) for n, i in enumerate(ids)]
    closing = end(f"r{number}", number * 10 + 5, scan=scan, pages=pages, misses=misses)
    return store.save(batch(rows, [closing], state=state), None)


def test_closing_takes_k_complete_runs(store: SqlStore) -> None:
    """Missing once is not gone; missing twice is, and coming back reopens with the history."""
    run(store, 1, "1234")
    assert run(store, 2, "123").closed == 0
    assert run(store, 3, "123").closed == 1
    assert row(store, "4")["status"] == "closed"

    fates = run(store, 4, "1234")

    assert (fates.reopened, fates.unchanged) == (1, 4)
    assert row(store, "4")["status"] == "open"
    assert store.history(listing_id("site", "4"))["cause"].to_list() == ["closed", "reopened"]


@pytest.mark.parametrize("scan", [Scan.NEWEST, Scan.CUT])
def test_a_partial_scan_closes_nothing(store: SqlStore, scan: Scan) -> None:
    run(store, 1, "1234")
    for number in (2, 3, 4):
        assert run(store, number, "123", scan=scan).closed == 0


@pytest.mark.parametrize("state", ["blocked", "unreachable", "layout_changed", "truncated"])
def test_a_sick_run_closes_nothing(store: SqlStore, state: str) -> None:
    """A refusal, an outage or a changed page is not evidence that ads are gone."""
    run(store, 1, "1234")
    for number in (2, 3, 4):
        assert run(store, number, "123", state=state).closed == 0


def test_a_list_cut_short_is_held(store: SqlStore) -> None:
    """Finding under 70 % of the usual closes nothing, however often it happens."""
    everything = "".join(chr(0x4E00 + n) for n in range(40))
    run(store, 1, everything)
    for number in (2, 3, 4):
        assert run(store, number, everything[:3]).closed == 0
    assert store.runs(1)["held"].to_list() == ["few_found"]


def test_a_run_that_lost_a_page_is_held(store: SqlStore) -> None:
    run(store, 1, "1234")
    run(store, 2, "123")
    assert run(store, 3, "123", pages=2).closed == 0
    assert store.runs(1)["held"].to_list() == ["pages_missing"]


def test_judging_again_closes_nothing_more(store: SqlStore) -> None:
    run(store, 1, "1234", misses=1)
    assert run(store, 2, "123", misses=1).closed == 1
    assert store.judge("r2").closed == 0


def test_runs_add_up(store: SqlStore) -> None:
    """found = new + changed + unchanged + duplicate + rejected + quarantined, per run."""
    run(store, 1, "1234")
    run(store, 2, "1123")
    for told in store.runs(9).iter_rows(named=True):
        fates = ("new", "changed", "unchanged", "duplicate", "rejected", "quarantined")
        assert told["found"] == sum(told[name] for name in fates) == 4
