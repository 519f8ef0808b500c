"""Twenty-eight ways in which a site misbehaves, each with its figures.

Beside the figures of the table, of every mode: no address fails more than four times, no request
leaves before the time that the one before it left behind (pause, Retry-After, backoff), and nothing
is stored of a page that is no list.
"""

import contextlib
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from vigie.demo import Fault
from vigie.model.capture import Query, Scan
from vigie.model.fates import State

from .conftest import Outpost
from .test_connections import tls_server

SITE = "marocannonces"
ORIGIN = "https://www.marocannonces.com"
ONE = Query(name="auto", options={"category": "Auto-Moto"})
EVER = datetime(2000, 1, 1, tzinfo=UTC)
WELL = 4
"""Requests of a visit that goes well: robots.txt and three pages of a list."""

Elsewhere = Callable[[Path], contextlib.AbstractContextManager[str]]
"""A place that stands where the site should: its origin."""


@dataclass(frozen=True, kw_only=True)
class Mode:
    """One way to misbehave, and what is to come of it."""

    name: str
    site: str = SITE
    fault: Fault | None = None
    elsewhere: Elsewhere | None = None
    requests: int
    """That have left, robots.txt and retries included."""
    state: State
    why: str = ""
    """Of the failure; or the status that is kept, or nothing."""
    listed: bool = False
    """Whether listings are stored."""
    captures: int = 0


@contextlib.contextmanager
def nobody(_: Path) -> Iterator[str]:
    """A name that nobody has."""
    yield "http://nobody.invalid"


@contextlib.contextmanager
def deaf(_folder: Path) -> Iterator[str]:
    """A port that never completes a connection: its queue is full."""
    with socket.socket() as listener, contextlib.ExitStack() as callers:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            caller = callers.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextlib.contextmanager
