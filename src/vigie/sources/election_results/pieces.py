"""Cutting a file of text into pieces of some hundred areas, each with the header."""

from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

PIECE_BYTES: Final = 96 * 1024
"""A piece holds a hundred areas or a thousand, each of about twenty figures."""
WORKBOOKS: Final = (b"\xd0\xcf\x11\xe0", b"PK\x03\x04")
"""How a file of Excel begins, before 2007 and since."""


class Piece(NamedTuple):
    """A part of a file that can be read alone."""

    body: bytes
    note: dict[str, str]


def pieces_of(file: BinaryIO, name: str) -> Iterator[Piece]:
    """Yield the pieces of *file*; its name travels along, since it may tell year and round."""
    note = {"file": name}
    start = file.read(4)
    if start in WORKBOOKS:
        yield Piece(start + file.read(), note)
        return
    header = start + file.readline()
    held, size = [header], 0
    for line in file:  # no official table has a line end inside a cell
        held.append(line)
        size += len(line)
        if size >= PIECE_BYTES:
            yield Piece(b"".join(held), note)
            held, size = [header], 0
    if len(held) > 1 or size == 0:
        yield Piece(b"".join(held), note)
