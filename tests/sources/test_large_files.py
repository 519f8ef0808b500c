"""Large files pass in constant memory; a record too large to keep is told, not lost in silence."""

import io
import json
import tracemalloc

import pytest

from vigie.model.capture import CHUNK_LIMIT_BYTES
from vigie.sources.files import split
from vigie.sources.files.rows import Row, rows_of

HEADER = b"id,title,text,phone\n"


def rows(body: bytes) -> list[Row]:
    chunks = split(io.BytesIO(body), "file")
    return [row for chunk in chunks for row in rows_of(chunk.body, chunk.note)]


class Generated(io.RawIOBase):
    """A CSV that is made while it is read."""

    def __init__(self, records: int) -> None:
        self.left, self.number, self.records = b"id,title,text,phone\n", 0, records

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while len(self.left) < size and self.number < self.records:
            self.number += 1
            self.left += b'%d,title,"a long text,\nof two lines %s",\n' % (self.number, b"x" * 2900)
        block, self.left = self.left[:size], self.left[size:]
        return block


def test_a_large_file_takes_constant_memory() -> None:
    """60 MB pass in chunks of at most 8 MiB, and the memory taken is a few chunks'."""
    records = 20_000
    tracemalloc.start()
    found, largest = 0, 0
    for chunk in split(Generated(records), "large.csv"):  # type: ignore[arg-type]  # reads bytes
        assert int(chunk.note["first"]) == found + 1
        found += int(chunk.note["records"])
        largest = max(largest, len(chunk.body))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found == records
    assert largest <= CHUNK_LIMIT_BYTES
    assert peak < 5 * CHUNK_LIMIT_BYTES


def test_a_large_list_takes_constant_memory() -> None:
    """A JSON list of 30 MB on one line passes in whole records, in a few chunks' memory."""

    class Listed(Generated):
        def read(self, size: int = -1) -> bytes:
            while len(self.left) < size and self.number < self.records:
                self.number += 1
                head = b"[" if self.number == 1 else b","
                self.left += head + b'{"id": %d, "text": "%s"}' % (self.number, b"\\\\" * 1500)
            block, self.left = self.left[:size], self.left[size:]
            return block

    listed = Listed(10_000)
    listed.left = b""
    tracemalloc.start()
    chunks = split(listed, "list.json")  # type: ignore[arg-type]  # reads bytes
    found = sum(int(chunk.note["records"]) for chunk in chunks)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found == 10_000
    assert peak < 6 * CHUNK_LIMIT_BYTES


def test_a_record_larger_than_a_chunk_is_a_chunk_of_its_own() -> None:
    """One record of 9 MiB goes whole; its neighbours go beside it."""
    body = HEADER + b"1,a,b,\n2,big,%s,\n3,c,d,\n" % (b"y" * (9 * 1024 * 1024))
    chunks = list(split(io.BytesIO(body), "file"))

    assert [chunk.note["records"] for chunk in chunks] == ["1", "1", "1"]
    assert [row.cells["id"] for row in rows(body) if row.cells] == ["1", "2", "3"]


@pytest.mark.parametrize("form", ["csv", "json", "lines"])
def test_a_record_over_the_limit_is_reported(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record too large to keep is an item in error; those around it are read."""
    for module in ("chunks", "csvfile", "jsonfile", "decoding"):
        monkeypatch.setattr(f"vigie.sources.files.{module}.RECORD_LIMIT_BYTES", 2_000_000)
    big = "y" * 5_000_000
    listed = [{"id": "1"}, {"id": "2", "text": big}, {"id": "3"}]
    body = {
        "csv": f"{HEADER.decode()}1,a,b,\n2,big,{big},\n3,c,d,\n",
        "json": json.dumps(listed),
        "lines": "\n".join(map(json.dumps, listed)),
    }[form]
    found = rows(body.encode())

    assert [row.problem for row in found] == ["", "bad_row", ""]
    assert [row.cells["id"] for row in found if row.cells] == ["1", "3"]
