"""What the spool promises: nothing acknowledged is lost, nothing torn is read, order is kept."""

import errno
import os
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastwarc.warc import ArchiveIterator

from vigie.errors import FromTheFuture, SpoolError
from vigie.model.capture import Capture, Entry, Failure, RunEnd, Scan
from vigie.spool import disk, record, segment, upkeep
from vigie.spool.beside import FolderBeside
from vigie.spool.files import FileSpool

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)


def capture(number: int, source: str = "site", **more: Any) -> Capture:
    return Capture(
        id=f"c{number}", at=AT + timedelta(seconds=number), source=source, run="r1",
        url=f"https://site.example/é?p={number}", status=200,
        body=f"page {number} é\r\n\r\n".encode(),
        headers=(("Content-Type", "text/html; charset=utf-8"), ("X-Odd", "é à")), **more,
    )  # fmt: skip


def everything(spool: FileSpool, after: dict[str, int] | None = None) -> list[Entry]:
    return [entry for _, batch in spool.read("c", after or {}) for entry in batch]


def only_file(folder: Path) -> Path:
    return next(path for path in folder.rglob("*.warc.gz*") if path.is_file())


OpenSpool = Callable[..., FileSpool]


@pytest.fixture
def open_spool() -> Iterator[OpenSpool]:
    opened: list[FileSpool] = []

    def make(folder: Path, **options: Any) -> FileSpool:
        opened.append(FileSpool(folder, **options))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.fixture
def spool(tmp_path: Path, open_spool: OpenSpool) -> FileSpool:
    return open_spool(tmp_path)


def test_entries_come_back_as_they_went_in(spool: FileSpool) -> None:
    """Captures with and without status, failures and ends of runs, odd letters included."""
    entries: list[Entry] = [
        capture(1, request_body=b"\x00{}", method="POST", note={"k": "é\n\u2028"}),
        Capture(id="file", at=AT, source="site", url="file:a.csv", body=b"\xff\x00", run="r1",
                dated=False, headers=(("a", "b"),)),
        Failure(at=AT, source="site", url="https://x", run="r1", why="dns", detail="no such name"),
        RunEnd(at=AT, source="site", run="r1", scan=Scan.CUT, started_at=AT, resume="p=2"),
    ]  # fmt: skip
    spool.append(entries)
    assert everything(spool) == entries
    spool.close()
    assert everything(spool) == entries


def test_readable_at_once_by_another_process(spool: FileSpool, tmp_path: Path) -> None:
    """An open segment is read before it is sealed, and goes on where it stopped."""
    reader = FileSpool(tmp_path)
    spool.append([capture(1)])
    ((span, first),) = reader.read("c", {})
    spool.append([capture(2)])
    assert first == [capture(1)]
    assert everything(reader, {span.partition: span.end}) == [capture(2)]
    spool.close()
    assert everything(reader, {span.partition: span.end}) == [capture(2)]
    assert everything(reader, {span.partition: 2}) == []


def test_batches_are_counted_by_ordinals(tmp_path: Path, open_spool: OpenSpool) -> None:
    """Spans touch without gaps, whatever the batch size."""
    spool = open_spool(tmp_path, batch_entries=3)
    spool.append(capture(n) for n in range(8))
    assert [(s.start, s.end, len(b)) for s, b in spool.read("c", {})] == [
        (0, 3, 3), (3, 6, 3), (6, 8, 2),
    ]  # fmt: skip


def test_each_source_rolls_its_own_segments(tmp_path: Path, open_spool: OpenSpool) -> None:
    spool = open_spool(tmp_path, roll_bytes=2_000)
    for number in range(40):
        spool.append([capture(number, source="ab"[number % 2])])
    spool.close()
    found = everything(spool)
    assert len(upkeep.list_segments(spool)) > 4
    for source in "ab":
        mine = [e.id for e in found if isinstance(e, Capture) and e.source == source]
        assert mine == [f"c{n}" for n in range(40) if "ab"[n % 2] == source]


def test_cut_at_every_byte(spool: FileSpool, tmp_path: Path) -> None:
    """Wherever a kill cuts the file, the whole records are read and nothing else."""
    spool.append(capture(n) for n in range(3))
    path = only_file(tmp_path)
    whole = path.read_bytes()
    ends = [m.offset + m.length for m in segment.members(path)]
    copy = tmp_path / "other" / path.name
    copy.parent.mkdir()
    for cut in range(len(whole)):
        copy.write_bytes(whole[:cut])
        assert len(list(segment.members(copy))) == sum(end <= cut for end in ends)


def test_a_dead_writers_segment_is_sealed_without_its_torn_tail(
    tmp_path: Path, open_spool: OpenSpool
) -> None:
    """What a killed process left is cut to whole records and sealed; live writers are left."""
    dead = open_spool(tmp_path)
    dead.append([capture(1), capture(2)])
    path = only_file(tmp_path)
    torn = path.read_bytes()[:-7]
    dead._writers.pop("site").close()  # as a kill does: the lock is gone
    path.write_bytes(torn)
    live = open_spool(tmp_path)
    live.append([capture(3)])

    assert FileSpool(tmp_path).recover() == 1
    assert everything(live) == [capture(1), capture(3)]
    assert upkeep.verify(only_file(tmp_path)).torn_bytes == 0


