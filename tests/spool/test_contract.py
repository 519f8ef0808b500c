"""What every spool promises, whatever it is made of: one suite, all implementations."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.spool import spools
from tests.spool.spools import AT, Open, capture, everything
from vigie.contracts import Spool
from vigie.model.capture import Capture, Entry, Failure, RunEnd, Scan

SPOOLS = [
    pytest.param("files", id="files"),
    pytest.param("kafka", id="kafka", marks=pytest.mark.service),
    pytest.param("waiting", id="kafka with a waiting room", marks=pytest.mark.service),
    pytest.param("objects", id="bucket", marks=pytest.mark.service),
]


@pytest.fixture(params=SPOOLS)
def open_spool(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Open the test's spool; each call is another process on the same spool."""
    make: Open = {
        "files": lambda: spools.files(tmp_path),
        "kafka": lambda: spools.kafka(tmp_path, request.getfixturevalue("kafka").url),
        "waiting": lambda: spools.waiting(tmp_path, request.getfixturevalue("kafka").url),
        "objects": lambda: spools.objects(tmp_path, request.getfixturevalue("s3").url),
    }[request.param]()
    opened: list[Any] = []

    def open_it(**options: Any) -> Spool:
        opened.append(make(**options))
        made: Spool = opened[-1]
        return made

    yield open_it
    for one in opened:
        one.close()


@pytest.fixture
def spool(open_spool: Open) -> Any:
    return open_spool()


def end(number: int, query: str = "", **more: Any) -> RunEnd:
    at = AT + timedelta(seconds=number)
    return RunEnd(at=at, source="site", run="r1", scan=Scan.COMPLETE, started_at=AT, query=query,
                  **more)  # fmt: skip


def test_entries_come_back_as_they_went_in(spool: Any) -> None:
    """Captures with and without status, failures and ends of runs, odd letters included."""
    entries: list[Entry] = [
        capture(1, request_body=b"\x00{}", method="POST", note={"k": "é\n\u2028", "n": "null"}),
        Capture(id="file", at=AT, source="site", url="file:a.csv", body=b"\xff\x00", run="r1",
                dated=False, headers=(("a", "b"), ("a", ""))),
        capture(2, body=b"", status=999, watch="7", headers=(), request_body=b""),
        Failure(at=AT, source="site", url="https://x", run="r1", why="dns", detail="no such name"),
        RunEnd(at=AT, source="site", run="r1", scan=Scan.CUT, started_at=AT, resume="null",
               pages=3, announced=0, reason="12", failures=1, misses=5),
        RunEnd(at=AT, source="site", run="r2", scan=Scan.NEWEST, started_at=AT, resume=""),
    ]  # fmt: skip
    spool.append(entries[:4])
    spool.append(entries[4:])
    spool.close()
    assert everything(spool) == entries


def test_what_is_appended_is_read_by_others(open_spool: Open) -> None:
    """A reader goes on where it stopped, and sees what was sealed since."""
    writer, reader = open_spool(), open_spool()
    writer.append([capture(1)])
    writer.close()
    ((span, first),) = [pair for pair in reader.read("c", {}) if pair[1]]
    assert first == [capture(1)]

    writer.append([capture(2)])
    writer.close()
    done = {span.partition: span.end}
    assert everything(reader, done) == [capture(2)]
    done |= {s.partition: s.end for s, _ in reader.read("c", done)}
    assert everything(reader, done) == []


@pytest.mark.parametrize("batch_entries", [1, 3, 64])
def test_spans_touch_from_the_stored_position(open_spool: Open, batch_entries: int) -> None:
    """Wherever a reader stands, its first span starts there, and no span leaves a gap."""
    spool = open_spool(batch_entries=batch_entries)
    spool.append(capture(n) for n in range(8))
    spool.close()
    whole = [(span.start, span.end) for span, _ in spool.read("c", {})]
    (name,) = {span.partition for span, _ in spool.read("c", {})}
    last = whole[-1][1]
    for position in range(last + 1):
        spans = [(span.start, span.end) for span, _ in spool.read("c", {name: position})]
        assert [start for start, _ in spans] == [position, *(e for _, e in spans)][: len(spans)]
        assert not spans or spans[-1][1] == last
        assert len(everything(spool, {name: position})) == 8 - position


