"""Cutting JSON into records, one a line: lists, one object a line, objects one after another.

The text of a record is not decoded: a scan for strings and brackets finds where it ends, so a
number keeps its digits and a file of any size takes the memory of one record.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from .chunks import RECORD_LIMIT_BYTES, TOO_LARGE, Chunk, Packer, is_junk
from .decoding import Opened, utf8

_BLOCK_BYTES: Final = 1024 * 1024
# A string that the block cuts in two matches as its lone quote: then more is read.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[{}\[\]"]', re.S)
_SPACE: Final = b" \t\r\n,"

decoder = msgspec.json.Decoder(float_hook=Decimal)  # numbers keep their digits
encoder = msgspec.json.Encoder(decimal_format="number")


def split_json(
    opened: Opened, note: dict[str, str], personal: Sequence[str], records: str
) -> Iterator[Chunk]:
    """Yield chunks of JSON Lines.

    Args:
        personal: Keys of a record that are left out.
        records: Key of the list of records in objects that wrap one; empty: none does.
    """
    packer = Packer(note | {"format": "jsonl"})
    packer.encoding = opened.encoding
    for found in _values(opened):
        text, other = utf8(found)
        if other:
            packer.encoding = "cp1252"
        for record in _unwrapped(text, records):
            kept = record if is_junk(record) else _without(record, personal)
            # A line end can stand between the parts of a record, never inside its strings.
            line = kept.replace(b"\r", b" ").replace(b"\n", b" ") + b"\n"
            yield from packer.add(line, junk=is_junk(record))
    yield from packer.end(opened.cut)


def _values(opened: Opened) -> Iterator[bytes]:
    stream = opened.stream
    lines = [line.strip() for line in stream.peek(_BLOCK_BYTES)[:_BLOCK_BYTES].split(b"\n")]
    first = next((line for line in lines if line and not is_junk(line)), b"")
    if len(lines) > 1 and _is_object(first):  # one record a line
        yield from _lines(opened)
        return
    yield from _scan(opened)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(msgspec.json.decode(utf8(line)[0]), dict)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False


def _lines(opened: Opened) -> Iterator[bytes]:
    size = 0
    for line in opened.lines():
        if size or len(line) > RECORD_LIMIT_BYTES:
            size += len(line)
            if line.endswith(b"\n"):
                yield _too_large(size)
                size = 0
        elif line.strip():
            yield line.strip().removesuffix(b",")
    if size:
        yield _too_large(size)


def _too_large(size: int) -> bytes:
    return msgspec.json.encode(TOO_LARGE.format(bytes=size, limit=RECORD_LIMIT_BYTES))


class _Scan:
    """Where the scan of a file stands: what was read and not yet given away, and how deep."""

    def __init__(self) -> None:
        self.held = bytearray()
        self.at = self.start = self.depth = 0
        self.in_list = False
        self.dropped = 0

    def cut(self, end: int) -> bytes:
        """Give away what stands from the record's start to *end*."""
        found = bytes(self.held[self.start : end])
        self.start = end
        return found

    def let_go(self) -> None:
        """Drop the text of a record over the limit as it comes; only its size is kept."""
        if self.at > self.start:
            self.dropped += self.at - self.start
            self.start = self.at
            return
        # In the middle of a string: what follows depends on its last escape alone.
        tail = bytes(self.held[self.at + 1 :])
        slashes = len(tail) - len(tail.rstrip(b"\\"))
        self.dropped += len(tail)
        self.held[self.at + 1 :] = b"\\" * (slashes % 2)


def _scan(opened: Opened) -> Iterator[bytes]:
    """Yield the values at the level of records, and lines of whatever stands between them."""
    scan = _Scan()
    ended = False
    while not ended:
        block = opened.stream.read(_BLOCK_BYTES)
        ended = not block
        scan.held += block
        yield from _tokens(scan, ended=ended)
        if scan.depth > int(scan.in_list) and len(scan.held) - scan.start > RECORD_LIMIT_BYTES:
            scan.let_go()
        del scan.held[: scan.start]
        scan.at -= scan.start
        scan.start = 0
    rest = bytes(scan.held[scan.start :])
    if scan.depth > int(scan.in_list):
        yield rest.strip(_SPACE) or b'""'  # the file ends inside a record
    else:
        yield from _between(rest)


def _tokens(scan: _Scan, *, ended: bool) -> Iterator[bytes]:
    held = bytes(scan.held)
    for token in _TOKEN.finditer(held, scan.at):
        sign = held[token.start()]
        if token.end() - token.start() > 1 or sign == 0x22:
            if token.end() - token.start() == 1 and not ended:
                scan.at = token.start()
                return  # a string goes on in the next block
            scan.at = token.end()
            continue
        scan.at = token.end()
        record = int(scan.in_list)
        if sign in b"{[":
            if scan.depth == record:
                yield from _between(held[scan.start : token.start()])
                scan.start = token.start()
                if sign == 0x5B and not scan.in_list:
                    scan.in_list, scan.start = True, token.end()
            scan.depth += 1
        elif scan.depth:
            scan.depth -= 1
            if scan.depth == record:
                if scan.dropped:
                    yield _too_large(scan.dropped + token.end() - scan.start)
                    scan.dropped, scan.start = 0, token.end()
                else:
                    yield scan.cut(token.end())
            elif scan.in_list and scan.depth == 0:
                yield from _between(held[scan.start : token.start()])
                scan.in_list, scan.start = False, token.end()


def _between(text: bytes) -> Iterator[bytes]:
    """Yield each line that is more than white space and commas: no record, but it is there."""
    for line in text.split(b"\n"):
        if shown := line.strip(_SPACE):
            yield shown


def _unwrapped(text: bytes, records: str) -> Iterator[bytes]:
    """Yield the records inside a wrapping object, or *text* itself when it wraps none."""
    if records and text[:1] == b"{":
        try:
            held: Any = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
            inner = msgspec.json.decode(held[records], type=list[msgspec.Raw])
        except (msgspec.DecodeError, UnicodeError, RecursionError, KeyError):
            yield text
            return
        yield from (bytes(raw) for raw in inner)
        return
    yield text


def _without(record: bytes, personal: Sequence[str]) -> bytes:
    if not personal:
        return record
    try:
        held = decoder.decode(record)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        # What of a broken record is personal, nobody knows: only its size is kept.
        return msgspec.json.encode(f"«broken record of {len(record)} bytes»")
    if not isinstance(held, dict) or not any(key in held for key in personal):
        return record
    return encoder.encode({key: value for key, value in held.items() if key not in personal})
