"""The content hash of an instance: equal when the same captures were processed, in any split."""

import hashlib
from typing import Final

from sqlalchemy import Connection

from vigie.model.kinds import KINDS

_STATE: Final = ("id", "source", "native_id", "reading", "first_seen_at", "last_seen_at",
                 "changed_at", "status", "closed_at", "cluster")  # fmt: skip
_STREAM: Final = {"stream_results": True}
"""A server's rows come as they are read, not all at once into memory."""


def content_hash(connection: Connection) -> str:
    """Return a 128-bit hash, in hex, of identities, values, the site's history and clusters.

    Counters that sites move by themselves (`Field.volatile`) are left out, as are run ids,
    sequence numbers and processing times.
    """
    state = hashlib.blake2b(digest_size=16)
    for kind in KINDS.values():
        values = [field.name for field in kind.values if not field.volatile]
        columns = ", ".join(f'"{name}"' for name in (*_STATE, *values))
        sql = f'SELECT {columns} FROM "{kind.name}" ORDER BY id'
        for row in connection.exec_driver_sql(sql, execution_options=_STREAM):
            state.update(repr((kind.name, *row)).encode("utf-8", "surrogatepass"))
    history = (
        "SELECT listing_id, at, capture_id, field, old, new, cause FROM changes"
        " WHERE cause IN ('site', 'closed', 'reopened')"
        " ORDER BY listing_id, at, capture_id, field, cause"
    )
    for row in connection.exec_driver_sql(history, execution_options=_STREAM):
        state.update(repr(tuple(row)).encode("utf-8", "surrogatepass"))
    return state.hexdigest()