def closed(_: Path) -> Iterator[str]:
    """A port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@contextlib.contextmanager
def unvouched(folder: Path) -> Iterator[str]:
    """A server whose certificate nobody vouches for."""
    with tls_server(folder) as place:
        yield f"https://{place}"


def status(number: int, retry_after: str | None = None, **more: Any) -> Fault:
    return Fault(kind="status", status=number, retry_after=retry_after, **more)


SOON = "a date"  # put in when the test runs: two seconds from then
MODES = (
    Mode(name="429, seconds", fault=status(429, "1", after=1, times=1), requests=WELL + 1,
         state=State.OK, listed=True, captures=3),
    Mode(name="429, date", fault=status(429, SOON, after=1, times=1), requests=WELL + 1,
         state=State.OK, listed=True, captures=3),
    Mode(name="429, an hour", fault=status(429, "3600"), requests=2, state=State.BLOCKED,
         captures=1),
    Mode(name="429", fault=status(429), requests=5, state=State.BLOCKED, captures=1),
    Mode(name="500", fault=status(500), requests=5, state=State.UNREACHABLE, captures=1),
    Mode(name="502", fault=status(502), requests=5, state=State.UNREACHABLE, captures=1),
    Mode(name="503", fault=status(503), requests=5, state=State.UNREACHABLE, captures=1),
    Mode(name="refused", elsewhere=closed, requests=4, state=State.UNREACHABLE, why="refused"),
    Mode(name="TLS", elsewhere=unvouched, requests=1, state=State.UNREACHABLE, why="tls"),
    Mode(name="DNS", elsewhere=nobody, requests=4, state=State.UNREACHABLE, why="dns"),
    Mode(name="connect time-out", elsewhere=deaf, requests=4, state=State.UNREACHABLE,
         why="timeout"),
    Mode(name="read time-out", fault=Fault(kind="stall", seconds=9), requests=5,
         state=State.UNREACHABLE, why="timeout"),
    Mode(name="slow", fault=Fault(kind="slow", seconds=9), requests=5, state=State.UNREACHABLE,
         why="timeout"),
    Mode(name="one byte a second", fault=Fault(kind="trickle", seconds=1), requests=5,
         state=State.UNREACHABLE, why="timeout"),
    Mode(name="short body", fault=Fault(kind="cut_short"), requests=5, state=State.UNREACHABLE,
         why="cut_short"),
    Mode(name="broken chunking", fault=Fault(kind="bad_chunks"), requests=5,
         state=State.UNREACHABLE, why="cut_short"),
    Mode(name="redirect loop", fault=Fault(kind="redirect_loop"), requests=4,
         state=State.UNREACHABLE, why="redirect"),
    Mode(name="redirect to loopback", fault=Fault(kind="redirect", location="http://127.0.0.1:9/"),
         requests=2, state=State.UNREACHABLE, why="bad_address"),
    Mode(name="200 with a challenge", fault=Fault(kind="soft_challenge"), requests=2,
         state=State.BLOCKED, captures=1),
    Mode(name="200 with a login", fault=Fault(kind="login"), requests=2,
         state=State.LAYOUT_CHANGED, captures=1),
    Mode(name="200 with an empty list", fault=Fault(kind="empty"), requests=2, state=State.EMPTY,
         captures=1),
    Mode(name="yesterday's page", fault=Fault(kind="yesterday"), requests=WELL, state=State.OK,
         listed=True, captures=3),
    Mode(name="endless pages", site="avito_ma", fault=Fault(kind="endless"), requests=7,
         state=State.TRUNCATED, listed=True, captures=6),
    Mode(name="wrong charset", fault=Fault(kind="charset"), requests=WELL, state=State.OK,
         listed=True, captures=3),
    Mode(name="gzip bomb", fault=Fault(kind="bomb"), requests=2, state=State.UNREACHABLE,
         why="too_large"),
    Mode(name="brotli bomb", fault=Fault(kind="bomb", coding="br"), requests=2,
         state=State.UNREACHABLE, why="too_large"),
    Mode(name="bomb inside a redirect", fault=Fault(kind="redirect_bomb"), requests=2,
         state=State.UNREACHABLE, why="too_large"),
    Mode(name="5 GB body", fault=Fault(kind="huge", seconds=9), requests=2,
         state=State.UNREACHABLE, why="too_large"),
    Mode(name="robots.txt 5xx", fault=Fault(kind="robots_status", status=503), requests=4,
         state=State.BLOCKED, why="robots"),
    Mode(name="robots.txt disallows", fault=Fault(kind="robots"), requests=1, state=State.BLOCKED,
         why="robots"),
)  # fmt: skip


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name)
def test_a_mode_has_its_figures(outpost: Outpost, mode: Mode, tmp_path: Path) -> None:
    """Requests, retries, state, reason and what is stored are as the table says."""
    named = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
    with contextlib.ExitStack() as places:
        changed: dict[str, Any] = {"timeout_seconds": 0.4}
        if mode.elsewhere is not None:
            origin = places.enter_context(mode.elsewhere(tmp_path))
            changed["rewrite"] = {ORIGIN: origin}
            changed["allow_hosts"] = frozenset({origin.partition("//")[2]})
        elif mode.fault is not None and mode.fault.retry_after == SOON:
            late = format_datetime(named, usegmt=True)
            outpost.stage.fail(SITE, status(429, late, after=1, times=1))
        else:
            outpost.stage.fail(mode.site, mode.fault)
        query = ONE if mode.site == SITE else Query(name="all")
        (report,) = outpost.collect(outpost.job(mode.site, query), **changed)

    rows = outpost.agenda.asked(EVER)
    made = [row for row in rows if row.made]
    assert (report.state, len(made), len(outpost.captures())) == (
        mode.state, mode.requests, mode.captures,
    )  # fmt: skip
    assert [failure.why for failure in outpost.failures()] == ([mode.why] if mode.why else [])
    assert bool(outpost.listed(mode.site)) == mode.listed
    failed = Counter(row.url for row in made if row.status is None or row.status >= 400)
    assert max(failed.values(), default=0) <= 4
    for before, after in pairwise(made):
        assert before.next_at is not None
        assert after.at >= before.next_at
    if mode.fault is not None and mode.fault.retry_after == SOON:
        times = [one.at for one in outpost.stage.asked(SITE)]
        assert times[-2] >= named
    if mode.elsewhere is None:
        assert len(outpost.stage.asked(mode.site)) == len(made)
    if report.state not in (State.OK, State.EMPTY):
        assert report.scan is Scan.CUT


def test_the_table_is_whole() -> None:
    """At least 24 modes, each once."""
    assert len({mode.name for mode in MODES}) == len(MODES) >= 24


def test_three_that_misbehave_hold_nobody_up(outpost: Outpost) -> None:
    """Beside a site that hangs, one that trickles and one that fails, a healthy one is complete
    while they are still being waited for."""
    outpost.stage.fail("marocannonces", Fault(kind="stall", seconds=30))
    outpost.stage.fail("wttj", Fault(kind="trickle", seconds=1))
    outpost.stage.fail("talent", status(503))
    finished: list[str] = []
    stop = threading.Event()

    def told(news: Any) -> None:
        if news.done:
            finished.append(news.source)
        if {"france_travail", "avito_ma"} <= set(finished):
            stop.set()

    from vigie.collect.run import collect

    names = ("marocannonces", "wttj", "talent", "france_travail", "avito_ma")
    reports = collect(
        [outpost.job(name, Query(name="all")) for name in names], outpost.spool, outpost.agenda,
        outpost.options(timeout_seconds=25.0), on_progress=told, stop=stop,
    )  # fmt: skip

    well = {report.source: report for report in reports if report.source in names[3:]}
    assert {report.scan for report in well.values()} == {Scan.COMPLETE}
    assert "marocannonces" not in finished[: finished.index("avito_ma")]
    assert outpost.listed("france_travail") == {job.id for job in outpost.stage.world.jobs}