def test_a_batch_ends_where_a_run_does(spool: Any) -> None:
    """A run is judged before the next one's pages are stored."""
    spool.append([capture(1), end(2), capture(3), capture(4), end(5), capture(6)])
    spool.close()
    ids = [[getattr(e, "id", "end") for e in batch] for _, batch in spool.read("c", {}) if batch]
    assert ids == [["c1", "end"], ["c3", "c4", "end"], ["c6"]]


def test_one_querys_entries_stay_in_order_and_together(open_spool: Open) -> None:
    """However many queries are interleaved, each is read in its order, its end last."""
    spool = open_spool()
    queries = [f"q{n}" for n in range(9)]
    for number in range(5):
        spool.append(capture(number * 10 + i, query=q) for i, q in enumerate(queries))
    spool.append(end(99, query=q) for q in queries)
    spool.close()
    found: dict[str, list[tuple[str, str]]] = {}
    for span, batch in spool.read("c", {}):
        for entry in batch:
            told = getattr(entry, "id", "end")
            found.setdefault(entry.query, []).append((span.partition, told))
    for i, query in enumerate(queries):
        assert [told for _, told in found[query]] == [*(f"c{n * 10 + i}" for n in range(5)), "end"]
        assert len({partition for partition, _ in found[query]}) == 1


def test_a_page_of_any_size_is_kept(open_spool: Open) -> None:
    """The largest body that may be kept, and one that cannot be packed."""
    import random

    rng = random.Random(1)  # a test's dice
    spool = open_spool()
    pages = [capture(1, body=rng.randbytes(10 * 1024 * 1024)), capture(2, body=b"x" * 3_000_000)]
    spool.append(pages)
    spool.close()
    assert everything(spool) == pages
    assert [spool.fetch("c1"), spool.fetch("c2")] == pages


def test_fetch_and_select(open_spool: Open) -> None:
    """A capture is found by its id and by its time, by its writer and by others."""
    spool = open_spool()
    spool.append(capture(n) for n in range(5))
    spool.append([capture(9, source="other", at=AT)])
    spool.close()
    for one in (spool, open_spool()):
        assert one.fetch("c3") == capture(3)
        assert one.fetch("nothing") is None
        span = AT + timedelta(seconds=1), AT + timedelta(seconds=3)
        assert list(one.select("site", *span)) == [capture(1), capture(2)]
        every = {c.id for c in one.select(None, AT, AT + timedelta(days=1))}
        assert every == {"c0", "c1", "c2", "c3", "c4", "c9"}
        assert list(one.select("nobody", *span)) == []


def test_erased_captures_are_gone_and_positions_stay(open_spool: Open) -> None:
    """An erased page is not found any more, by id, by time or by reading; those after it are."""
    spool = open_spool()
    spool.append([*(capture(n) for n in range(4)), end(5)])
    spool.append([capture(6, body=b"z" * 2_000_000)])
    spool.close()
    (partition,) = {span.partition for span, _ in spool.read("c", {}) if span.end}

    until, gone = time.monotonic() + 90, 0
    while gone < 2 and time.monotonic() < until:
        gone += spool.erase(["c1", "c6", "unknown"])
        time.sleep(0.2)

    assert gone == 2
    assert spool.erase(["c1", "c6"]) == 0
    for one in (spool, open_spool()):
        assert one.fetch("c1") is None
        assert one.fetch("c6") is None
        assert one.fetch("c2") == capture(2)
        assert everything(one) == [capture(0), capture(2), capture(3), end(5)]
        assert everything(one, {partition: 2}) == [capture(2), capture(3), end(5)]
        assert everything(one, {partition: 1}) == [capture(2), capture(3), end(5)]
        chosen = one.select("site", AT, AT + timedelta(seconds=9))
        assert list(chosen) == [capture(0), capture(2), capture(3)]
    spool.append([capture(7)])
    spool.close()
    assert everything(spool, {partition: 5})[-1] == capture(7)
    assert spool.recover() == 0
