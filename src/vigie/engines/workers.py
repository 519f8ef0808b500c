"""What runs in Spark's workers: entries are read, cut into batches, refined, and packed.

A worker knows nothing but its `Work`. What it makes of that (recipe, spool, reader) it makes once
and keeps for later batches.
"""

import pickle
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from vigie.contracts import Slicing
from vigie.engines.batch import Recipe, refine
from vigie.engines.wire import pack
from vigie.errors import ConfigError
from vigie.model.capture import Capture, Entry, RunEnd
from vigie.model.position import Slice, Span

if TYPE_CHECKING:
    import pyarrow as pa

PIECES: Final = "partition string, start long, end long, refined binary"
"""What workers give back: a span, and `wire.pack` of what its entries are."""
PIECE_ENTRIES: Final = 64
PIECE_BYTES: Final = 16 * 1024 * 1024

Rows = Iterator["pa.RecordBatch"]
Batches = Iterator[tuple[Span, list[Entry]]]


class Message(msgspec.Struct, frozen=True):
    """One message of Kafka, as Spark reads it."""

    partition: str
    """``topic/partition``."""
    offset: int
    value: bytes | None
    headers: list[tuple[str, bytes | None]]


@dataclass(frozen=True)
class Work:
    """What workers need. All of it is pickled: functions of modules, or partials of such, and
    nothing secret."""

    make_recipe: Callable[[], Recipe]
    consumer: str = "store"
    make_spool: Callable[[], Slicing] | None = None
    """Opens the spool whose slices are read."""
    make_reader: Callable[[], Callable[[Message], Entry | None]] | None = None
    """Makes what reads the entry of a message; None from it: nothing of ours."""


def sliced(rows: Rows, work: Work) -> Batches:
    """Yield, in a worker, the batches of the slices named by *rows*."""
    if work.make_spool is None:
        raise ConfigError("this work names no spool to read slices of")
    spool = made(work.make_spool)
    for batch in rows:
        for row in batch.to_pylist():
            yield from spool.read_slice(work.consumer, msgspec.convert(row, Slice))


def batches_of(rows: Rows, work: Work, positions: Mapping[str, int]) -> Batches:
    """Yield, in a worker, the batches that messages beyond *positions* make, cut as a spool does.

    A batch's span begins where the one before ended, so that offsets that hold no message (expired,
    compacted, marks of transactions) are no gap.
    """
    if work.make_reader is None:
        raise ConfigError("this work does not say how messages are read")
    read = made(work.make_reader)
    waiting: list[Entry] = []
    partition, start, end, size = "", 0, 0, 0
    for message in messages_in(rows):
        if message.partition != partition:
            if end > start:
                yield Span(work.consumer, partition, start, end), waiting
            partition, waiting, size = message.partition, [], 0
            start = end = positions.get(partition, 0)
        if message.offset < end:
            continue
        end = message.offset + 1
        if (entry := read(message)) is not None:
            waiting.append(entry)
            size += len(entry.body) if isinstance(entry, Capture) else 0
        # A run is judged before the next one's pages are stored, however they are batched.
        over = isinstance(entry, RunEnd)
        if over or len(waiting) >= PIECE_ENTRIES or size >= PIECE_BYTES:
            yield Span(work.consumer, partition, start, end), waiting
            waiting, start, size = [], end, 0
    if end > start:
        yield Span(work.consumer, partition, start, end), waiting


def messages_in(rows: Rows) -> Iterator[Message]:
    for batch in rows:
        for row in batch.to_pylist():
            yield Message(
                f"{row['topic']}/{row['partition']}", row["offset"], row["value"],
                list(zip(row["names"] or (), row["texts"] or (), strict=True)),
            )  # fmt: skip


def pieces(batches: Batches, work: Work) -> Rows:
    """Yield one record batch a piece: all that a worker gives back."""
    import pyarrow as pa

    recipe = made(work.make_recipe)
    names = ["partition", "start", "end", "refined"]
    for span, entries in batches:
        parcel = pack(refine(entries, recipe))
        yield pa.RecordBatch.from_arrays(
            [pa.array([span.partition]), pa.array([span.start]), pa.array([span.end]),
             pa.array([parcel], pa.binary())], names=names,
        )  # fmt: skip


_kept: dict[bytes, Any] = {}


def made(make: Callable[[], Any]) -> Any:
    """Return what *make* makes, once in a worker process: it lives on for later batches."""
    key = pickle.dumps(make)
    if key not in _kept:
        _kept[key] = make()
    return _kept[key]
