"""Every hour has a state: what was not asked is neither zero nor well."""

from datetime import timedelta

import polars as pl

from tests.store.batches import at, batch, end, seen
from vigie.model.capture import Scan
from vigie.model.frames import Refined
from vigie.store import SqlStore

FATES = ("new", "changed", "unchanged", "duplicate", "rejected", "quarantined")


def visit(store: SqlStore, hour: int, *, state: str = "ok", scan: Scan = Scan.COMPLETE) -> None:
    minutes = hour * 60.0 + 6
    run = f"r{hour:02}"
    rows = [seen("a", minutes, run=run)] if state == "ok" else []
    page = batch([seen("a", minutes, run=run)], state=state)
    told = page if rows else Refined(page.pages.with_columns(found=pl.lit(0, pl.Int32)), {})
    store.save(Refined(told.pages, told.listings, (end(run, minutes + 1, scan=scan),)), None)


def states(store: SqlStore, hours: int) -> list[str]:
    return store.coverage(at(0), at(0) + timedelta(hours=hours))["state"].to_list()


def test_hours_between_visits_are_not_scheduled_then_late(store: SqlStore) -> None:
    """Twice the usual pause after the last visit, the source is late, hour after hour."""
    for hour in (0, 2, 4):
        visit(store, hour)

    found = states(store, 12)

    assert found[:5] == ["ok", "not_scheduled", "ok", "not_scheduled", "ok"]
    assert found[5:7] == ["not_scheduled", "not_scheduled"]
    assert set(found[8:]) == {"late"}


def test_an_hour_without_a_visit_has_no_counts(store: SqlStore) -> None:
    """Not observed is not zero."""
    visit(store, 0)

    told = store.coverage(at(0), at(0) + timedelta(hours=2))

    assert told["found"].to_list() == [1, None]
    assert told.select(FATES).row(1) == (None,) * 6
    assert sum(told.select(FATES).row(0)) == 1


def test_a_blocked_hour_is_blocked(store: SqlStore) -> None:
    """What was asked and refused counts nothing and says so."""
    visit(store, 0, state="blocked", scan=Scan.CUT)

    assert states(store, 1) == ["blocked"]


def test_a_list_that_was_cut_is_truncated_though_its_pages_were_well(store: SqlStore) -> None:
    """Only the end of a run knows: the hour has the run's state."""
    visit(store, 0, scan=Scan.CUT)

    assert states(store, 1) == ["truncated"]


def test_nothing_is_told_of_the_time_before_the_first_visit(store: SqlStore) -> None:
    """A source that was not there yet was not late."""
    visit(store, 3)

    assert states(store, 4) == ["ok"]
