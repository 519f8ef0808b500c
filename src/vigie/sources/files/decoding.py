"""From a file's bytes to lines of UTF-8: compression, byte order marks, wrong encodings.

Text is UTF-8 unless a mark or its zero bytes say UTF-16. A byte that is no UTF-8 is read as
Windows-1252, that byte alone: so a file in cp1252 reads right, and so does one that two programs
wrote.
"""

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final, cast

from .chunks import RECORD_LIMIT_BYTES

_BLOCK_BYTES: Final = 1024 * 1024
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    # Five bytes mean nothing in cp1252; Latin-1 has a control character for each.
    shown = "".join(
        bytes((byte,)).decode("cp1252" if byte not in b"\x81\x8d\x8f\x90\x9d" else "latin-1")
        for byte in wrong
    )
    return shown, error.end


codecs.register_error("vigie-cp1252", _as_cp1252)


def utf8(line: bytes) -> tuple[bytes, bool]:
    """Return *line* as UTF-8, and whether some of its bytes were not."""
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("utf-8", "vigie-cp1252").encode("utf-8", "surrogatepass"), True
    return line, False


class Opened:
    """A file as a stream of UTF-8 bytes (but for stray ones); `cut` says why it ends early."""

    def __init__(self, file: BinaryIO) -> None:
        self.cut = ""
        stream = io.BufferedReader(cast(io.RawIOBase, _Raw(file)), _BLOCK_BYTES)
        self.gzipped = stream.peek(2)[:2] == b"\x1f\x8b"
        if self.gzipped:
            unpacked = _Raw(cast(BinaryIO, gzip.GzipFile(fileobj=stream, mode="rb")), self)
            stream = io.BufferedReader(cast(io.RawIOBase, unpacked), _BLOCK_BYTES)
        start = stream.peek(4)[:4]
        self.encoding = "utf-8"
        for mark, name in _MARKS:
            if start.startswith(mark):
                stream.read(len(mark))
                self.encoding = name
                break
        else:
            if len(start) == 4 and start[0] and start[2] and not start[1] and not start[3]:
                self.encoding = "utf-16-le"
            elif len(start) == 4 and start[1] and start[3] and not start[0] and not start[2]:
                self.encoding = "utf-16-be"
        self.parquet = start == b"PAR1"
        if self.encoding.startswith("utf-16"):
            raw = cast(io.RawIOBase, _Recoded(stream, self.encoding))
            stream = io.BufferedReader(raw, _BLOCK_BYTES)
        sample = stream.peek(_BLOCK_BYTES)[:_BLOCK_BYTES]
        if b"\r" in sample and b"\n" not in sample and not self.parquet:
            stream = io.BufferedReader(cast(io.RawIOBase, _OldMac(stream)), _BLOCK_BYTES)
        self.stream = stream

    def lines(self) -> Iterator[bytes]:
        """Yield lines with their ends; one over the limit comes in pieces of that size."""
        while line := self.stream.readline(RECORD_LIMIT_BYTES + 1):
            yield line


class _Raw(io.RawIOBase):
    """Reads a binary file; a compressed one that breaks off ends there and says so."""

    def __init__(self, file: BinaryIO, owner: Opened | None = None) -> None:
        self._file, self._owner = file, owner

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # any writable buffer
        try:
            # One piece at a time: a whole buffer of a file that breaks off would be lost with it.
            block = getattr(self._file, "read1", self._file.read)(len(buffer))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            if self._owner is None:
                raise
            self._owner.cut = f"gzip: {error}"
            return 0
        buffer[: len(block)] = block
        return len(block)


class _Recoded(io.RawIOBase):
    """Reads UTF-16 as UTF-8."""

    def __init__(self, stream: io.BufferedIOBase, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # any writable buffer
        while not self._left:
            block = self._stream.read(_BLOCK_BYTES)
            self._left = self._decoder.decode(block, not block).encode("utf-8", "surrogatepass")
            if not block:
                break
        count = min(len(buffer), len(self._left))
        buffer[:count], self._left = self._left[:count], self._left[count:]
        return count


class _OldMac(io.RawIOBase):
    """Reads lines that end with a carriage return alone."""

    def __init__(self, stream: io.BufferedIOBase) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # any writable buffer
        block = self._stream.read(len(buffer)).replace(b"\r", b"\n")
        buffer[: len(block)] = block
        return len(block)
