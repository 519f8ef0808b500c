"""Cutting a file of any size and format into chunks, in constant memory.

What a file is, its first bytes say, not its name: gzip, Parquet, JSON, else CSV. The same bytes
give the same chunks.

Every record of a file is in exactly one chunk. Lines that a merge of versions left behind
(``<<<<<<<``) are kept there too, and are read as items in error: counted, quarantined, seen.
"""

import csv
import io
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

import polars as pl

from vigie.errors import UsageError

from .chunks import Chunk, Packer, is_junk
from .csvfile import delimiter_of, split_csv
from .decoding import Opened, utf8
from .jsonfile import split_json

_ROWS: Final = 1000
"""Rows of a Parquet file that are in memory at once."""
_COPY_BYTES: Final = 1024 * 1024


def split(
    file: BinaryIO, name: str, *, personal: Sequence[str] = (), records: str = ""
) -> Iterator[Chunk]:
    """Yield the chunks of *file*.

    Args:
        file: Opened for reading bytes, at its start.
        name: Its name, for the notes.
        personal: Columns that no chunk holds.
        records: Key of the list of records, in files of objects around such a list.

    Raises:
        UsageError: a Parquet file is broken.
    """
    opened = Opened(file)
    note = {"file": name}
    if opened.gzipped:
        note["packed"] = "gzip"
    if opened.parquet:
        return _split_parquet(opened, note, personal)
    if _looks_like_json(opened):
        return split_json(opened, note, personal, records)
    return split_csv(opened, note, personal)


def header_of(file: BinaryIO) -> list[str]:
    """Return the columns of *file*, to choose its map by; empty when its first record has none."""
    chunk = next(split(file, ""), None)
    if chunk is None:
        return []
    if chunk.note["format"] == "csv":
        text = chunk.body.decode("utf-8", "replace")
        mark = chunk.note["delimiter"]
        return next(iter(csv.reader(io.StringIO(text, newline=""), delimiter=mark)), [])
    from .rows import rows_of

    row = next((row for row in rows_of(chunk.body, chunk.note) if row.cells), None)
    return list(row.cells) if row and row.cells else []


def _looks_like_json(opened: Opened) -> bool:
    for line in opened.stream.peek(_COPY_BYTES)[:_COPY_BYTES].split(b"\n"):
        text = line.strip()
        if text and not is_junk(text):
            return text[:1] == b"{" or (
                text[:1] == b"[" and delimiter_of(utf8(text)[0].decode()) != ""
            )
    return False


def _split_parquet(
    opened: Opened, note: dict[str, str], personal: Sequence[str]
) -> Iterator[Chunk]:
    # Its index stands at its end, so it needs a file that can be read from anywhere.
    with tempfile.TemporaryDirectory(prefix="vigie-") as folder:
        path = Path(folder) / "file.parquet"
        with path.open("wb") as copy:
            while block := opened.stream.read(_COPY_BYTES):
                copy.write(block)
        frame = pl.scan_parquet(path).drop(list(personal), strict=False)
        try:
            schema = frame.collect_schema()
        except pl.exceptions.PolarsError as error:
            raise _broken(error) from None
        binary = [column for column, kind in schema.items() if kind == pl.Binary()]
        frame = frame.with_columns(pl.col(binary).bin.encode("hex")) if binary else frame
        packer = Packer(note | {"format": "jsonl", "read_from": "parquet"})
        start = 0
        while True:
            try:
                rows = frame.slice(start, _ROWS).collect()
            except pl.exceptions.PolarsError as error:
                raise _broken(error) from None
            if rows.is_empty():
                break
            for line in rows.write_ndjson().encode("utf-8").splitlines():
                yield from packer.add(line + b"\n")
            start += _ROWS
        yield from packer.end(opened.cut)


def _broken(error: Exception) -> UsageError:
    return UsageError(f"it is no whole Parquet file: {str(error).splitlines()[0]}")
