"""One entry as one WARC/1.1 record, and back.

A capture is a `response` record (a `resource` when it came from a file and has no status); failures
and ends of runs are `metadata` records. What WARC has no word for stands as JSON in one header,
`Vigie-Entry`. Bodies are kept decoded, so the headers that spoke of their coding are renamed
`X-Archive-Orig-*`, as web archives do. An erased capture is a `metadata` stub.

Format: ISO 28500:2017 (WARC 1.1).
"""

import json
import uuid
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

import msgspec

from vigie.errors import SpoolError
from vigie.model.capture import Capture, Entry, Failure, Headers, RunEnd

SPOOL_VERSION: Final = 1
ERASED: Final = b"Vigie-Erased"
_ENTRY: Final = b"Vigie-Entry"
_CODING: Final = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_ORIGINAL: Final = "X-Archive-Orig-"


class Erased(msgspec.Struct, frozen=True):
    """What stands at the ordinal of a capture that was erased."""

    id: str
    source: str


Kept = Entry | Erased


def warcinfo(source: str, at: datetime) -> bytes:
    """Return the record that opens a segment: who wrote it, in which version."""
    body = (
        f"software: Vigie\r\nformat: WARC File Format 1.1\r\nrobots: obey\r\nisPartOf: {source}\r\n"
    ).encode()
    return _record(
        "warcinfo", at, body, b"application/warc-fields",
        [(b"Vigie-Spool-Version", str(SPOOL_VERSION).encode())],
    )  # fmt: skip


def encode(entry: Kept) -> bytes:
    """Return the bytes of the record of *entry*, uncompressed."""
    if isinstance(entry, Capture):
        return _encode_capture(entry)
    if isinstance(entry, Erased):
        return _record("metadata", None, b"", b"application/json", [(ERASED, _json(entry))])
    return _record(
        "metadata", entry.at, msgspec.json.encode(entry), b"application/json", [(_ENTRY, b"{}")]
    )


def decode(record: bytes) -> Kept | int | None:
    """Return the entry of a record; a warcinfo gives its spool version, foreign records None.

    Raises:
        SpoolError: the record is not what it says it is.
    """
    head, found, block = record.partition(b"\r\n\r\n")
    if not found or not head.startswith(b"WARC/"):
        raise SpoolError("a spool record does not start as WARC; run `vigie spool verify`")
    fields = {
        name.lower(): value.strip()
        for name, _, value in (line.partition(b":") for line in head.split(b"\r\n")[1:])
    }
    length = int(fields.get(b"content-length", b"-1"))
    if length < 0 or len(block) < length:
        raise SpoolError("a spool record is shorter than it says; run `vigie spool verify`")
    block = block[:length]
    match fields.get(b"warc-type"):
        case b"warcinfo":
            return int(fields.get(b"vigie-spool-version", b"0"))
        case b"metadata" if b"vigie-erased" in fields:
            return msgspec.json.decode(fields[b"vigie-erased"], type=Erased)
        case b"metadata" if b"vigie-entry" in fields:
            return msgspec.json.decode(block, type=Failure | RunEnd)
        case b"response" | b"resource" if b"vigie-entry" in fields:
            return _decode_capture(fields[b"vigie-entry"], block)
    return None


def _encode_capture(capture: Capture) -> bytes:
    meta: dict[str, Any] = {
        "id": capture.id, "at": capture.at, "source": capture.source, "run": capture.run,
        "watch": capture.watch, "query": capture.query, "method": capture.method,
        "request_body": capture.request_body, "dated": capture.dated, "note": capture.note,
        "url": capture.url,
    }  # fmt: skip
    if capture.status is None:
        meta["headers"] = capture.headers
        kind, mime, block = "resource", b"application/octet-stream", capture.body
    else:
        kind, mime = "response", b"application/http; msgtype=response"
        block = _http_head(capture.status, capture.headers) + capture.body
    target = _one_line(capture.url)
    return _record(
        kind, capture.at, block, mime, [(b"WARC-Target-URI", target), (_ENTRY, _json(meta))]
    )


def _decode_capture(meta_json: bytes, block: bytes) -> Capture:
    meta = msgspec.json.decode(meta_json)
    if "headers" in meta:
        known = msgspec.convert(meta | {"body": b""}, Capture)
        return msgspec.structs.replace(known, body=block)
    head, _, body = block.partition(b"\r\n\r\n")
    first, *lines = head.decode("utf-8", "surrogateescape").split("\r\n")
    headers = tuple(
        (name.removeprefix(_ORIGINAL), value.strip())
        for name, _, value in (line.partition(":") for line in lines)
    )
    known = msgspec.convert(meta | {"body": b"", "headers": headers}, Capture)
    return msgspec.structs.replace(known, body=body, status=int(first.split(" ")[1]))


def _http_head(status: int, headers: Headers) -> bytes:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:  # a site may answer with a number of its own
        phrase = "Unknown"
    lines = [f"HTTP/1.1 {status} {phrase}".encode()]
    for name, value in headers:
        kept = _ORIGINAL + name if name.lower() in _CODING else name
        lines.append(_one_line(kept.replace(":", "")) + b": " + _one_line(value))
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _record(
    kind: str, at: datetime | None, block: bytes, mime: bytes, extra: list[tuple[bytes, bytes]]
) -> bytes:
    when = "1970-01-01T00:00:00Z" if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")
    fields = [
        (b"WARC-Type", kind.encode()),
        (b"WARC-Record-ID", f"<urn:uuid:{uuid.uuid4()}>".encode()),
        (b"WARC-Date", when.encode()),
        *extra,
        (b"Content-Type", mime),
        (b"Content-Length", str(len(block)).encode()),
    ]
    head = b"WARC/1.1\r\n" + b"".join(name + b": " + value + b"\r\n" for name, value in fields)
    return head + b"\r\n" + block + b"\r\n\r\n"


def _json(value: object) -> bytes:
    """JSON on one line; ASCII only, so that any WARC reader can show the header."""
    text = json.dumps(msgspec.to_builtins(value), separators=(",", ":"), ensure_ascii=False)
    whole = text.encode("utf-8", "replace").decode()  # half an emoji, a file's undecodable name
    return json.dumps(json.loads(whole), separators=(",", ":")).encode("ascii")


def _one_line(text: str) -> bytes:
    return " ".join(text.split()).encode("utf-8", "surrogateescape")
