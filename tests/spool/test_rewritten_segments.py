"""Segments that are written anew while others read, erase or damage them: nothing is lost."""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.spool.spools import capture, everything
from vigie.model.capture import Capture
from vigie.model.position import Slice
from vigie.spool import files, index, places, rewriting, segment, upkeep
from vigie.spool.files import FileSpool


def page(number: int) -> Capture:
    """A capture that takes some bytes, packed too."""
    return capture(number, body=Random(number).randbytes(3_000))


def filled(folder: Path, count: int) -> Path:
    """One sealed segment of *count* captures."""
    spool = FileSpool(folder)
    spool.append(page(n) for n in range(count))
    spool.close()
    (path,) = folder.rglob("*.warc.gz")
    return path


def ids(found: list[Any]) -> list[str]:
    return [one.id for one in found]


def test_a_reader_that_goes_on_loses_nothing_to_an_erasure(tmp_path: Path) -> None:
    """It has read half of a segment when another process erases in it: bytes move, entries do not.
    Another inode of the same number and size would be no sign of it."""
    writer, reader = FileSpool(tmp_path), FileSpool(tmp_path)
    writer.append(page(n) for n in range(3))
    done = {span.partition: span.end for span, _ in reader.read("c", {})}
    writer.append(page(n) for n in range(3, 6))
    writer.close()

    assert FileSpool(tmp_path).erase(["c0"]) == 1

    assert ids(everything(reader, done)) == ["c3", "c4", "c5"]


def test_a_reader_that_goes_on_does_not_begin_anew(tmp_path: Path) -> None:
    """As long as nobody has written the segment anew, it looks only at what is new."""
    writer, reader = FileSpool(tmp_path), FileSpool(tmp_path)
    writer.append(page(n) for n in range(3))
    done = {span.partition: span.end for span, _ in reader.read("c", {})}
    (path,) = tmp_path.rglob("*.open")
    first = next(segment.members(path))
    hurt = bytearray(path.read_bytes())
    hurt[first.offset + 20] ^= 1
    path.write_bytes(hurt)
    writer.append([page(3)])
    (reached,) = reader._reached.values()

    assert (reached.ordinal, reached.offset) == (3, len(hurt))
    assert ids(everything(reader, done)) == ["c3"]
    writer.close()


def test_slices_cut_before_an_erasure_are_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spark cuts them in one process and reads them in others, minutes later."""
    monkeypatch.setattr(files, "SLICE_ENTRIES", 3)
    filled(tmp_path, 9)
    parts = list(FileSpool(tmp_path).slices({}))
    assert [(one.start, one.end, bool(one.place)) for one in parts] == [
        (0, 3, True), (3, 6, True), (6, 9, True),
    ]  # fmt: skip
    assert all(0 <= one.place < 1 << 63 for one in parts)  # a long of Spark

    FileSpool(tmp_path).erase(["c1"])

    told = [
        (span.start, span.end, ids(batch))
        for one in parts
        for span, batch in FileSpool(tmp_path).read_slice("c", one)
    ]
    assert told == [
        (0, 3, ["c0", "c2"]), (3, 6, ["c3", "c4", "c5"]), (6, 9, ["c6", "c7", "c8"]),
    ]  # fmt: skip


def test_a_slice_is_read_from_its_place(tmp_path: Path) -> None:
    """What is before it is not even looked at while the segment is as it was."""
    path = filled(tmp_path, 6)
    told = index.read_index(path)
    hurt = bytearray(path.read_bytes())
    hurt[told.lines[1].offset + 20] ^= 1
    path.write_bytes(hurt)
    place = places.place_of(told.writing, told.lines[3].offset)
    part = Slice(segment.partition_of(path), 3, 6, place)
    reader = FileSpool(tmp_path)
    ((span, batch),) = reader.read_slice("c", part)
    assert (span.start, span.end, ids(batch)) == (3, 6, ["c3", "c4", "c5"])


def test_what_an_index_of_before_says_is_searched_for(tmp_path: Path) -> None:
    """A long `select` looks into the index once; an erasure in between costs it nothing."""
    filled(tmp_path, 6)
    ways = page(0).at - timedelta(days=1), page(0).at + timedelta(days=1)
    chosen = FileSpool(tmp_path).select(None, *ways)
    assert next(chosen) == page(0)
    FileSpool(tmp_path).erase(["c1", "c2"])
    assert ids(list(chosen)) == ["c3", "c4", "c5"]


ERASE = """\
import sys, time
from pathlib import Path
from vigie.spool.files import FileSpool
folder, go, ready, *ids = sys.argv[1:]
spool = FileSpool(Path(folder))
Path(ready).touch()
while not Path(go).exists():
    time.sleep(0.001)
