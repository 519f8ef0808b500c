"""A view that one process at a time writes: who lost the lease and has it again renews it again."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from vigie.config import load
from vigie.errors import ViewBusy
from vigie.wiring import Instance, leased
from vigie.wiring.clock import now
from vigie.wiring.leased import LeasedView

SECONDS = 0.6


class Nothing:
    """A view that holds nothing."""

    stale = False

    def cursor(self) -> int:
        return 0

    def apply(self, changes: Any, rows: Any, seq: int) -> None: ...

    def rebuild(self, seq: int, rows: Any) -> None: ...


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    monkeypatch.setattr(leased, "SECONDS", SECONDS)
    with Instance(load({"data_dir": tmp_path}, environ={}, folder=tmp_path).settings) as made:
        yield made


def test_it_is_held_for_as_long_as_it_is_not_let_go(here: Instance) -> None:
    """A write that takes longer than a lease keeps others out; after the release they write."""
    ours, theirs = (LeasedView(Nothing(), here.agenda, "lake") for _ in range(2))
    ours.cursor()
    time.sleep(2.5 * SECONDS)
    with pytest.raises(ViewBusy):
        theirs.cursor()
    ours.release()
    assert theirs.cursor() == 0
    theirs.release()


def test_lost_and_won_again_it_is_renewed_again(here: Instance) -> None:
    """A machine that slept meets somebody else's lease; when it writes again, it holds its own."""
    ours, theirs = (LeasedView(Nothing(), here.agenda, "lake") for _ in range(2))
    ours.cursor()
    here.agenda.release("lake", ours._owner)
    assert here.agenda.lease("lake", "another", now(), timedelta(seconds=SECONDS).total_seconds())
    time.sleep(1.5 * SECONDS)
    ours.apply([], {}, 1)
    time.sleep(1.5 * SECONDS)
    with pytest.raises(ViewBusy):
        theirs.cursor()
    ours.release()
