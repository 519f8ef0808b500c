"""Listening to a stream: pieces in the spool, nothing lost at a break, what was missed is told."""

import json
import re
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from vigie import sources
from vigie.collect.dial import dial, place_of
from vigie.collect.job import Job, Options, Report
from vigie.collect.places import place_name
from vigie.collect.stream import listen
from vigie.collect.streaming import Until
from vigie.collect.unanswered import Unanswered
from vigie.demo.jetstream import BETWEEN, JetstreamServer, events_of
from vigie.demo.world import World
from vigie.errors import ConfigError, SpoolError
from vigie.model.capture import Capture, Entry, Failure, Query, RunEnd, Scan
from vigie.model.fates import State
from vigie.spool.files import FileSpool

pytest.importorskip("websockets", reason="needs websockets: ./vigie extras")

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
QUERIES = (
    Query(name="Macron", words="Macron"), Query(name="Le Pen", words="le pen"),
    Query(name="Mélenchon", words="melenchon"),
)  # fmt: skip


class Memory:
    """Where to go on, by source and name of a place."""

    def __init__(self, place: str | None = None) -> None:
        self.places: dict[tuple[str, str], str | None] = {}
        if place:
            self.places["bluesky", place_name("w", QUERIES[0])] = place

    def resume(self, source: str, query: str) -> str | None:
        return self.places.get((source, query))

    def stop_at(self, source: str, query: str, place: str | None) -> None:
        self.places[source, query] = place


@pytest.fixture(scope="module")
def world() -> World:
    return World(7, NOW, job_count=1, ad_count=1)


@pytest.fixture(scope="module")
def messages(world: World) -> list[bytes]:
    return events_of(world.posts, world.posts[:3], NOW)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[FileSpool]:
    opened = FileSpool(tmp_path / "spool")
    yield opened
    opened.close()


def job(name: str = "bluesky", **settings: Any) -> Job:
    source = sources.find_all()[name](**settings)
    return Job(name=name, source=source, watch="w", queries=QUERIES)


def hear(
    server: JetstreamServer, spool: FileSpool, memory: Memory, until: Until, **settings: Any
) -> list[Report]:
    options = Options(
        user_agent="Vigie/test", backoff_seconds=0.05, timeout_seconds=5.0,
        allow_hosts=server.allow_hosts, rewrite=server.rewrite,
    )  # fmt: skip
    return listen(job(author_secret=b"s", **settings), spool, memory, options, until=until)


def entries(spool: FileSpool) -> list[Entry]:
    return [entry for _, batch in FileSpool(spool.folder).read("t", {}) for entry in batch]


def listed(spool: FileSpool, query: str) -> list[str]:
    source = sources.make("bluesky")
    pages = [one for one in entries(spool) if isinstance(one, Capture) and one.query == query]
    return [source.read(item, page).native_id for page in pages for item in source.items(page)]


def wanted(messages: list[bytes], word: str) -> int:
    texts = (json.loads(one)["commit"].get("record", {}).get("text", "") for one in messages)
    return sum(re.search(rf"\b{word}\b|#{word}\b", text) is not None for text in texts)


def kept(messages: list[bytes]) -> int:
    names = job().source.keep  # type: ignore[attr-defined]  # the stream's own
    return sum(bool(names(one, QUERIES)) for one in messages)


def test_posts_of_the_topics_are_spooled(spool: FileSpool, messages: list[bytes]) -> None:
    """Every post with a topic's words is in a capture of that topic, deletions in one of their
    own; what passed by is counted; no author is in any byte; the end says where to go on."""
    with JetstreamServer(messages) as server:
        memory = Memory()
        reports = hear(server, spool, memory, Until(messages=kept(messages)))

    assert len(listed(spool, "Macron")) == wanted(messages, "Macron") > 20
    assert len(listed(spool, "Mélenchon")) == wanted(messages, "Mélenchon") > 20
    pages = [one for one in entries(spool) if isinstance(one, Capture)]
    assert not any(re.search(rb"did:plc|compte[-_]\d", page.body) for page in pages)
    assert all(int(page.note["passed_by"]) > 100 for page in pages)
    (gone,) = (page for page in pages if page.query == "")
    assert len(job().source.removed(gone).native_ids) == 3  # type: ignore[attr-defined]  # its own
    ends = [one for one in entries(spool) if isinstance(one, RunEnd)]
    assert {end.query for end in ends} == {"Macron", "Le Pen", "Mélenchon", ""}
    assert {end.scan for end in ends} == {Scan.NEWEST}
    assert {end.resume for end in ends} == {str(json.loads(messages[-1])["time_us"])}
    assert sum(end.pages for end in ends) == len(pages)
    assert set(memory.places.values()) == {ends[0].resume}
    assert {report.state for report in reports} == {State.OK}