print(spool.erase(ids))
"""


def test_processes_that_erase_at_once_bring_nothing_back(tmp_path: Path) -> None:
    """Each erases some captures of one segment; all of them are gone, the others are there."""
    folder, go = tmp_path / "spool", tmp_path / "go"
    filled(folder, 150)
    wanted = [[f"c{n}" for n in range(k, 150, 10)] for k in range(3)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", ERASE, str(folder), str(go), str(tmp_path / f"{k}"), *mine],
            stdout=subprocess.PIPE, env=environment,
        )
        for k, mine in enumerate(wanted)
    ]  # fmt: skip
    until = time.monotonic() + 60
    while not all((tmp_path / f"{k}").exists() for k in range(3)) and time.monotonic() < until:
        time.sleep(0.01)
    go.touch()

    told = [json.loads(one.communicate(timeout=60)[0]) for one in running]

    assert told == [15, 15, 15]
    left = [f"c{n}" for n in range(150) if n % 10 > 2]
    assert ids(everything(FileSpool(folder))) == left
    assert [line.id for line in index.read_index(next(folder.rglob("*.gz"))).lines] == left


def test_an_erasure_that_fails_leaves_no_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one that was killed, the next `recover` removes what it left, unless it is alive."""
    filled(tmp_path, 3)
    with monkeypatch.context() as broken:
        broken.setattr(rewriting, "pack", cut_off)
        with pytest.raises(KeyboardInterrupt):
            FileSpool(tmp_path).erase(["c1"])
    assert not list(tmp_path.rglob("*.rewrite"))

    left = next(tmp_path.rglob("*.warc.gz")).with_suffix(".gz.0a1b2c3d.rewrite")
    left.write_bytes(b"half")
    with rewriting.alone(tmp_path):
        FileSpool(tmp_path).recover()
        assert left.exists()
    FileSpool(tmp_path).recover()
    assert not left.exists()
    assert ids(everything(FileSpool(tmp_path))) == ["c0", "c1", "c2"]


