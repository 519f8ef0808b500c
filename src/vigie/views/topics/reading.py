"""What topics of listings hold: whose messages, and how far each instance has told."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final, Protocol

import msgspec

INSTANCE: Final = "vigie-instance"
"""Header of every message: the name of the instance that wrote it."""
CURSORS: Final = "vigie-cursors"
"""Topic of the cursors of every instance that publishes to these brokers."""


class Told(Protocol):
    """One message of a topic."""

    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]: ...


class Clients(Protocol):
    """The brokers, as the view uses them."""

    def producer(self, **options: Any) -> Any:
        """Return a producer."""

    def make_topic(self, topic: str, partitions: int, config: Mapping[str, str]) -> None:
        """Make a topic; no effect when it is there."""

    def count(self, topic: str) -> int:
        """Return how many partitions a topic has; 0: there is none."""

    def messages(self, topic: str) -> Iterator[Told]:
        """Yield every committed message that a topic holds now; none when there is no such
        topic."""


class Cursor(msgspec.Struct, frozen=True):
    """What is kept of how far the view has come."""

    seq: int = 0
    topics: dict[str, list[str]] = {}
    """Source → topics: with others, the topics lack what was told before."""
    ever: list[str] = []
    """Every topic that listings were ever told to: what is erased has to leave them all."""


def held_in(
    clients: Clients, topic: str, name: str, wanted: set[str] | None
) -> tuple[dict[str, bytes], set[str]]:
    """Return what the topic holds of the instance *name* (key → hash of its last value), and the
    keys whose last value is another's. *wanted*: of these keys alone."""
    ours: dict[str, bytes] = {}
    theirs: set[str] = set()
    for told in clients.messages(topic):
        key = (told.key or b"").decode("utf-8", "replace")
        if wanted is not None and key not in wanted:
            continue
        ours.pop(key, None)
        theirs.discard(key)
        if told.value is None:
            continue
        if dict(told.headers).get(INSTANCE) == name.encode():
            ours[key] = hash_of(told.value)
        else:
            theirs.add(key)
    return ours, theirs


def cursor_of(clients: Clients, name: str) -> Cursor:
    """Return how far the instance *name* has told, as the brokers keep it."""
    found = Cursor()
    for told in clients.messages(CURSORS):
        if told.key == name.encode() and told.value is not None:
            found = msgspec.json.decode(told.value, type=Cursor)
    return found


def hash_of(value: bytes) -> bytes:
    """Return what stands for a value where only its equality matters."""
    return blake2b(value, digest_size=16).digest()
