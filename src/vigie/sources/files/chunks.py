"""Chunks: pieces of a file that stand alone, each the body of one capture."""

from collections.abc import Iterator
from typing import Final

import msgspec

from vigie.model.capture import CHUNK_LIMIT_BYTES

RECORD_LIMIT_BYTES: Final = 64 * 1024 * 1024
"""A larger record is not kept; its place is reported as an item that cannot be read."""

TOO_LARGE: Final = "«record of {bytes} bytes left out: over {limit}»"
"""What stands in the place of a record over the limit; in JSON Lines, as a text."""

JUNK: Final = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")
"""Lines that a merge of versions left behind begin so."""


class Chunk(msgspec.Struct, frozen=True):
    """A piece of a file: whole records in UTF-8, never over 8 MiB unless one record is."""

    body: bytes
    note: dict[str, str]
    """What the capture's note is to say of it:

    - ``file``: name of the file, ``part``: number of the chunk, from 1;
    - ``format``: ``csv`` or ``jsonl``; ``delimiter``: of a CSV;
    - ``encoding``: what the file was written in (``utf-8``, ``utf-16-le``…, ``cp1252`` when some
      bytes are no UTF-8);
    - ``first``: number of its first record in the file, from 1; ``records``: how many it holds,
      unreadable ones and junk lines included; ``junk_lines``: how many of them are junk;
    - ``cut``: why the file ends early, on the last chunk, when it does.
    """


class Packer:
    """Packs records into chunks of one file, in order. The same records give the same chunks."""

    def __init__(
        self, note: dict[str, str], head: bytes = b"", limit: int = CHUNK_LIMIT_BYTES
    ) -> None:
        self._note, self._head, self._limit = note, head, limit
        self._parts: list[bytes] = []
        self._size, self._junk, self._first, self._part = len(head), 0, 1, 1
        self.encoding = note.get("encoding", "utf-8")

    def add(self, record: bytes, *, junk: bool = False) -> Iterator[Chunk]:
        """Add one record, its line end included; yield the chunk it does not fit into any more."""
        if self._parts and self._size + len(record) > self._limit:
            yield self._chunk()
        self._parts.append(record)
        self._size += len(record)
        self._junk += junk

    def end(self, cut: str = "") -> Iterator[Chunk]:
        """Yield what is left; always a chunk when the file gave none, so that it is seen."""
        if self._parts or self._part == 1 or cut:
            yield self._chunk({"cut": cut} if cut else {})

    def _chunk(self, more: dict[str, str] | None = None) -> Chunk:
        note = self._note | {
            "part": str(self._part),
            "encoding": self.encoding,
            "first": str(self._first),
            "records": str(len(self._parts)),
            "junk_lines": str(self._junk),
        }
        chunk = Chunk(self._head + b"".join(self._parts), note | (more or {}))
        self._first += len(self._parts)
        self._part += 1
        self._parts, self._size, self._junk = [], len(self._head), 0
        return chunk


def is_junk(line: str | bytes) -> bool:
    """Whether a line is a mark that a merge of versions left behind."""
    text = line.decode("ascii", "replace") if isinstance(line, bytes) else line
    return text.startswith(JUNK)