def test_a_post_has_one_identity_in_search_and_stream(world: World, messages: list[bytes]) -> None:
    """What the search shows and what the stream tells of one post is one listing."""
    from vigie.demo.contents import Contents
    from vigie.demo.site import Ask
    from vigie.demo.sites.bluesky import PATH, BlueskySite

    source = sources.make("bluesky")
    ask = Ask("GET", PATH, {"q": "macron", "limit": "100"}, {})
    answer = BlueskySite().answer(ask, Contents.of(world)).body
    found = []
    for body in (answer, b"\n".join(one for one in messages if b"Macron" in one)):
        page = source.scrub(Capture(id="c", at=NOW, source="bluesky", url="u", body=body, run="r"))
        found.append({source.read(item, page).native_id for item in source.items(page)})

    assert found[0] == found[1]


def test_a_break_loses_nothing(spool: FileSpool, messages: list[bytes]) -> None:
    """A connection that breaks is made anew from just before the last message."""
    with JetstreamServer(messages, break_after=150, breaks=2) as server:
        until = Until(messages=kept(messages) + 20, seconds=8)
        hear(server, spool, Memory(), until)

        assert len(server.asked) >= 3
        assert "cursor" not in server.asked[0]
        assert "cursor=" in server.asked[1]
    ids = listed(spool, "Macron")
    assert len(set(ids)) == wanted(messages, "Macron")
    failures = [one for one in entries(spool) if isinstance(one, Failure)]
    assert [failure.why for failure in failures] == ["cut_short"] * 2


