"""One entry as one Kafka message, and back.

The value is the body as it came; everything else stands in the message's headers, one a field,
as texts that any Kafka tool shows (`headers` and `note` as JSON). Failures and ends of runs have an
empty value; a null one is a tombstone. The message's time is the entry's.

The key is ``source/query/id``: the partition follows from source and query alone, so one query's
entries stay in order, and the id lets the broker take out a single capture that has to be erased.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Final

import msgspec
import structlog

from vigie.errors import FromTheFuture, SpoolError
from vigie.model.capture import Capture, Entry, Failure, RunEnd

RECORD_VERSION: Final = 1
VERSION: Final = "vigie"
ENTRY: Final = "entry"
BESIDE: Final = "body_beside"
"""Header of a capture whose body is kept beside the topic: how many bytes it has."""
ROLL: Final = "roll"
"""Entry that says nothing: it makes the broker close the file before it."""

_TYPES: Final[dict[str, type[Capture | Failure | RunEnd]]] = {
    "capture": Capture, "failure": Failure, "end": RunEnd,
}  # fmt: skip
_NAMES: Final = {made: name for name, made in _TYPES.items()}
_JSON: Final = frozenset({"headers", "note"})
_BYTES: Final = frozenset({"body", "request_body"})

log = structlog.get_logger(__name__)

Headers = Sequence[tuple[str, bytes | None]]


class Message(msgspec.Struct, frozen=True):
    """What is written for one entry."""

    key: bytes
    value: bytes | None
    headers: list[tuple[str, bytes]]
    at_ms: int
    """When the entry is from, milliseconds since 1970, UTC."""


def encode(entry: Entry) -> Message:
    """Return the message of *entry*."""
    headers = [(VERSION, str(RECORD_VERSION).encode()), (ENTRY, _NAMES[type(entry)].encode())]
    for field in msgspec.structs.fields(type(entry)):
        value = getattr(entry, field.name)
        if field.name != "body" and value is not None and value != field.default:
            headers.append((field.name, _to_bytes(field.name, value)))
    value = entry.body if isinstance(entry, Capture) else b""
    return Message(key_of(entry), value, headers, int(entry.at.timestamp() * 1000))


def decode(headers: Headers | None, value: bytes | None) -> Entry | None:
    """Return the entry of a message; None for tombstones and what is not ours.

    The body of a capture that is kept beside the topic is empty here (`beside_bytes` tells).

    Raises:
        FromTheFuture: a newer Vigie wrote it. SpoolError: it is not what it says it is.
    """
    known = dict(headers or ())
    made = _TYPES.get((known.get(ENTRY) or b"").decode("ascii", "replace"))
    version = known.get(VERSION) or b""
    if made is None or value is None or not version.isdigit():
        return None  # a stranger may have a header of our name
    if int(version) > RECORD_VERSION:
        raise FromTheFuture("message", "a Kafka topic", version.decode(), str(RECORD_VERSION))
    told: dict[str, Any] = {}
    raw: dict[str, bytes] = {}
    try:
        for name in made.__struct_fields__:
            content = known.get(name)
            if content is None:
                continue
            if name in _BYTES:
                raw[name] = content
            elif name in _JSON:
                told[name] = json.loads(content)
            else:
                told[name] = content.decode()
        if made is Capture:
            told["body"] = b""
            raw["body"] = value
        entry = msgspec.convert(told, made, strict=False)
    except ValueError as error:  # msgspec's errors and broken texts are ValueErrors
        raise SpoolError(f"a message cannot be read: {error}") from None
    return msgspec.structs.replace(entry, **raw)


def beside_bytes(headers: Headers | None) -> int | None:
    """Return how long the body is that is kept beside; None when it is in the message."""
    told = dict(headers or ()).get(BESIDE)
    return int(told) if told is not None and told.isdigit() else None


def read_message(headers: Headers | None, value: bytes | None) -> Entry | None:
    """Return the entry of a message; None: nothing of ours, or nothing that can be read, which is
    logged. The body of a capture that is kept beside the topic is empty here.

    Raises:
        FromTheFuture: a newer Vigie wrote it.
    """
    try:
        return decode(headers, value)
    except SpoolError as error:
        log.warning("message set aside", why=str(error))
        return None


def key_of(entry: Entry) -> bytes:
    """Return the message's key."""
    return f"{entry.source}/{entry.query}/{id_of(entry)}".encode("utf-8", "replace")


Mark = tuple[bytes, str]
"""A message's key and the run that brought it."""


def mark_of(entry: Entry) -> Mark:
    """Return by what the message of *entry* is known among others of its key."""
    return key_of(entry), str(getattr(entry, "run", ""))


def run_in(headers: Headers | None) -> str:
    """Return the run that a message's headers tell."""
    return (dict(headers or ()).get("run") or b"").decode("utf-8", "replace")


def id_of(entry: Entry) -> str:
    """Return the id of a capture; of other entries, a hash of all they say."""
    if isinstance(entry, Capture):
        return entry.id
    return blake2b(msgspec.json.encode(entry, order="sorted"), digest_size=10).hexdigest()


def id_in(key: bytes | None) -> str:
    """Return the id that a message's key ends with."""
    return (key or b"").rpartition(b"/")[2].decode("utf-8", "replace")


def partition_of(source: str, query: str, partitions: int) -> int:
    """Return the partition of all entries of one source and query. Stored: never `hash()`."""
    text = f"{source}\x00{query}".encode("utf-8", "replace")
    return int.from_bytes(blake2b(text, digest_size=8).digest()) % partitions


def size_of(message: Message) -> int:
    """Return about how many bytes the message takes, uncompressed."""
    headers: Iterable[int] = (len(name) + len(content) + 4 for name, content in message.headers)
    return len(message.key) + len(message.value or b"") + sum(headers) + 32


def _to_bytes(name: str, value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, datetime):
        text = value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    elif isinstance(value, bool):
        text = str(value).lower()
    elif name in _JSON:
        text = json.dumps(msgspec.to_builtins(value), ensure_ascii=False, separators=(",", ":"))
    else:
        text = str(value)
    return text.encode("utf-8", "replace")
