"""Where a reader of the spool stands, and what the feed's entries say."""

from datetime import datetime
from enum import StrEnum

import msgspec


class Span(msgspec.Struct, frozen=True):
    """Entries ``start <= ordinal < end`` of one partition, read by one consumer.

    A partition is a WARC segment with one writer, or a Kafka topic-partition. Ordinals survive
    erasure; byte offsets would not.
    """

    consumer: str
    partition: str
    start: int
    end: int


class Slice(msgspec.Struct, frozen=True):
    """Part of one partition, small enough for one worker: entries ``start <= ordinal < end``."""

    partition: str
    start: int
    end: int | None
    """None: all there is."""
    place: int = 0
    """Where to start looking for *start*, in a measure of the spool's own; 0: at the beginning."""


class What(StrEnum):
    """What a change says happened to a listing."""

    NEW = "new"
    CHANGED = "changed"
    FILLED = "filled"
    """A null was filled: not a change of the listing, but views must follow."""
    CLOSED = "closed"
    REOPENED = "reopened"
    REREAD = "reread"
    """Our reading changed, not the site: nobody is alerted."""
    LINKED = "linked"
    """Its cluster changed."""
    ERASED = "erased"


class Change(msgspec.Struct, frozen=True):
    """One entry of the feed: a pointer, not a copy. Read the row by its id when it is wanted."""

    seq: int
    kind: str
    id: str
    what: What
    at: datetime
