"""Streams beside a visit: what fails of one stays its own, and the watch stays held meanwhile."""

import sys
from pathlib import Path

import pytest

from tests.cli.watch_stage import asking, on_stage, rows_in
from vigie.cli.visiting import PARTIAL, print_visit
from vigie.errors import SpoolError
from vigie.wiring import StandIn
from vigie.wiring.listening import Listening
from vigie.wiring.watching import ALL, Chosen, jobs_of, run_watch

ONE = Chosen(sources=("bluesky",), queries=("Macron",))


def test_a_stream_that_fails_takes_nothing_from_the_watch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the library for streams, the searches are asked, processed and exported as ever,
    and the visit says what is to be installed."""
    only = Chosen(sources=("bluesky", "x_api"), queries=("Macron",))
    for name in ("websockets", "websockets.exceptions", "websockets.sync.client"):
        monkeypatch.setitem(sys.modules, name, None)
    with on_stage(tmp_path, "presidentielle-2022", jobs=1, ads=1) as (here, watch, _, stand_in):
        listening = asking(watch, "bluesky", stream_seconds=2.0)
        done = run_watch(here, listening, only=only, stand_in=stand_in)
        code = print_visit(here, listening, done, spool_only=False)
        stored = here.store.counts("post")

    assert code == PARTIAL
    assert list(done.broken) == ["bluesky"]
    assert "./vigie extras" in done.broken["bluesky"]
    assert {report.source: str(report.state) for report in done.reports} == {
        "bluesky": "ok", "x_api": "ok",
    }  # fmt: skip
    assert done.instead_of == ()
    assert stored
    rows = rows_in(tmp_path / "exports" / "posts_macron.csv")
    assert {row["source"] for row in rows} == {"bluesky", "x_api"}


def test_something_is_done_each_second_of_the_wait(tmp_path: Path) -> None:
    """Who waits for a stream that lasts can renew what it holds."""
    pytest.importorskip("websockets", reason="needs websockets: ./vigie extras")
    from vigie.demo.jetstream import JetstreamServer, events_of

    with (
        on_stage(tmp_path, "presidentielle-2022", jobs=1, ads=1) as (here, watch, stage, _),
        JetstreamServer(events_of(stage.world.posts, [], stage.today)) as server,
    ):
        jobs = jobs_of(here, watch, ONE, {})
        there = StandIn(server.rewrite, server.allow_hosts, lambda: stage.today)
        turns: list[None] = []
        with Listening(here, jobs, {"bluesky": 3.0}, there) as listening:
            reports, unheard = listening.wait(lambda: turns.append(None))

    assert len(turns) >= 3
    assert {report.query for report in reports} >= {"Macron"}
    assert unheard == {}


def test_a_spool_that_cannot_be_written_ends_the_visit(tmp_path: Path) -> None:
    """Going on would be to lose what is heard."""
    with on_stage(tmp_path, "presidentielle-2022", jobs=1, ads=1) as (here, watch, _, stand_in):
        here.settings.spool_folder.write_text("not a folder")
        jobs = jobs_of(here, watch, ONE, {})
        with (
            Listening(here, jobs, {"bluesky": 1.0}, stand_in) as listening,
            pytest.raises(SpoolError),
        ):
            listening.wait(lambda: None)


def test_without_streams_there_is_nothing_to_wait_for(tmp_path: Path) -> None:
    """No stream, no thread, no report."""
    with on_stage(tmp_path, "annonces-maroc", jobs=1, ads=1) as (here, watch, _, stand_in):
        assert jobs_of(here, watch, ALL, {})
        with Listening(here, [], {}, stand_in) as listening:
            assert listening.wait(lambda: None) == ([], {})
