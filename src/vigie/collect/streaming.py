"""What listening to a stream needs beside a source: the stream's own part of it, the memory of
places, and when to end."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Protocol

from vigie.model.capture import Query


class Streaming(Protocol):
    """What a source of a stream has beside `vigie.contracts.Source`. Pure, like the rest of it."""

    def stream(self, resume: str | None) -> str:
        """Return the address of the stream, from *resume* on."""
        ...

    def keep(self, message: bytes, queries: Sequence[Query]) -> Sequence[str]:
        """Return the queries that *message* belongs to, one empty name for what concerns all."""
        ...

    def position(self, message: bytes) -> str | None:
        """Return where the stream is at *message*; None when it does not say."""
        ...

    def missed(self, resume: str, first: str) -> str | None:
        """Return what was missed when the stream, asked from *resume* on, began at *first*."""
        ...


class Places(Protocol):
    """The part of the agenda that remembers where to go on."""

    def resume(self, source: str, query: str) -> str | None:
        """Return where the last run of the query said to go on."""
        ...

    def stop_at(self, source: str, query: str, place: str | None) -> None:
        """Note where the next run of the query goes on."""
        ...


@dataclass(frozen=True, kw_only=True)
class Until:
    """When listening ends; never, when nothing is said."""

    stop: Event = field(default_factory=Event)
    seconds: float | None = None
    messages: int | None = None
    """So many messages kept."""
    failures: int | None = None
    """So many failed connections in a row."""
