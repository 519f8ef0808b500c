"""Cutting an archive into pieces of whole records."""

from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

PIECE_BYTES: Final = 1024 * 1024
RECORD_BYTES: Final = 4 * 1024 * 1024
"""A record that has not ended after so much never will: a quote is missing."""


class Piece(NamedTuple):
    """A part of a file that can be read alone."""

    body: bytes
    note: dict[str, str]


def pieces_of(file: BinaryIO, name: str) -> Iterator[Piece]:
    """Yield the pieces of *file*; those of a CSV each have its header."""
    note = {"file": name}
    first = file.readline()
    start = first.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"[":
        yield Piece(first + file.read(), note)
        return
    header = b"" if start == b"{" else first
    held, size, record, quotes = [first], 0, 0, 0
    for line in file:
        held.append(line)
        size, record = size + len(line), record + len(line)
        quotes += line.count(b'"') if header else 0
        if quotes % 2 == 0 or record > RECORD_BYTES:
            record = quotes = 0
            if size >= PIECE_BYTES:
                yield Piece(b"".join(held), note)
                held, size = [header] if header else [], 0
    if len(held) > bool(header) or size == 0:
        yield Piece(b"".join(held), note)
