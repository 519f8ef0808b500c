"""Boards that answer well and mislead: the same page for ever, a token in every address, nothing.

The incidents: a page number that was ignored (one page, collected until the disk was full); a token
per visit in every address, which made 40 jobs into 12,340 rows; a board that was empty for a season
and was given up in silence the week before it filled again.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from vigie.collect.job import Job, Options
from vigie.collect.run import collect
from vigie.config import load
from vigie.contracts import Terms
from vigie.demo import Fault, Stage
from vigie.demo.contents import Contents
from vigie.demo.server import SiteServer
from vigie.demo.site import NOT_FOUND, Ask, Page
from vigie.demo.world import World
from vigie.engines.batch import Recipe
from vigie.engines.embedded import process
from vigie.model.capture import Capture, Query, Request, Scan
from vigie.model.fates import State
from vigie.model.listing import Listing
from vigie.spool.files import FileSpool
from vigie.steps import STANDARD, run
from vigie.store import StoreAgenda, open_store
from vigie.wiring import Instance, StandIn

NOW = datetime.now(UTC).replace(microsecond=0)
ORIGIN = "https://board.test"
JOBS = 40


class Board:
    """A board that puts a token of the visit into every address, and always has a next page."""

    name = "board"
    origins: tuple[str, ...] = (ORIGIN,)
    robots = "User-agent: *\nDisallow:\n"
    anchor = b"jobs"

    def __init__(self) -> None:
        self._tokens = itertools.count(1000)

    def answer(self, ask: Ask, contents: Contents) -> Page:
        if ask.path != "/jobs":
            return NOT_FOUND
        token = next(self._tokens)
        jobs = [
            {"title": f"Emploi {number}", "url": f"{ORIGIN}/job/{number}?sid={token}"}
            for number in range(JOBS)
        ]
        told = {"jobs": jobs, "next": f"{ORIGIN}/jobs?page=2&sid={token}"}
        return Page(200, msgspec.json.encode(told), "application/json")

    def first_page(self, ask: Ask) -> Ask:
        return ask


@dataclass(frozen=True, kw_only=True)
class BoardSource:
    """Reads it as it is: the next page is where it says, a job is what its path names."""

    label: ClassVar[str] = "Board"
    kind: ClassVar[str] = "job"
    revision: ClassVar[int] = 1
    zone: ClassVar[str] = "Europe/Paris"
    terms: ClassVar[Terms] = Terms(url=ORIGIN, read_on=None, attribution="Board", reuse="invented")
    example: ClassVar[Query] = Query(name="all")
    sentinel: ClassVar[Query | None] = None
    pause_seconds: float = 0.0

    def first(self, query: Query) -> Iterator[Request]:
        yield Request(url=f"{ORIGIN}/jobs")

    def follow(self, page: Capture) -> Iterator[Request]:
        yield Request(url=msgspec.json.decode(page.body)["next"])

    def scrub(self, page: Capture) -> Capture:
        return page

    def items(self, page: Capture) -> Sequence[Any]:
        jobs: list[Any] = msgspec.json.decode(page.body)["jobs"]
        return jobs

    def read(self, item: Any, page: Capture) -> Listing:
        path = item["url"].partition("?")[0]
        return Listing(kind="job", native_id=path, reading="card", layer="api",
                       values={"title": item["title"], "url": item["url"]})  # fmt: skip

    def total(self, page: Capture) -> int | None:
        return None


def test_a_token_in_every_address_makes_no_rows_and_no_news(tmp_path: Path) -> None:
    """Five visits, addresses that are new each time, pages without end: 40 rows, none changed, and
    each visit is cut after a handful of pages."""
    store = open_store(f"sqlite:///{tmp_path / 'vigie.db'}")
    source: Any = BoardSource()
    recipe = Recipe(find=lambda _: source, clean=lambda kind, rows: run(kind, rows, STANDARD[kind]))
    server = SiteServer(Board(), Contents.of(World(1, NOW, 0, 1, 1)))
    options = Options(
        pause_seconds=0.0, allow_hosts=frozenset({f"127.0.0.1:{server.port}"}),
        rewrite={ORIGIN: server.origin},
    )  # fmt: skip
    job = Job(name="board", source=source, watch="w", queries=(Query(name="all"),))
    fates, reports = [], []
    for _ in range(5):
        spool = FileSpool(tmp_path / "spool")
        reports += collect([job], spool, StoreAgenda(store.database), options)
        spool.close()
        fates.append(process(spool, store, recipe))
    server.close()

    assert {(report.scan, report.state) for report in reports} == {(Scan.CUT, State.TRUNCATED)}
    assert all(report.pages <= 7 for report in reports)
    assert store.counts("job")["open"] == JOBS
    assert sum(told.new for told in fates) == JOBS
    assert sum(told.changed + told.closed for told in fates) == 0
    store.close()


def instance(folder: Path) -> Instance:
    return Instance(load({"data_dir": folder}, environ={}, folder=folder).settings)


def test_a_page_number_that_is_ignored_closes_nothing(tmp_path: Path) -> None:
    """Yesterday the whole list, today its first page for every page: the run is cut within a few
    pages, and what it did not show stays open."""
    with Stage(seed=3, now=NOW, jobs=5, ads=300, only=["avito_ma"]) as stage, instance(
        tmp_path
    ) as here:  # fmt: skip
        stand_in = StandIn(stage.rewrite, stage.allow_hosts, lambda: datetime.now(UTC))
        jobs = [here.job("avito_ma", (Query(name="all"),), misses=1)]
        here.collect(jobs, stand_in=stand_in)
        here.process()
        before = here.store.counts("ad")["open"]
        stage.fail("avito_ma", Fault(kind="endless"))

        (report,) = here.collect(jobs, stand_in=stand_in)
        fates = here.process()

        assert (report.scan, report.state) == (Scan.CUT, State.TRUNCATED)
        assert report.pages < 10
        assert (fates.new, fates.closed) == (0, 0)
        assert here.store.counts("ad")["open"] == before > 100


def test_a_board_that_is_empty_for_ten_visits_is_still_asked(tmp_path: Path) -> None:
    """Nothing is a complete answer, however often it comes; what comes after it is collected."""
    with Stage(seed=3, now=NOW, jobs=5, ads=300, only=["avito_ma"]) as stage, instance(
        tmp_path
    ) as here:  # fmt: skip
        stand_in = StandIn(stage.rewrite, stage.allow_hosts, lambda: datetime.now(UTC))
        jobs = [here.job("avito_ma", (Query(name="all"),))]
        stage.fail("avito_ma", Fault(kind="empty"))
        reports = [report for _ in range(10) for report in here.collect(jobs, stand_in=stand_in)]
        here.process()
        asked = sum(one.path != "/robots.txt" for one in stage.asked("avito_ma"))
        states = here.store.runs(20)["state"].to_list()
        stage.fail("avito_ma", None)
        (well,) = here.collect(jobs, stand_in=stand_in)
        here.process()

        assert {(report.scan, report.state) for report in reports} == {(Scan.COMPLETE, State.EMPTY)}
        assert asked == 10
        assert states == ["empty"] * 10
        assert (well.scan, well.state) == (Scan.COMPLETE, State.OK)
        assert here.store.runs(1)["held"].to_list() == [None]
        assert here.store.counts("ad")["open"] == well.listed > 100
