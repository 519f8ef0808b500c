"""Cutting a CSV into chunks between records, each chunk with the header.

A record may span lines (quoted line ends); Python's own reader says where it ends, and the text it
consumed is kept as it was. A quote that never closes would swallow the rest of the file: a record
that grows over the limit, or is still open at the end, is given up as its first line alone, and
reading goes on with its second.
"""

import csv
import io
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final

from .chunks import RECORD_LIMIT_BYTES, TOO_LARGE, Chunk, Packer, is_junk
from .decoding import Opened, utf8

DELIMITERS: Final = ",;\t|"
OPEN_LIMIT_BYTES: Final = 8 * 1024 * 1024
"""A record of several lines over this size has a quote that never closes."""


def delimiter_of(header: str) -> str:
    """Return what separates the columns of *header*: the candidate that gives most of them."""
    line = header.replace("\r", " ")  # a bare one in the middle is an error to the reader
    counts = {mark: len(next(csv.reader([line], delimiter=mark), [])) for mark in DELIMITERS}
    return max(DELIMITERS, key=lambda mark: counts[mark])


def split_csv(opened: Opened, note: dict[str, str], personal: Sequence[str]) -> Iterator[Chunk]:
    """Yield the chunks of a CSV; *personal* columns are not in them."""
    lines = _Lines(opened)
    junk: list[bytes] = []
    head = b""
    for line in lines:
        if line.strip() and not is_junk(line):
            head = line
            break
        if line.strip():
            junk.append(line)
    delimiter = delimiter_of(head.decode("utf-8", "replace"))
    rows = _Rows(lines, delimiter)
    lines.back.appendleft(head)
    header_raw, header = next(iter(rows), (b"", []))
    keep = [at for at, name in enumerate(header) if name.strip() not in set(personal)]
    whole = len(keep) == len(header)
    if not whole:
        header_raw = _written([header[at] for at in keep], delimiter)
    note = note | {"format": "csv", "delimiter": delimiter}
    packer = Packer(note, _ended(header_raw) if header_raw else b"")
    for line in junk:
        yield from packer.add(_ended(line), junk=True)
    for raw, row in rows:
        if not row:
            continue  # a blank line is no record
        left_out = is_junk(row[0]) and (len(row) < len(header) or len(header) == 1)
        if not whole and not left_out:
            # Which column of a bad row is personal, nobody knows: only its width is kept.
            raw = (  # noqa: PLW2901 - the record as it is kept
                _written([row[at] for at in keep], delimiter)
                if len(row) == len(header)
                else _written([f"«bad row: {len(row)} of {len(header)} fields»"], delimiter)
            )
        packer.encoding = lines.encoding
        yield from packer.add(_ended(raw), junk=left_out)
    packer.encoding = lines.encoding
    yield from packer.end(opened.cut)


class _Lines:
    """Lines of a file in UTF-8; lines put `back` come again."""

    def __init__(self, opened: Opened) -> None:
        self._lines = opened.lines()
        self.back: deque[bytes] = deque()
        self.encoding = opened.encoding

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self.back:
            return self.back.popleft()
        line = next(self._lines)
        if len(line) > RECORD_LIMIT_BYTES:
            size = len(line)
            while not line.endswith(b"\n") and (line := next(self._lines, b"")):
                size += len(line)
            return TOO_LARGE.format(bytes=size, limit=RECORD_LIMIT_BYTES).encode() + b"\n"
        line, other = utf8(line)
        if other:
            self.encoding = "cp1252"
        return line


class _Rows:
    """Records of a CSV: the text of each, and its fields."""

    def __init__(self, lines: _Lines, delimiter: str) -> None:
        self._lines, self._delimiter = lines, delimiter
        self._taken: list[bytes] = []
        self._size = 0
        self._over = self._ended = False

    def __iter__(self) -> Iterator[tuple[bytes, list[str]]]:
        csv.field_size_limit(RECORD_LIMIT_BYTES)
        while not self._ended:
            try:
                for row in csv.reader(self._texts(), delimiter=self._delimiter):
                    if self._over or (self._ended and _is_open(self._taken, self._delimiter)):
                        break
                    raw = b"".join(self._taken)
                    self._taken, self._size = [], 0
                    yield raw, row
            except csv.Error:  # a bare carriage return in a field, a field over the limit
                self._over = True
            if self._taken:
                first = self._taken[0].decode("utf-8", "replace").rstrip("\r\n")
                self._lines.back.extendleft(reversed(self._taken[1:]))
                self._ended = self._ended and len(self._taken) == 1
                self._taken, self._size, self._over = [], 0, False
                # One quoted field: whatever it opened, it swallows nothing of the next row.
                yield _written([first], self._delimiter), [first]

    def _texts(self) -> Iterator[str]:
        """Hand lines to the reader; stop in the middle of a record that grows too large."""
        for line in self._lines:
            self._taken.append(line)
            self._size += len(line)
            if len(self._taken) > 1 and self._size > OPEN_LIMIT_BYTES:
                self._over = True
                return
            yield line.decode("utf-8", "replace")
        self._ended = True


def _is_open(taken: list[bytes], delimiter: str) -> bool:
    """Whether the record that the file ends with has a quote that never closes.

    The reader forgives it; asked strictly, it does not.
    """
    texts = (line.decode("utf-8", "replace") for line in taken)
    try:
        for _ in csv.reader(texts, delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _written(row: list[str], delimiter: str) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerow(row)
    return out.getvalue().encode("utf-8", "surrogatepass")


def _ended(raw: bytes) -> bytes:
    return raw if raw.endswith(b"\n") else raw + b"\n"
