"""Promises that a sharp reading of the rules found wanting once; each was a bug."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.store.batches import at, batch, end, seen
from vigie.model.capture import Capture, RunEnd, Scan
from vigie.model.frames import Refined
from vigie.model.identity import listing_id
from vigie.model.kinds import AD, JOB, KINDS
from vigie.spool.files import FileSpool
from vigie.store import SqlStore

ID = listing_id("site", "1")


def status(store: SqlStore, native_id: str = "1") -> str:
    return str(store.get("ad", [listing_id("site", native_id)])["status"][0])


def gone(*times: float) -> tuple[tuple[str, str, Any, str], ...]:
    return tuple(("ad", ID, at(minutes), f"gone{minutes}") for minutes in times)


def test_a_card_does_not_undo_what_needed_the_whole_page(store: SqlStore) -> None:
    """A field read from several texts stays when a card tells only one of them."""
    full = seen("1", 1, title="Vélo", category="Loisirs", offer="sell", lang="fr", text="Bonjour")
    card = seen("1", 2, run="r2", title="Vélo", lang="und", reading="card")
    card["carried"] = full["carried"] & AD.masks["title"]
    store.save(batch([full]), None)

    assert store.save(batch([card]), None).unchanged == 1
    assert store.get("ad", [ID]).select("lang", "text").row(0) == ("fr", "Bonjour")


@pytest.mark.parametrize("fate", ["quarantined", "rejected"])
def test_what_is_shown_but_not_kept_is_not_missing(store: SqlStore, fate: str) -> None:
    """A reader's bug must not close the ads it can no longer read."""
    for number in range(1, 5):
        rows = [
            seen(i, number * 10, run=f"r{number}", title="A", item=n,
                 fate=fate if i == "4" and number > 1 else None)
            for n, i in enumerate("1234")
        ]  # fmt: skip
        assert store.save(batch(rows, [end(f"r{number}", number * 10 + 5)]), None).closed == 0
    assert status(store, "4") == "open"


def test_a_page_gone_before_the_last_sighting_closes_nothing(store: SqlStore) -> None:
    made = batch([seen("1", 30, title="A")])
    told = Refined(made.pages, made.listings, (), gone(20))
    assert store.save(told, None).closed == 0
    assert status(store) == "open"


def test_a_late_page_does_not_reopen(store: SqlStore) -> None:
    """A page from before the ad went, processed after, leaves it closed."""
    store.save(batch([seen("1", 10, title="A")]), None)
    store.save(Refined(batch([]).pages, {}, (), gone(30)), None)
    assert status(store) == "closed"

    assert store.save(batch([seen("1", 20, run="r2", title="A")]), None).reopened == 0
    assert status(store) == "closed"


def test_many_repeats_of_one_identity_are_cheap(store: SqlStore) -> None:
    """A wrongly mapped id gives thousands of duplicates, not thousands of transactions."""
    rows = [seen("1", 1, title="A", item=n) for n in range(3_000)]
    fates = store.save(batch(rows), None)
    assert (fates.new, fates.duplicate) == (1, 2_999)


def test_replay_with_the_same_reader_says_nothing(store: SqlStore) -> None:
    """ "3 days ago" said on two days is one publication, however often it is read again."""
    told = [
        batch([seen("1", n * 1440, run=f"r{n}", title="A", posted_raw="il y a 3 jours",
                    posted_at=at(n * 1440 - 4320), posted_precision="day")])
        for n in (1, 2)
    ]  # fmt: skip
    for one in told:
        store.save(one, None)
    before = store.content_hash()
    for one in told:
        assert store.compare(one).height == 0
        store.save(one, None, reread=True)
    assert store.content_hash() == before


def test_a_batch_ends_where_a_run_ends(tmp_path: Path) -> None:
    """Runs that share a segment are judged one after another, however large a batch may be."""
    spool = FileSpool(tmp_path)
    for number in range(3):
        page = Capture(id=f"c{number}", at=at(number), source="s", url="u", body=b"x", run="r")
        over = RunEnd(at=at(number), source="s", run=f"r{number}", scan=Scan.COMPLETE,
                      started_at=at(0))  # fmt: skip
        spool.append([page, over])
    assert [len(entries) for _, entries in spool.read("c", {})] == [2, 2, 2]
    spool.close()


def test_a_late_sighting_is_told_to_views(store: SqlStore) -> None:
    """When it was first seen can be sorted by, so an index must hear that it moved."""
    store.save(batch([seen("1", 10, title="A", price=Decimal(1))]), None)
    emitted = store.feed.last()
    store.save(batch([seen("1", 5, run="r2", title="A", price=Decimal(1))]), None)
    assert store.feed.last() == emitted + 1


def test_bits_of_shown_fields_are_only_ever_appended() -> None:
    """Stored sightings hold bit masks by place in `Kind.shown`: moving a field rewrites the past.

    A new field of one kind goes to the end of its own fields; another order is a migration of
    every stored mask.
    """
    assert [f.name for f in JOB.shown][:6] == [
        "url", "title", "text_raw", "summary", "lang_raw", "posted_raw",
    ]  # fmt: skip
    told = {name: [f.name for f in kind.shown] for name, kind in KINDS.items()}
    assert {name: (len(names), names[-1]) for name, names in told.items()} == {
        "job": (33, "applicants"), "ad": (23, "new_development"),
        "post": (21, "quotes"), "figure": (11, "unit"),
    }  # fmt: skip


def test_nothing_is_left_of_an_erased_listing(store: SqlStore) -> None:
    rows = [seen("1", 1, title="A"), seen("1", 2, fate="quarantined", capture="c2", item=1)]
    store.save(batch(rows), None)
    assert store.quarantine(9).height == 1

    assert store.erase([ID]) == 1
    assert store.quarantine(9).filter(pl.col("native_id") == "1").height == 0
