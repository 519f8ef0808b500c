"""A collector that is killed again and again: nothing is lost, doubled, or asked too soon."""

import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from vigie.config import load
from vigie.demo import Stage
from vigie.model.capture import Capture, RunEnd, Scan
from vigie.model.kinds import KINDS
from vigie.spool.files import FileSpool
from vigie.store import StoreAgenda, open_store
from vigie.wiring import Instance

COLLECTOR = Path(__file__).parent / "lone_collector.py"
NOW = datetime.now(UTC).replace(microsecond=0)
PAUSE = 0.25
KILLS = 8
JITTER_SECONDS = 0.15
"""By which a busy machine may bring one request later to the site than it left."""


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage(seed=3, now=NOW, jobs=10, ads=150, only=["avito_ma"]) as served:
        yield served


def collector(stage: Stage, folder: Path) -> "subprocess.Popen[str]":
    folder.mkdir(exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, str(COLLECTOR), str(folder), stage.origin("avito_ma"), str(PAUSE)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "start\n"
    return process


def finish(process: "subprocess.Popen[str]") -> list[str]:
    """Return what it told: a line for every page that is in the spool."""
    told, _ = process.communicate(timeout=60)
    return told.split()


def spooled(folder: Path) -> tuple[list[Capture], list[RunEnd]]:
    entries = [
        entry for _, batch in FileSpool(folder / "spool").read("test", {}) for entry in batch
    ]
    return (
        [entry for entry in entries if isinstance(entry, Capture)],
        [entry for entry in entries if isinstance(entry, RunEnd)],
    )


def published(folder: Path) -> pl.DataFrame:
    """Process what is spooled; return every ad as the site shows it."""
    with Instance(load({"data_dir": folder}, environ={}, folder=folder).settings) as here:
        here.process()
        with here.store.database.reading() as connection:
            ids = [row[0] for row in connection.exec_driver_sql("SELECT id FROM ad ORDER BY id")]
        shown = [field.name for field in KINDS["ad"].stored if field.content]
        return here.store.get("ad", ids).select("id", "native_id", "status", *shown)


def test_a_collector_killed_anywhere_goes_on(stage: Stage, tmp_path: Path) -> None:
    """Eight kills at random instants, then one run to the end: every page that was told is in the
    spool, no two requests of all nine processes are closer than the pause, and the listings are
    those of a run that nobody disturbed."""
    chance = random.Random(20261121)
    disturbed, calm = tmp_path / "disturbed", tmp_path / "calm"
    kills = told = 0
    while kills < KILLS:
        started = datetime.now(UTC)
        process = collector(stage, disturbed)
        timer = threading.Timer(chance.uniform(0.0, 3.0), process.kill)
        timer.start()
        pages = finish(process)
        timer.cancel()
        # A kill loses what was noted in its last second; writing takes a moment.
        known = datetime.now(UTC) - timedelta(seconds=2)
        sent = [one.at for one in stage.asked("avito_ma") if started <= one.at < known]
        assert sum(at >= started for at in _book(disturbed)) >= len(sent)
        kills += process.returncode not in (0, None)
        told += len(pages) - sum(a == b for a, b in pairwise(pages))  # an end repeats its count
        assert len(spooled(disturbed)[0]) >= told
    last = collector(stage, disturbed)
    finish(last)
    asked = len(stage.asked("avito_ma"))
    seen = [one.at for one in stage.asked("avito_ma")]
    time.sleep(PAUSE)
    finish(collector(stage, calm))

    captures, ends = spooled(disturbed)
    assert last.returncode == 0
    assert len({page.id for page in captures}) == len(captures)
    assert [end.scan for end in ends[-2:]] == [Scan.COMPLETE, Scan.COMPLETE]
    robots = sum(one.path == "/robots.txt" for one in stage.asked("avito_ma")[:asked])
    assert asked - robots - len(captures) <= kills  # each kill loses the page under way at most
    assert min((b - a).total_seconds() for a, b in pairwise(seen)) >= PAUSE - JITTER_SECONDS
    book = _book(disturbed)
    assert len(book) <= asked
    assert min((b - a).total_seconds() for a, b in pairwise(book)) >= PAUSE
    assert published(disturbed).equals(published(calm))


def _book(folder: Path) -> list[datetime]:
    store = open_store(f"sqlite:///{folder / 'vigie.db'}")
    rows = StoreAgenda(store.database).asked(datetime(2000, 1, 1, tzinfo=UTC))
    store.close()
    return [row.at for row in rows if row.made]