def test_every_flipped_bit_is_found(spool: FileSpool, tmp_path: Path) -> None:
    """A damaged record costs itself: it is told, and the others are read."""
    spool.append(capture(n) for n in range(4))
    spool.close()
    path = only_file(tmp_path)
    whole = bytearray(path.read_bytes())
    members = list(segment.members(path))
    rng = random.Random(1)  # a test's dice
    found = 0
    for _ in range(60):
        hurt = rng.choice(members)
        place = hurt.offset + rng.randrange(hurt.length)
        flipped = bytearray(whole)
        flipped[place] ^= 1 << rng.randrange(8)
        path.write_bytes(flipped)
        left = [m.entry for m in segment.members(path) if m.entry is not None]
        if left == [m.entry for m in members]:
            continue  # a flag of the gzip header that means nothing
        good = [m.entry for m in members if m is not hurt]
        assert left == good if hurt is not members[-1] else left[:3] == good
        verdict = upkeep.verify(path)
        assert verdict.damaged == (hurt.ordinal,) or verdict.torn_bytes
        found += 1
    assert found > 50
    path.write_bytes(whole)


@pytest.mark.parametrize("call", ["write", "fsync"])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_full_disk_keeps_what_was_acknowledged(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    call: str,
    number: int,
    open_spool: OpenSpool,
) -> None:
    """The N-th write or fsync fails: that append raises, all before it stays, the next works."""
    spool = open_spool(tmp_path)
    spool.append([capture(0)])
    count = 0

    def fails(real: Any) -> Any:
        def call_it(*given: Any) -> Any:
            nonlocal count
            count += 1
            if count == number:
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(*given)

        return call_it

    if call == "fsync":
        monkeypatch.setattr(os, "fsync", fails(os.fsync))
    else:
        monkeypatch.setattr(segment, "_write_all", fails(segment._write_all))
    kept, told = [capture(0)], list[str]()
    for n in range(1, 6):
        try:
            spool.append([capture(n)])
            kept.append(capture(n))
        except SpoolError as error:
            told.append(str(error))
    assert len(kept) == 5
    assert ["free some space" in text for text in told] == [True]
    assert everything(spool) == kept


def test_new_folders_are_durable_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A power cut takes the name of a new folder unless the one above it is synced."""
    synced = list[Path]()
    real = disk.sync_folder

    def told(folder: Path) -> None:
        synced.append(folder)
        real(folder)

    monkeypatch.setattr(disk, "sync_folder", told)
    spool = FileSpool(tmp_path / "data" / "spool")
    spool.append([capture(1)])
    spool.close()
    assert {tmp_path, tmp_path / "data", tmp_path / "data" / "spool"} <= set(synced)
    FolderBeside(tmp_path / "beside").put("c1", b"x")
    assert {tmp_path, tmp_path / "beside"} <= set(synced[-2:])


def test_other_programs_read_it(spool: FileSpool, tmp_path: Path) -> None:
    """The files are WARC: an independent reader finds the pages, addresses and statuses."""
    spool.append([capture(1), capture(2)])
    spool.close()
    found = [
        (str(r.headers["WARC-Target-URI"]), r.http_headers.status_code, r.reader.read())
        for r in ArchiveIterator(str(only_file(tmp_path)))
        if r.http_headers is not None
    ]
    assert found == [(c.url, 200, c.body) for c in (capture(1), capture(2))]


def test_fetch_and_select(spool: FileSpool) -> None:
    """A capture is found by its id and by its time, open or sealed."""
    spool.append(capture(n) for n in range(5))
    for _ in range(2):
        assert spool.fetch("c3") == capture(3)
        assert spool.fetch("nothing") is None
        chosen = spool.select("site", AT + timedelta(seconds=1), AT + timedelta(seconds=3))
        assert list(chosen) == [capture(1), capture(2)]
        spool.close()


def test_erasing_leaves_stubs_at_the_same_ordinals(spool: FileSpool, tmp_path: Path) -> None:
    """An erased page is gone from the bytes; positions after it stay right."""
    spool.append(capture(n) for n in range(4))
    assert spool.erase(["c1", "unknown"]) == 1
    assert everything(spool) == [capture(0), capture(2), capture(3)]
    ((partition, *_),) = [(s.partition,) for s, _ in spool.read("c", {})]
    assert everything(spool, {partition: 2}) == [capture(2), capture(3)]
    path = only_file(tmp_path)
    texts = b"".join(record.encode(m.entry) for m in segment.members(path) if m.entry)
    assert b"page 1 " not in texts


def test_pruning_keeps_what_is_not_processed(tmp_path: Path, open_spool: OpenSpool) -> None:
    """Old and surplus segments go, whole, oldest first; unprocessed ones never."""
    spool = open_spool(tmp_path)
    for n in range(3):
        spool.append([capture(n)])
        spool.close()
    names = [s.partition for s in upkeep.list_segments(spool)]
    later = datetime.now(UTC) + timedelta(days=10)
    done = dict.fromkeys(names[:2], 1)

    gone = upkeep.prune(spool, now=later, keep_days=5, keep_bytes=None, processed=done)

    assert [s.partition for s in gone] == names[:2]
    assert everything(spool) == [capture(2)]


def test_a_spool_from_the_future_is_refused(
    spool: FileSpool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "SPOOL_VERSION", 99)
    spool.append([capture(1)])
    spool._writers.pop("site").close()
    monkeypatch.undo()
    with pytest.raises(FromTheFuture, match="newer Vigie"):
        everything(spool)