def test_the_next_run_goes_on(spool: FileSpool, messages: list[bytes]) -> None:
    """The place in the agenda is asked from; only what came since, and a little before, is told."""
    half = json.loads(messages[len(messages) // 2])["time_us"]
    with JetstreamServer(messages) as server:
        hear(server, spool, Memory(str(half)), Until(seconds=1.5))

    overlap = timedelta(seconds=2) // BETWEEN
    rest = messages[len(messages) // 2 - overlap :]
    assert len(listed(spool, "Macron")) == wanted(rest, "Macron")
    ends = [one for one in entries(spool) if isinstance(one, RunEnd)]
    assert {end.reason for end in ends} == {""}


def test_a_place_is_its_watch_s_own(spool: FileSpool, messages: list[bytes]) -> None:
    """Places of another watch with the same queries, or of other words, are not gone on from."""
    middle = str(json.loads(messages[len(messages) // 2])["time_us"])
    memory = Memory()
    for name in (
        place_name("another", QUERIES[0]),
        place_name("w", Query(name="Macron", words="Brigitte")),
        "Macron",
    ):
        memory.places["bluesky", name] = middle
    with JetstreamServer(messages) as server:
        hear(server, spool, memory, Until(messages=kept(messages)))

        assert "cursor" not in server.asked[0]
    assert len(listed(spool, "Macron")) == wanted(messages, "Macron")
    assert list(memory.places.values()).count(middle) == 3


def test_a_fault_is_told_and_the_run_is_cut(spool: FileSpool, messages: list[bytes]) -> None:
    """A source that fails at a message ends the listening; the run does not look as if it had
    heard everything, and what was heard before is kept."""
    source = sources.make("bluesky")
    before = 150

    class Failing(type(source)):  # type: ignore[misc]  # whichever class the source has
        heard: ClassVar[list[bytes]] = []

        def keep(self, message: bytes, queries: Sequence[Query]) -> Sequence[str]:
            self.heard.append(message)
            if len(self.heard) > before:
                raise ValueError("not as I know it")
            kept: Sequence[str] = super().keep(message, queries)
            return kept

    broken = Job(name="bluesky", source=Failing(), watch="w", queries=QUERIES)
    with JetstreamServer(messages) as server:
        options = Options(allow_hosts=server.allow_hosts, rewrite=server.rewrite)
        with pytest.raises(ValueError, match="not as I know it"):
            listen(broken, spool, Memory(), options, until=Until(seconds=5))

    ends = [one for one in entries(spool) if isinstance(one, RunEnd)]
    assert {end.scan for end in ends} == {Scan.CUT}
    assert {end.reason for end in ends} == {"ValueError: not as I know it"}
    assert len(listed(spool, "Macron")) == wanted(Failing.heard[:before], "Macron") > 0


def test_a_full_disk_is_no_break(spool: FileSpool, messages: list[bytes]) -> None:
    """What cannot be spooled ends the listening, as an error of the spool and not of the
    connection, and the place stays before it."""

    class FullDisk(FileSpool):
        def append(self, entries: Iterable[Entry]) -> None:
            held = list(entries)
            if any(isinstance(one, Capture) for one in held):
                raise OSError(28, "No space left on device")
            super().append(held)

    memory, full = Memory(), FullDisk(spool.folder)
    with JetstreamServer(messages) as server:
        with pytest.raises(SpoolError, match="No space left"):
            hear(server, full, memory, Until(messages=kept(messages), seconds=8))

        assert len(server.asked) == 1
    full.close()
    assert memory.places == {}
    assert {end.scan for end in entries(spool) if isinstance(end, RunEnd)} == {Scan.CUT}
    assert not any(isinstance(one, Failure) for one in entries(spool))


def test_what_the_stream_forgot_is_told(spool: FileSpool, messages: list[bytes]) -> None:
    """A place older than the stream looks back is moved up in silence; the run says what is
    missing and is cut."""
    old = json.loads(messages[0])["time_us"] - 3_600_000_000
    with JetstreamServer(messages) as server:
        reports = hear(server, spool, Memory(str(old)), Until(seconds=1.5))

    ends = [one for one in entries(spool) if isinstance(one, RunEnd)]
    assert all(re.fullmatch(r"missed 2026-\S+ to 2026-\S+", end.reason) for end in ends)
    assert {end.scan for end in ends} == {Scan.CUT}
    assert {report.state for report in reports} == {State.TRUNCATED}


def test_a_stream_that_is_away_is_told(spool: FileSpool, messages: list[bytes]) -> None:
    """Nobody listens there: failures in the spool, the run is cut, the source unreachable."""
    server = JetstreamServer(messages)
    server.close()

    reports = hear(server, spool, Memory(), Until(failures=3))

    failures = [one for one in entries(spool) if isinstance(one, Failure)]
    assert [one.why for one in failures] == ["refused"] * 3
    assert {report.state for report in reports} == {State.UNREACHABLE}
    ends = [one for one in entries(spool) if isinstance(one, RunEnd)]
    assert sum(end.failures for end in ends) == 3


def test_it_stops_when_told(spool: FileSpool, messages: list[bytes]) -> None:
    """A stop from another thread ends it within a moment, its ends spooled."""
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    with JetstreamServer(messages) as server:
        began = time.monotonic()
        hear(server, spool, Memory(), Until(stop=stop))

    assert time.monotonic() - began < 5
    assert any(isinstance(one, RunEnd) for one in entries(spool))


def test_runs_follow_each_other(spool: FileSpool, messages: list[bytes]) -> None:
    """A long listening is cut into runs that each balance."""
    with JetstreamServer(messages) as server:
        options = Options(allow_hosts=server.allow_hosts, rewrite=server.rewrite)
        listen(
            job(), spool, Memory(), options, until=Until(seconds=1.0), run_seconds=0.3,
            piece_seconds=0.1,
        )  # fmt: skip

    ends = [one for one in entries(spool) if isinstance(one, RunEnd)]
    runs = {end.run for end in ends}
    assert len(runs) >= 2
    for run in runs:
        pages = [one for one in entries(spool) if isinstance(one, Capture) and one.run == run]
        assert sum(end.pages for end in ends if end.run == run) == len(pages)


def test_a_private_address_is_never_connected_to() -> None:
    """A name that leads to loopback or the private network is refused before connecting."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        for host in ("127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254"):
            with pytest.raises(Unanswered, match="bad_address"):
                dial(host, port, frozenset(), 1)
        dial("127.0.0.1", port, frozenset({f"127.0.0.1:{port}"}), 1).close()
        for url in ("https://a.tld", "wss://u:p@a.tld/", "wss://", "ws://a:b/"):
            with pytest.raises(Unanswered, match="bad_address"):
                place_of(url)


def test_a_source_without_a_stream_says_so(spool: FileSpool) -> None:
    """Only a source of a stream can be listened to, and not through a proxy."""
    with pytest.raises(ConfigError, match="no stream"):
        listen(job("mastodon"), spool, Memory(), Options(), until=Until())
    with pytest.raises(ConfigError, match="proxy"):
        listen(job(), spool, Memory(), Options(proxy="http://p.tld"), until=Until())
