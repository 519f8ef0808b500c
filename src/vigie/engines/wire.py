"""A refined batch as bytes, to be carried from the process that read it to the one that stores it.

One Arrow IPC blob a table, tagged by its name; what is no table is MessagePack. Nothing here is
kept: both ends are the same Vigie.
"""

from datetime import datetime
from io import BytesIO

import msgspec
import polars as pl

from vigie.model.capture import RunEnd
from vigie.model.frames import Refined
from vigie.model.removal import Removal


class _Parcel(msgspec.Struct, frozen=True, array_like=True):
    pages: bytes
    listings: dict[str, bytes]
    ends: tuple[RunEnd, ...]
    gone: tuple[tuple[str, str, datetime, str], ...]
    removed: tuple[tuple[str, Removal, datetime, str], ...]


def pack(batch: Refined) -> bytes:
    """Return *batch* as bytes."""
    listings = {name: _ipc(rows) for name, rows in batch.listings.items()}
    parcel = _Parcel(_ipc(batch.pages), listings, batch.ends, batch.gone, batch.removed)
    return msgspec.msgpack.encode(parcel)


def unpack(parcel: bytes) -> Refined:
    """Return the batch that `pack` was given."""
    told = msgspec.msgpack.decode(parcel, type=_Parcel)
    listings = {name: pl.read_ipc(blob) for name, blob in told.listings.items()}
    return Refined(pl.read_ipc(told.pages), listings, told.ends, told.gone, told.removed)


def _ipc(rows: pl.DataFrame) -> bytes:
    sink = BytesIO()
    rows.write_ipc(sink, compression="lz4")
    return sink.getvalue()
