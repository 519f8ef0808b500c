"""Watches that go on: each source at its cadence, one scheduler at a time, through what comes."""

import time
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.cli.watch_stage import (
    NOW,
    asking,
    at,
    on_stage,
    rows_in,
)
from vigie.cli import beside
from vigie.cli.beside import site_beside
from vigie.cli.serving import free_port
from vigie.cli.visiting import keep_visiting
from vigie.demo import Stage
from vigie.errors import UsageError
from vigie.settings import ServeSettings, Settings, StoreSettings
from vigie.wiring import Instance, StandIn
from vigie.wiring.stack import PostgreSQL
from vigie.wiring.watching import LEASE_SECONDS, Chosen, WatchBusy, run_watch


def test_two_schedulers_never_ask_at_once(tmp_path: Path) -> None:
    """While one process holds a query of the watch, another asks nothing of it; other parts of
    the watch may run beside it."""
    with on_stage(tmp_path, "presidentielle-2022", jobs=1, ads=1) as (here, watch, stage, there):
        from vigie.model.identity import digest
        from vigie.wiring import now

        name = f"watch:{digest(watch.name, 'bluesky', 'Macron')}"
        assert here.agenda.lease(name, "another", now(), LEASE_SECONDS)
        with pytest.raises(WatchBusy, match="another process"):
            run_watch(here, watch, stand_in=there)
        assert all(not stage.asked(site) for site in stage.names())
        done = run_watch(
            here, watch, only=Chosen(sources=("bluesky",), queries=("Zemmour",)), stand_in=there
        )
        here.agenda.release(name, "another")
        whole = run_watch(here, watch, only=Chosen(sources=("bluesky",)), stand_in=there)

    assert [report.query for report in done.reports] == ["Zemmour"]
    assert len(whole.reports) == 12


def test_each_source_has_its_own_cadence(tmp_path: Path) -> None:
    """`--every` asks Avito once a minute and MarocAnnonces twice, and starting anew asks nothing
    early."""
    moment = [NOW]
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 5:
            raise KeyboardInterrupt
        moment[0] += timedelta(seconds=seconds)

    with on_stage(tmp_path, "annonces-maroc", jobs=1, ads=20) as (here, watch, stage, _):
        there = StandIn(stage.rewrite, stage.allow_hosts, lambda: moment[0])
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                keep_visiting(here, watch, Chosen(), spool_only=False, stand_in=there, wait=wait)
            waits.append(0)
            del waits[:]
        starts = here.store.runs(1000).select("source", "started_at").unique().sort("started_at")

    offsets: dict[str, list[float]] = {}
    for source, started in starts.iter_rows():
        offsets.setdefault(source, []).append((started - NOW).total_seconds())
    assert offsets["marocannonces"] == [30.0 * n for n in range(len(offsets["marocannonces"]))]
    assert offsets["avito_ma"] == [60.0 * n for n in range(len(offsets["avito_ma"]))]
    assert len(offsets["marocannonces"]) in (
        2 * len(offsets["avito_ma"]), 2 * len(offsets["avito_ma"]) - 1
    )  # fmt: skip


@pytest.mark.service
def test_a_store_that_is_away_ends_no_watch(
    tmp_path: Path, postgresql: PostgreSQL, capsys: pytest.CaptureFixture[str]
) -> None:
    """A visit that comes to nothing because the database is down is made when it is back; a file
    that cannot be written costs that file only."""
    moment, waits = [NOW], list[float]()

    def wait(seconds: float) -> None:
        waits.append(seconds)
        moment[0] += timedelta(seconds=seconds)
        if len(waits) == 1:
            postgresql.kill()
        elif len(waits) == 3:
            postgresql.restart()
        elif len(waits) == 5:
            raise KeyboardInterrupt

    settings = Settings(data_dir=tmp_path, store=StoreSettings(url=postgresql.url))
    with (
        Instance(settings) as here,
        Stage(7, NOW, only=["marocannonces"], jobs=1, ads=20) as stage,
    ):
        (tmp_path / "exports" / "annonces.csv").mkdir(parents=True)
        watch = here.watches()["annonces-maroc"]
        there = StandIn(stage.rewrite, stage.allow_hosts, lambda: moment[0])
        with pytest.raises(KeyboardInterrupt):
            keep_visiting(
                here, watch, Chosen(sources=("marocannonces",)), spool_only=False, stand_in=there,
                wait=wait,
            )  # fmt: skip
        visits = here.store.runs(1000)["run"].n_unique()

    assert waits[1:3] == [5, 10]
    assert visits == 3
    told = capsys.readouterr().err
    assert "tried again in 5 s" in told
    assert "annonces.csv cannot be written" in told


def test_the_site_is_served_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--serve` starts the site in a process of its own, which is looked after and ends with the
    visits."""
    settings = Settings(
        data_dir=tmp_path / "data", serve=ServeSettings(port=free_port("127.0.0.1", 0))
    )
    with Instance(settings) as here:
        monkeypatch.setattr(beside, "AGAIN_SECONDS", 0.1)
        with site_beside(here) as process:
            address = f"http://127.0.0.1:{settings.serve.port}/"
            status = _status(address)
            with pytest.raises(UsageError, match="VIGIE_SERVE__PORT="), site_beside(here):
                pass
            process.kill()
            process.wait()
            again = _status(address)  # one that dies is started again
        with pytest.raises(OSError, match="refused"):
            urlopen(address, timeout=5)

    assert (status, again) == (200, 200)


def _status(address: str) -> int:
    """The status of *address* as soon as somebody answers there."""
    for _ in range(150):
        try:
            with urlopen(address, timeout=5) as answer:  # noqa: S310  # our own loopback
                return int(answer.status)
        except OSError:
            time.sleep(0.2)
    raise AssertionError("nobody answers")


def test_a_stream_is_listened_to_beside_the_visit(tmp_path: Path) -> None:
    """With `stream_seconds`, what the stream tells while the visit runs is filed under the same
    topics, and what it says was deleted is gone from the files."""
    pytest.importorskip("websockets", reason="needs websockets: ./vigie extras")
    from vigie.demo.jetstream import JetstreamServer, events_of

    exports = tmp_path / "exports"
    with on_stage(tmp_path, "presidentielle-2022", jobs=1, ads=1) as (here, watch, stage, _):
        shown = [post for post in stage.world.posts if post.candidate == "Macron"]
        only = Chosen(sources=("bluesky",), queries=("Macron",))
        run_watch(here, watch, only=only, stand_in=at(stage, NOW))
        before = rows_in(exports / "posts_macron.csv")
        gone = [post for post in shown if post.repeats is None][:2]
        with JetstreamServer(events_of(stage.world.posts, gone, NOW)) as server:
            there = StandIn(
                {**stage.rewrite, **server.rewrite}, stage.allow_hosts | server.allow_hosts,
                lambda: NOW + timedelta(hours=1),
            )  # fmt: skip
            listening = asking(watch, "bluesky", stream_seconds=2.0)
            done = run_watch(here, listening, only=only, stand_in=there)

    after = rows_in(exports / "posts_macron.csv")
    heard = [report for report in done.reports if report.query == "Macron"]
    assert len(heard) == 2
    assert all(report.listed > 20 for report in heard)
    assert len(after) == len(before) - 2
    assert {row["id"] for row in after} < {row["id"] for row in before}