def cut_off(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_flipped_bit_costs_its_record_alone(tmp_path: Path) -> None:
    """Wherever it is, in a file so small that a broken record seems to go on beyond its end."""
    spool = FileSpool(tmp_path)
    spool.append(capture(n) for n in range(4))
    spool.close()
    (path,) = tmp_path.rglob("*.warc.gz")
    whole, known = path.read_bytes(), list(segment.members(path))
    hurt = path.with_name("hurt.warc.gz")
    told = 0
    for at in range(known[0].offset, len(whole)):
        flipped = bytearray(whole)
        flipped[at] ^= 4
        hurt.write_bytes(flipped)
        found = list(segment.members(hurt))
        (mine,) = (one.ordinal for one in known if one.offset <= at < one.offset + one.length)
        assert [one.ordinal for one in found] == [0, 1, 2, 3]
        good = [one.entry for one in found if one.ordinal != mine]
        assert good == [one.entry for one in known if one.ordinal != mine]
        damaged = () if found[mine].entry == known[mine].entry else (mine,)
        verdict = upkeep.verify(hurt)
        assert (verdict.damaged, verdict.torn_bytes, verdict.entries) == (damaged, 0, 4)
        told += len(damaged)
    assert told > 1_000


def test_a_damaged_head_moves_no_ordinal(tmp_path: Path) -> None:
    """The segment's first record holds no entry: it is told as damaged, the entries stay."""
    path = filled(tmp_path, 3)
    whole, first = path.read_bytes(), next(segment.members(path))
    for at in (1, first.offset // 2, first.offset - 3):
        hurt = bytearray(whole)
        hurt[at] ^= 4
        path.write_bytes(hurt)
        assert [one.ordinal for one in segment.members(path)] == [0, 1, 2]
        assert upkeep.verify(path).damaged == (-1,)
        assert ids(everything(FileSpool(tmp_path))) == ["c0", "c1", "c2"]


def test_a_dead_writers_good_entries_behind_a_damaged_one_stay(tmp_path: Path) -> None:
    """What is cut off is the torn tail, not what follows a flipped bit."""
    dead = FileSpool(tmp_path)
    dead.append(capture(n) for n in range(4))
    (path,) = tmp_path.rglob("*.open")
    _, second, _, last = segment.members(path)
    dead._writers.pop("site").close()  # as a kill does: the lock is gone
    for bit in (2, 3, 4):  # as if an extra field, a name or a comment followed
        hurt = bytearray(path.read_bytes())
        hurt[second.offset + 3] ^= 1 << bit
        copy = tmp_path / f"{bit}" / path.parent.name / path.name
        copy.parent.mkdir(parents=True)
        copy.write_bytes(hurt + hurt[last.offset : -7])
        assert FileSpool(copy.parents[1]).recover() == 1
        verdict = upkeep.verify(copy.with_name(copy.name.removesuffix(".open")))
        assert (verdict.entries, verdict.captures, verdict.torn_bytes) == (4, 3, 0)


def test_a_dead_writer_that_had_written_nothing_leaves_nothing_damaged(tmp_path: Path) -> None:
    """Killed in its first append: nothing was acknowledged, so nothing is missed."""
    dead = FileSpool(tmp_path)
    dead.append([capture(1)])
    (path,) = tmp_path.rglob("*.open")
    torn = path.read_bytes()[:-7]
    dead._writers.pop("site").close()
    path.write_bytes(torn)
    assert FileSpool(tmp_path).recover() == 1
    (verdict,) = [upkeep.verify(one) for one in FileSpool(tmp_path).segments()]
    assert (verdict.entries, verdict.damaged, verdict.torn_bytes) == (0, (), 0)


def test_a_page_that_holds_web_archives_is_one_entry(tmp_path: Path) -> None:
    """What is torn is not read on inside of a page that happens to be a WARC file itself."""
    inner = segment._compress(
        b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
    )
    spool = FileSpool(tmp_path)
    around = Random(1).randbytes(40_000)  # which cannot be packed: it lies there as it is
    spool.append([capture(1), capture(2, body=around + inner + around)])
    (path,) = tmp_path.rglob("*.open")
    assert inner in path.read_bytes()
    path.write_bytes(path.read_bytes()[:-9])
    spool._writers.pop("site").close()
    assert ids([one.entry for one in segment.members(path)]) == ["c1"]


def test_erasing_renews_no_retention(tmp_path: Path) -> None:
    """A segment's age is that of its newest capture, not that of its file."""
    then, now = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
    spool = FileSpool(tmp_path, now=lambda: then)
    spool.append([capture(n, at=then + timedelta(days=n)) for n in range(3)])
    spool.close()
    spool.erase(["c0"])
    (told,) = upkeep.list_segments(spool)
    assert told.modified_at == then + timedelta(days=2)
    ways: dict[str, Any] = {"now": now, "keep_bytes": None, "processed": {told.partition: 3}}
    assert upkeep.prune(spool, keep_days=91, **ways) == []
    assert upkeep.prune(spool, keep_days=89, **ways) == [told]


def test_captures_of_years_ago_are_as_old_as_their_import(tmp_path: Path) -> None:
    """What was imported today is kept from today on."""
    today = datetime.now(UTC)
    spool = FileSpool(tmp_path, now=lambda: today)
    spool.append([capture(1, at=datetime(2022, 4, 1, tzinfo=UTC), status=None)])
    spool.close()
    (told,) = upkeep.list_segments(spool)
    assert abs(told.modified_at - today) < timedelta(seconds=1)
