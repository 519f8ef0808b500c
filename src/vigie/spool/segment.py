"""One WARC file of the spool: appending with fsync, reading while open, torn and damaged parts.

Every record is a gzip member of its own, so that a reader can stop after any whole record and a
writer that was killed leaves at most one torn member at the end. A damaged member in the middle
costs itself: reading goes on at the next member that is whole and of the spool.
"""

import os
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, Literal

import msgspec

from vigie.errors import FromTheFuture, SpoolError
from vigie.model.identity import digest
from vigie.spool.disk import lock, make_folder, sync_folder
from vigie.spool.record import SPOOL_VERSION, Kept, decode, encode, warcinfo

OPEN_SUFFIX: Final = ".warc.gz.open"
SEALED_SUFFIX: Final = ".warc.gz"
_MAGIC: Final = b"\x1f\x8b\x08"
_GZIP: Final = 31  # zlib's window bits for a gzip header and CRC
_LEVEL: Final = 4  # 2.2 times faster than 6 on pages of HTML, 6 % larger
_WINDOW_BYTES: Final = 1 << 16
_OURS: Final = b"\r\nVigie-"


class Member(msgspec.Struct, frozen=True):
    """One entry of a segment and where its gzip member lies."""

    ordinal: int
    offset: int
    length: int
    entry: Kept | None
    """None: the member is damaged."""


def partition_of(path: Path) -> str:
    """Return the partition's name: source and segment, the same open or sealed."""
    name = path.name.removesuffix(".open").removesuffix(SEALED_SUFFIX)
    return f"{path.parent.name}/{name}"


class Writer:
    """Appends to one segment. Whole appends only: what fails is cut off again."""

    def __init__(self, path: Path, source: str, at: datetime) -> None:
        self.path = path
        try:
            make_folder(path.parent)
            self._file: BinaryIO = path.open("xb", buffering=0)
        except OSError as error:
            raise SpoolError(
                f"cannot make {path}: {error.strerror or error}. Free some space or mend the "
                f"folder, then start again."
            ) from error
        lock(self._file)
        self.size = 0
        self.append([_compress(warcinfo(source, at))])
        sync_folder(path.parent)

    def append(self, members: list[bytes]) -> None:
        """Write the members and fsync them.

        Raises:
            SpoolError: none of them is kept; the segment ends where it ended before.
        """
        try:
            for member in members:
                _write_all(self._file, member)
            os.fsync(self._file.fileno())
        except OSError as error:
            self._cut_back()
            raise SpoolError(
                f"cannot write {self.path}: {error.strerror or error}. What was written before "
                f"is safe; free some space or mend the folder, then start again."
            ) from error
        self.size += sum(len(member) for member in members)

    def seal(self) -> Path:
        """Close the segment under its final name; durable on return."""
        sealed = self.path.with_name(self.path.name.removesuffix(".open"))
        os.fsync(self._file.fileno())
        self.path.rename(sealed)
        sync_folder(sealed.parent)
        self._file.close()
        return sealed

    def close(self) -> None:
        """Let go of the file without sealing it."""
        self._file.close()

    def _cut_back(self) -> None:
        # After a failed write or fsync the file's tail cannot be trusted; cutting frees space,
        # so it also works on a full disk.
        try:
            os.ftruncate(self._file.fileno(), self.size)
            self._file.seek(self.size)
        except OSError:  # the folder is gone: readers stop at the torn tail by themselves
            return


def pack(entry: Kept) -> bytes:
    """Return *entry* as one gzip member."""
    return _compress(encode(entry))


def writing_of(file: BinaryIO) -> str:
    """Return which writing of its segment an opened file is; empty when its head is damaged.

    A segment is written anew when a capture is erased in it: places in it then mean nothing. Each
    writing begins with a head of its own, which holds a UUID.
    """
    found = _inflate(file, 0)
    return "" if isinstance(found, str) else digest(found[0])


def whole_until(path: Path) -> int:
    """Return up to which byte an open segment holds what its writer had finished: damaged members
    that others follow are no torn tail."""
    with path.open("rb") as file:
        head = _inflate(file, 0)
        end = 0 if isinstance(head, str) else head[1]
        for member in members_in(file, path):
            end = member.offset + member.length
    return end


def members(path: Path, offset: int = 0, ordinal: int = 0) -> Iterator[Member]:
    """Yield the entries of a segment from *offset*, whose first entry has number *ordinal*.

    Each damaged member is one `Member` without entry. What a writer has not finished, or left
    unfinished, at the end of an open segment is none; in a sealed one it is damaged.

    Raises:
        FromTheFuture: the segment was written by a newer Vigie.
    """
    with path.open("rb") as file:
        yield from members_in(file, path, offset, ordinal)


def members_in(
    file: BinaryIO, path: Path, offset: int = 0, ordinal: int = 0
) -> Iterator[Member]:  # fmt: skip
    """Yield the entries of the segment at *path*, opened as *file*, as `members` does."""
    size = os.fstat(file.fileno()).st_size
    position = offset
    while position < size:
        found = _inflate(file, position)
        if isinstance(found, str):
            end = _next_member(file, position + 1, size)
            if found == "torn" and end == size and path.name.endswith(OPEN_SUFFIX):
                return
            if position:  # what stands first is the segment's head, which has no number
                yield Member(ordinal, position, end - position, None)
                ordinal += 1
            position = end
            continue
        record, end = found
        try:
            kept = decode(record)
        except (SpoolError, ValueError):  # msgspec's errors are ValueErrors
            yield Member(ordinal, position, end - position, None)
            position, ordinal = end, ordinal + 1
            continue
        if isinstance(kept, int):
            if kept > SPOOL_VERSION:
                raise FromTheFuture("spool", str(path), str(kept), str(SPOOL_VERSION))
        elif kept is not None:
            yield Member(ordinal, position, end - position, kept)
            ordinal += 1
        position = end


def _inflate(file: BinaryIO, position: int) -> tuple[bytes, int] | Literal["torn", "damaged"]:
    """Return the member at *position* and where it ends; torn: it goes on beyond the file."""
    file.seek(position)
    inflater = zlib.decompressobj(_GZIP)
    parts: list[bytes] = []
    read = 0
    while not inflater.eof:
        window = file.read(_WINDOW_BYTES)
        if not window:
            return "torn"
        read += len(window)
        try:
            parts.append(inflater.decompress(window))
        except zlib.error:
            return "damaged"
    return b"".join(parts), position + read - len(inflater.unused_data)


def _next_member(file: BinaryIO, start: int, size: int) -> int:
    """Return where the next whole member of the spool starts, or *size*."""
    position = start
    while position < size:
        file.seek(position)
        window = file.read(_WINDOW_BYTES + len(_MAGIC))
        hit = window.find(_MAGIC)
        if hit < 0:
            position += _WINDOW_BYTES
            continue
        # What lies beyond *size* was written since we looked: what is torn here may be whole now.
        if (candidate := position + hit) >= size:
            break
        found = _inflate(file, candidate)
        if isinstance(found, tuple) and _is_ours(found[0]):
            return candidate
        position = candidate + 1
    return size


def _is_ours(record: bytes) -> bool:
    """Whether it is a record of the spool, not one that a page happens to hold."""
    return record.startswith(b"WARC/") and _OURS in record.partition(b"\r\n\r\n")[0]


def _compress(record: bytes) -> bytes:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    return packer.compress(record) + packer.flush()


def _write_all(file: BinaryIO, member: bytes) -> None:
    rest = memoryview(member)
    while rest:
        rest = rest[file.write(rest) :]
